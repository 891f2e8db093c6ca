package dev.parley.server.console.view;

import dev.parley.server.console.account.Permission;
import dev.parley.server.console.account.Role;
import java.util.List;

/**
 * What surrounds a page.
 *
 * @param csrf what every form must send
 * @param sentence where the federation stands
 */
public record Frame(String title, String path, String account, Role role, String csrf, String sentence) {
    /** The pages, in the order of the menu. */
    public static final List<Entry> MENU = List.of(
            new Entry("/", "Overview"),
            new Entry("/rounds", "Rounds"),
            new Entry("/metrics", "Metrics"),
            new Entry("/sites", "Sites"),
            new Entry("/versions", "Versions"),
            new Entry("/privacy", "Privacy"),
            new Entry("/enrolment", "Enrolment"),
            new Entry("/access", "Access"));

    /** One line of the menu. */
    public record Entry(String path, String name) {
        /** Whether {@code shown} is this page or one below it. */
        public boolean holds(String shown) {
            return path.equals("/") ? shown.equals("/") : shown.equals(path) || shown.startsWith(path + "/");
        }
    }

    /** Whether a form for it is worth showing; the gate decides again. */
    public boolean may(Permission permission) {
        return role.permits(permission);
    }
}
