package dev.parley.server.console;

import dev.parley.server.console.account.Accounts;
import dev.parley.server.console.account.Caller;
import dev.parley.server.console.account.Permission;
import dev.parley.server.console.account.Sessions;
import dev.parley.server.console.account.SetupLink;
import dev.parley.server.console.view.Frame;
import dev.parley.server.console.view.Gantt;
import dev.parley.server.console.view.Reading;
import dev.parley.server.console.view.RoundView;
import dev.parley.server.identity.AttemptLimit;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pages. Each shows what the API answers, and changes what the API changes. */
final class PageRoutes {
    /** Wrong passwords in a minute, from one address or for one account. */
    private static final int FAILURES_PER_MINUTE = 10;

    private static final Access READ = Access.needs(Permission.READ);
    private static final Access READ_ACCESS = Access.needs(Permission.READ_ACCESS);

    private final Reading reading;
    private final Stewardship stewardship;
    private final Accounts accounts;
    private final Sessions sessions;
    private final SetupLink setup;
    private final ApiRoutes api;
    private final Gate gate;
    private final InstantSource clock;
    private final AttemptLimit attempts;
    private final TemplateEngine templates = TemplateEngine.createPrecompiled(
            null, ContentType.Html, PageRoutes.class.getClassLoader(), "dev.parley.server.console.page");

    PageRoutes(
            Reading reading,
            Stewardship stewardship,
            Accounts accounts,
            Sessions sessions,
            SetupLink setup,
            ApiRoutes api,
            Gate gate,
            InstantSource clock) {
        this.reading = reading;
        this.stewardship = stewardship;
        this.accounts = accounts;
        this.sessions = sessions;
        this.setup = setup;
        this.api = api;
        this.gate = gate;
        this.clock = clock;
        this.attempts = new AttemptLimit(FAILURES_PER_MINUTE, clock);
    }

    void register(RoutesConfig routes) {
        routes.get("/login", ctx -> door(ctx, "login", null), Access.everyone());
        routes.post("/login", this::login, Access.everyone());
        routes.get("/setup", ctx -> door(ctx, "setup", null), Access.everyone());
        routes.post("/setup", this::setUp, Access.everyone());
        routes.post("/logout", this::logout, READ);
        routes.get(
                "/",
                ctx -> page(
                        ctx,
                        "overview",
                        "Overview",
                        Map.of("federation", reading.federation(), "rounds", reading.rounds())),
                READ);
        routes.get("/rounds", ctx -> page(ctx, "rounds", "Rounds", Map.of("rounds", reading.rounds())), READ);
        routes.get("/rounds/{id}", this::round, READ);
        routes.get("/metrics", ctx -> page(ctx, "metrics", "Metrics", Map.of("rounds", reading.rounds())), READ);
        routes.get("/sites", ctx -> page(ctx, "sites", "Sites", Map.of("sites", reading.sites())), READ);
        routes.get("/versions", ctx -> page(ctx, "versions", "Versions", Map.of("versions", reading.versions())), READ);
        routes.get("/privacy", ctx -> page(ctx, "privacy", "Privacy", Map.of("privacy", reading.privacy())), READ);
        routes.get("/enrolment", ctx -> enrolment(ctx, null), READ_ACCESS);
        routes.post("/enrolment/create", this::createToken, Access.needs(Permission.MANAGE_TOKENS));
        routes.post("/enrolment/revoke", this::revokeToken, Access.needs(Permission.MANAGE_TOKENS));
        routes.post("/certificates/revoke", this::revokeCertificates, Access.needs(Permission.REVOKE_CERTIFICATES));
        routes.get("/access", ctx -> access(ctx, null), READ_ACCESS);
        routes.post("/access/users", this::createUser, Access.needs(Permission.MANAGE_ACCOUNTS));
        routes.post("/access/users/remove", this::removeUser, Access.needs(Permission.MANAGE_ACCOUNTS));
        routes.post("/access/keys", this::createKey, Access.needs(Permission.MANAGE_OWN_KEYS));
        routes.post("/access/keys/remove", this::removeKey, Access.needs(Permission.MANAGE_OWN_KEYS));
    }

    private void round(Context ctx) {
        RoundView round = reading.round(ctx.pathParam("id"))
                .orElseThrow(() -> Problem.notFound("No such attempt at a round is remembered."));
        page(ctx, "round", "Round " + round.round(), Map.of("round", round, "gantt", Gantt.of(round, clock.instant())));
    }

    private void enrolment(Context ctx, @Nullable Object made) throws IOException {
        Map<String, Object> data = new HashMap<>();
        data.put("tokens", reading.tokens());
        data.put("certificates", reading.certificates());
        data.put("made", made);
        page(ctx, "enrolment", "Enrolment", data);
    }

    private void access(Context ctx, @Nullable Object made) throws IOException, SQLException {
        Map<String, Object> data = new HashMap<>();
        data.put("users", api.users());
        data.put("keys", api.keys());
        data.put("made", made);
        page(ctx, "access", "Access", data);
    }

    private void createToken(Context ctx) throws IOException {
        enrolment(ctx, stewardship.createToken(Gate.caller(ctx), ctx.formParam("site"), null));
    }

    private void revokeToken(Context ctx) throws IOException {
        stewardship.revokeToken(Gate.caller(ctx), ctx.formParam("site"));
        ctx.redirect("/enrolment", HttpStatus.SEE_OTHER);
    }

