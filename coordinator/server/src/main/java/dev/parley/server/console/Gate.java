package dev.parley.server.console;

import dev.parley.server.console.account.ApiKeys;
import dev.parley.server.console.account.Caller;
import dev.parley.server.console.account.Sessions;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HandlerType;
import io.javalin.http.SameSite;
import io.javalin.security.RouteRole;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one place where it is decided who may do what.
 *
 * <p><b>Guarantees</b>: a route without an access rule is shut; a request under a foreign host name is refused, so that a page of
 * somebody else's cannot reach a console on loopback by its own name (DNS rebinding); a request that changes something comes from
 * this console's own pages or from a script with a key. <b>Does not</b> limit attempts to log in: the login does.
 */
final class Gate {
    /** Sent by a page that refreshes itself: it keeps no session alive. */
    static final String LIVE_HEADER = "X-Parley-Live";

    static final String CSRF_HEADER = "X-CSRF-Token";
    static final String CSRF_FIELD = "csrf";

    private static final String CALLER = "parley.caller";
    private static final String BEARER = "Bearer ";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Sessions sessions;
    private final ApiKeys keys;
    private final Set<String> hosts;
    private final boolean tls;

    /** @param names host names and addresses by which the console may be called, besides loopback's */
    Gate(Sessions sessions, ApiKeys keys, List<String> names, boolean tls) {
        this.sessions = sessions;
        this.keys = keys;
        this.tls = tls;
        this.hosts = Stream.concat(names.stream(), LOOPBACK.stream())
                .map(name -> name.indexOf(':') >= 0 && !name.startsWith("[") ? "[" + name + "]" : name)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Asked before every route's own handler. */
    void check(Context ctx) throws SQLException {
        Set<RouteRole> roles = ctx.routeRoles();
        if (roles.size() != 1 || !(roles.iterator().next() instanceof Access access)) {
            throw Problem.forbidden("This address has no access rule, so nobody may use it; please report it.");
        }
        requireOwnHost(ctx);
        if (changes(ctx) && bearer(ctx).isEmpty()) {
            requireOwnOrigin(ctx);
        }
        switch (access) {
            case Access.Everyone everyone -> {}
            case Access.Needs needs -> admit(ctx, needs);
        }
    }

    private void admit(Context ctx, Access.Needs needs) throws SQLException {
        boolean api = isApi(ctx);
        Caller caller = known(ctx)
                .orElseThrow(() -> new Problem(
                        401,
                        "Not logged in",
                        api
                                ? "Send an API key as 'Authorization: Bearer ...'; make one in the console under Access."
                                : "The session has ended; log in again."));
        if (!caller.role().permits(needs.permission())) {
            throw Problem.forbidden("The role " + caller.role().word() + " does not permit "
                    + needs.permission().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                    + "; ask an operator.");
        }
        if (caller instanceof Caller.Person person && changes(ctx)) {
            requireCsrf(ctx, person);
        }
        ctx.attribute(CALLER, caller);
    }

    private static Optional<String> bearer(Context ctx) {
        String header = ctx.header("Authorization");
        return header != null && header.startsWith(BEARER)
                ? Optional.of(header.substring(BEARER.length()).strip())
                : Optional.empty();
    }

    private Optional<? extends Caller> known(Context ctx) throws SQLException {
        Optional<String> bearer = bearer(ctx);
        return bearer.isPresent() && isApi(ctx) ? keys.find(bearer.get()) : person(ctx);
    }

    /** Whether whoever was let in still would be; a stream asks again and again. */
    boolean stillKnown(Context ctx) throws SQLException {
        return known(ctx).isPresent();
    }

    /** Whoever holds this browser's session. What a page asks for by itself is no use of it. */
    private Optional<Caller.Person> person(Context ctx) throws SQLException {
        String word = ctx.cookie(cookieName());
        boolean byItself = ctx.header(LIVE_HEADER) != null || ctx.path().equals(ApiRoutes.EVENTS_PATH);
        return word == null ? Optional.empty() : sessions.find(word, !byItself);
    }

    /** Who has been let in. */
    static Caller caller(Context ctx) {
        Caller caller = ctx.attribute(CALLER);
        if (caller == null) {
            throw Problem.forbidden("Nobody was let in here.");
        }
        return caller;
    }

    static boolean isApi(Context ctx) {
        return ctx.path().startsWith("/api/") || ctx.path().equals("/api");
    }

    private static boolean changes(Context ctx) {
        HandlerType method = ctx.method();
        return !(method.equals(HandlerType.GET)
                || method.equals(HandlerType.HEAD)
                || method.equals(HandlerType.OPTIONS));
    }

    private void requireOwnHost(Context ctx) {
        String host = String.valueOf(ctx.host()).toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
        if (!hosts.contains(host)) {
            throw new Problem(
                    421,
                    "Not this host",
                    "This console does not answer to the name that was asked for; add it to console.names if it should.");
        }
    }

    // Browsers say where a request comes from; programs that are no browsers hold no session to be abused.
    private void requireOwnOrigin(Context ctx) {
        String site = ctx.header("Sec-Fetch-Site");
        String origin = ctx.header("Origin");
        boolean foreignSite = site != null && !site.equals("same-origin") && !site.equals("none");
        if (foreignSite || (origin != null && !isOwn(origin, ctx))) {
            throw Problem.forbidden(
                    "The request comes from another site's page; open the console itself and try again.");
        }
    }

    private boolean isOwn(String origin, Context ctx) {
        try {
            URI uri = URI.create(origin);
            return (tls ? "https" : "http").equals(uri.getScheme())
                    && String.valueOf(uri.getAuthority()).equalsIgnoreCase(String.valueOf(ctx.host()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void requireCsrf(Context ctx, Caller.Person person) {
        String header = ctx.header(CSRF_HEADER);
        @Nullable String offered = header != null ? header : isApi(ctx) ? null : ctx.formParam(CSRF_FIELD);
        if (offered == null
                || !MessageDigest.isEqual(
                        offered.getBytes(StandardCharsets.UTF_8), person.csrf().getBytes(StandardCharsets.UTF_8))) {
            throw Problem.forbidden("The page is too old to change something with; load it again and repeat.");
        }
    }

    /** Sets the cookie of a session just begun. */
    void keep(Context ctx, String word) {
        ctx.cookie(cookie(word, (int) sessions.absolute().toSeconds()));
    }

    /** Ends this browser's session, if it has one. */
    void forget(Context ctx) throws SQLException {
        String word = ctx.cookie(cookieName());
        if (word != null) {
            sessions.end(word);
        }
        ctx.cookie(cookie("", (int) Duration.ZERO.toSeconds()));
    }

    // The prefix makes browsers insist on Secure, the whole path and no domain.
    private String cookieName() {
        return tls ? "__Host-parley" : "parley";
    }

    private Cookie cookie(String word, int seconds) {
        return new Cookie(cookieName(), word, "/", seconds, tls, true, null, SameSite.LAX);
    }
}
