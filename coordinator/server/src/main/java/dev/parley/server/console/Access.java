package dev.parley.server.console;

import dev.parley.server.console.account.Permission;
import io.javalin.security.RouteRole;

/** Who may use a route. Every route has exactly one. */
sealed interface Access extends RouteRole {
    /** Anybody who reaches the port: log in, see that the coordinator is alive, style sheets. */
    record Everyone() implements Access {}

    /** Who is logged in, or has a key, and whose role permits it. */
    record Needs(Permission permission) implements Access {}

    static Access everyone() {
        return new Everyone();
    }

    static Access needs(Permission permission) {
        return new Needs(permission);
    }
}