    private void revokeCertificates(Context ctx) throws IOException {
        stewardship.revokeCertificates(Gate.caller(ctx), ctx.formParam("site"));
        ctx.redirect("/enrolment", HttpStatus.SEE_OTHER);
    }

    private void createUser(Context ctx) throws SQLException {
        stewardship.createUser(
                Gate.caller(ctx), ctx.formParam("name"), ctx.formParam("password"), ctx.formParam("role"));
        ctx.redirect("/access", HttpStatus.SEE_OTHER);
    }

    private void removeUser(Context ctx) throws SQLException {
        stewardship.removeUser(Gate.caller(ctx), String.valueOf(ctx.formParam("name")));
        ctx.redirect("/access", HttpStatus.SEE_OTHER);
    }

    private void createKey(Context ctx) throws IOException, SQLException {
        access(ctx, stewardship.createKey(Gate.caller(ctx), ctx.formParam("label"), ctx.formParam("role"), null));
    }

    private void removeKey(Context ctx) throws SQLException {
        stewardship.removeKey(Gate.caller(ctx), String.valueOf(ctx.formParam("id")));
        ctx.redirect("/access", HttpStatus.SEE_OTHER);
    }

    private void login(Context ctx) throws SQLException {
        String name = Optional.ofNullable(ctx.formParam("name")).orElse("");
        String password = Optional.ofNullable(ctx.formParam("password")).orElse("");
        String byAddress = "address " + ctx.ip();
        String byAccount = "account " + (name.length() > 64 ? "" : name);
        if (!attempts.begin(byAddress, byAccount)) {
            ctx.status(429).header("Retry-After", "60");
            door(ctx, "login", "Too many attempts. Wait a minute, then try again.");
            return;
        }
        Optional<Accounts.Account> account = accounts.authenticate(name, password);
        if (account.isEmpty()) {
            ctx.status(401);
            door(ctx, "login", "The name or the password is wrong.");
            return;
        }
        attempts.succeeded(byAddress);
        attempts.succeeded(byAccount);
        enter(ctx, account.get().name());
    }

    private void setUp(Context ctx) throws SQLException {
        String word = Optional.ofNullable(ctx.formParam("word")).orElse("");
        String name = Optional.ofNullable(ctx.formParam("name")).orElse("");
        if (!setup.opens(word)) {
            throw Problem.forbidden(
                    "This link has been used or is an old one; log in, or start the coordinator again if"
                            + " there is no account yet.");
        }
        switch (accounts.createFirst(
                name, Optional.ofNullable(ctx.formParam("password")).orElse(""))) {
            case Accounts.Outcome.Refused refused -> {
                ctx.status(400);
                door(ctx, "setup", refused.rule());
            }
            case Accounts.Outcome.Done done -> {
                setup.shut();
                enter(ctx, name);
            }
        }
    }

    /** A word that the browser brought along is ended, never continued: nobody can fix a session for somebody else. */
    private void enter(Context ctx, String account) throws SQLException {
        gate.forget(ctx);
        gate.keep(ctx, sessions.begin(account));
        ctx.redirect(onwards(ctx.formParam("next")), HttpStatus.SEE_OTHER);
    }

    /** Only a path of ours is followed. */
    private static String onwards(@Nullable String next) {
        return next != null && next.matches("/([A-Za-z0-9_-][A-Za-z0-9/_.-]*)?") ? next : "/";
    }

    private void logout(Context ctx) throws SQLException {
        gate.forget(ctx);
        ctx.redirect("/login", HttpStatus.SEE_OTHER);
    }

    /** A page before the login. */
    private void door(Context ctx, String template, @Nullable String error) {
        Map<String, Object> data = new HashMap<>();
        data.put("error", error);
        data.put("next", Optional.ofNullable(ctx.queryParam("next")).orElse(""));
        String word = ctx.queryParam("word");
        data.put(
                "word",
                word != null ? word : Optional.ofNullable(ctx.formParam("word")).orElse(""));
        render(ctx, template, data);
    }

    private void page(Context ctx, String template, String title, Map<String, Object> data) {
        Caller caller = Gate.caller(ctx);
        String csrf = caller instanceof Caller.Person person ? person.csrf() : "";
        Map<String, Object> shown = new HashMap<>(data);
        shown.put(
                "frame",
                new Frame(
                        title,
                        ctx.path(),
                        caller.account(),
                        caller.role(),
                        csrf,
                        reading.federation().sentence()));
        render(ctx, template, shown);
    }

    /** An error as a page; who is not logged in is led to the login. */
    void problem(Context ctx, Problem problem) {
        if (problem.status() == 401) {
            String login = "/login?next=" + URLEncoder.encode(ctx.path(), StandardCharsets.UTF_8);
            if (ctx.header("HX-Request") == null) {
                ctx.redirect(login, HttpStatus.SEE_OTHER);
            } else {
                ctx.header("HX-Redirect", login);
            }
            return;
        }
        render(ctx, "problem", Map.of("title", problem.title(), "detail", problem.detail()));
    }

    private void render(Context ctx, String template, Map<String, Object> data) {
        StringOutput out = new StringOutput(1 << 14);
        templates.render(template + ".jte", data, out);
        ctx.contentType("text/html; charset=utf-8").result(out.toString());
    }
}
