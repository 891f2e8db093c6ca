package dev.parley.server.console;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.console.account.Accounts;
import dev.parley.server.console.account.ApiKeys;
import dev.parley.server.console.account.Caller;
import dev.parley.server.console.account.Permission;
import dev.parley.server.console.account.RepeatedRequests;
import dev.parley.server.console.view.CertificateView;
import dev.parley.server.console.view.EvaluationView;
import dev.parley.server.console.view.FederationView;
import dev.parley.server.console.view.Health;
import dev.parley.server.console.view.KeyView;
import dev.parley.server.console.view.NewKeyView;
import dev.parley.server.console.view.NewTokenView;
import dev.parley.server.console.view.Page;
import dev.parley.server.console.view.PrivacyView;
import dev.parley.server.console.view.Readiness;
import dev.parley.server.console.view.Reading;
import dev.parley.server.console.view.RevocationView;
import dev.parley.server.console.view.RoundSiteView;
import dev.parley.server.console.view.RoundView;
import dev.parley.server.console.view.SiteView;
import dev.parley.server.console.view.TokenView;
import dev.parley.server.console.view.UserView;
import dev.parley.server.console.view.VersionView;
import dev.parley.server.registry.Blobs;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The API, version 1: every route with who may use it, what it takes and what it answers. */
final class ApiRoutes {
    static final String ROOT = "/api/v1";
    static final String EVENTS_PATH = ROOT + "/events";

    private static final int USUAL_PAGE = 50;
    private static final int LARGEST_PAGE = 500;
    private static final String EVENTS = "text/event-stream";
    private static final Access READ = Access.needs(Permission.READ);
    private static final Access READ_ACCESS = Access.needs(Permission.READ_ACCESS);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Reading reading;
    private final Stewardship stewardship;
    private final Accounts accounts;
    private final ApiKeys keys;
    private final RepeatedRequests repeated;
    private final Blobs blobs;
    private final DataSource database;
    private final EventStream events;
    private final Gate gate;

    ApiRoutes(
            Reading reading,
            Stewardship stewardship,
            Accounts accounts,
            ApiKeys keys,
            RepeatedRequests repeated,
            Blobs blobs,
            DataSource database,
            EventStream events,
            Gate gate) {
        this.reading = reading;
        this.stewardship = stewardship;
        this.accounts = accounts;
        this.keys = keys;
        this.repeated = repeated;
        this.blobs = blobs;
        this.database = database;
        this.events = events;
        this.gate = gate;
    }

    List<Route> routes() {
        return List.of(
                Route.get(ROOT + "/health", Access.everyone(), "The coordinator runs", Health.class, this::health),
                Route.get(
                        ROOT + "/readiness",
                        Access.everyone(),
                        "The coordinator can do its work; 503 if not",
                        Readiness.class,
                        this::readiness),
                Route.other(ROOT + "/openapi.json", READ, "This document", Route.JSON, this::document),
                Route.other(
                        EVENTS_PATH,
                        READ,
                        "Each change of the federation, as server-sent events; resumes after Last-Event-ID",
                        EVENTS,
                        this::stream),
                Route.get(
                        ROOT + "/federation",
                        READ,
                        "Where the federation stands, and its settings",
                        FederationView.class,
                        ctx -> answer(ctx, reading.federation())),
                Route.list(
                        ROOT + "/rounds",
                        READ,
                        "Attempts at rounds, newest first",
                        RoundView.class,
                        ctx -> page(ctx, reading.rounds(), RoundView::id)),
                Route.other(ROOT + "/rounds.csv", READ, "Rounds and their metrics", "text/csv", this::roundsCsv),
                Route.get(
                        ROOT + "/rounds/{id}",
                        READ,
                        "One attempt at a round, named round-attempt",
                        RoundView.class,
                        ctx -> answer(ctx, round(ctx))),
                Route.other(
                        ROOT + "/rounds/{id}/sites.csv", READ, "The sites of a round", "text/csv", this::roundSitesCsv),
                Route.list(
                        ROOT + "/sites",
                        READ,
                        "Sites, ascending by name",
                        SiteView.class,
                        ctx -> page(ctx, reading.sites(), SiteView::site)),
                Route.get(ROOT + "/sites/{site}", READ, "One site", SiteView.class, this::site),
                Route.list(
                        ROOT + "/versions",
                        READ,
                        "Released models, newest first",
                        VersionView.class,
                        ctx -> page(ctx, reading.versions(), VersionView::model)),
                Route.get(
                        ROOT + "/versions/{model}",
                        READ,
                        "One released model",
                        VersionView.class,
                        ctx -> answer(ctx, version(ctx))),
                Route.other(
                        ROOT + "/versions/{model}/safetensors",
                        Access.needs(Permission.DOWNLOAD_MODEL),
                        "The weights of a released model",
                        "application/octet-stream",
                        this::safetensors),
                Route.get(
                        ROOT + "/privacy",
                        READ,
                        "What protects records, as far as the coordinator knows",
                        PrivacyView.class,
                        ctx -> answer(ctx, reading.privacy())),
                Route.list(
                        ROOT + "/tokens",
                        READ_ACCESS,
                        "The newest enrolment token of each site",
                        TokenView.class,
                        ctx -> page(ctx, reading.tokens(), TokenView::site)),
                Route.post(
                        ROOT + "/tokens",
                        Access.needs(Permission.MANAGE_TOKENS),
                        "Make a one-time enrolment token",
                        ApiRequests.NewToken.class,
                        NewTokenView.class,
                        once(this::newToken)),
                Route.delete(
                        ROOT + "/tokens/{site}",
                        Access.needs(Permission.MANAGE_TOKENS),
                        "Revoke a site's open token",
                        Void.class,
                        ctx -> {
                            stewardship.revokeToken(Gate.caller(ctx), ctx.pathParam("site"));
                            ctx.status(204);
                        }),
                Route.list(
                        ROOT + "/certificates",
                        READ_ACCESS,
                        "Certificates issued to sites",
                        CertificateView.class,
                        ctx -> page(ctx, reading.certificates(), CertificateView::serial)),
                Route.delete(
                        ROOT + "/certificates/{site}",
                        Access.needs(Permission.REVOKE_CERTIFICATES),
                        "Take every certificate of a site out of force, at once",
                        RevocationView.class,
                        ctx -> answer(ctx, stewardship.revokeCertificates(Gate.caller(ctx), ctx.pathParam("site")))),
                Route.list(
                        ROOT + "/users",
                        READ_ACCESS,
                        "Accounts",
                        UserView.class,
                        ctx -> page(ctx, users(), UserView::name)),
                Route.post(
                        ROOT + "/users",
                        Access.needs(Permission.MANAGE_ACCOUNTS),
                        "Make an account",
                        ApiRequests.NewUser.class,
                        UserView.class,
                        once(this::newUser)),
                Route.delete(
                        ROOT + "/users/{name}",
                        Access.needs(Permission.MANAGE_ACCOUNTS),
                        "Remove an account with its sessions and keys",
                        Void.class,
                        ctx -> {
                            stewardship.removeUser(Gate.caller(ctx), ctx.pathParam("name"));
                            ctx.status(204);
                        }),
                Route.list(
                        ROOT + "/keys",
                        READ_ACCESS,
                        "API keys, newest first",
                        KeyView.class,
                        ctx -> page(ctx, keys(), KeyView::id)),
                Route.post(
                        ROOT + "/keys",
                        Access.needs(Permission.MANAGE_OWN_KEYS),
                        "Make an API key",
                        ApiRequests.NewKey.class,
                        NewKeyView.class,
                        once(this::newKey)),
                Route.delete(
                        ROOT + "/keys/{id}",
                        Access.needs(Permission.MANAGE_OWN_KEYS),
                        "Remove an API key: one's own, or as an operator anybody's",
                        Void.class,
                        ctx -> {
                            stewardship.removeKey(Gate.caller(ctx), ctx.pathParam("id"));
                            ctx.status(204);
                        }));
    }

    private void health(Context ctx) throws IOException {
        answer(ctx, new Health("up"));
    }

    private void readiness(Context ctx) throws IOException {
        boolean answers;
        try (Connection connection = database.getConnection()) {
            answers = connection.isValid(2);
        } catch (SQLException e) {
            answers = false;
        }
        Readiness readiness = new Readiness(answers && reading.alive(), reading.alive(), answers);
        ctx.status(readiness.ready() ? 200 : 503);
        ctx.contentType(Route.JSON).result(JSON.writeValueAsBytes(readiness));
    }

    private void document(Context ctx) throws IOException {
        answer(ctx, OpenApi.document(routes()));
    }

    private void stream(Context ctx) throws IOException, SQLException {
        events.serve(ctx, () -> gate.stillKnown(ctx));
    }

    private RoundView round(Context ctx) {
        return reading.round(ctx.pathParam("id"))
                .orElseThrow(
                        () -> Problem.notFound("No such attempt at a round is remembered; a name is such as 3-0."));
    }

    private void site(Context ctx) throws IOException {
        String name = ctx.pathParam("site");
        answer(
                ctx,
                reading.sites().stream()
                        .filter(site -> site.site().equals(name))
                        .findFirst()
                        .orElseThrow(() -> Problem.notFound("No such site has attached or is enrolled.")));
    }

    private VersionView version(Context ctx) {
        String model = ctx.pathParam("model");
        return reading.versions().stream()
                .filter(version -> version.model().equals(model))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("No such version was released here."));
    }

    private void safetensors(Context ctx) throws IOException {
        // Only what is listed as a version: the blobs also hold rosters and documents.
        String model = version(ctx).model();
        byte[] bytes = blobs.read(new ContentHash(model))
                .orElseThrow(
                        () -> Problem.notFound("The version's bytes are not on this coordinator's disk any more."));
        ctx.header("Content-Disposition", "attachment; filename=\"" + model.substring(0, 16) + ".safetensors\"");
        if (!EntityTag.matches(ctx, model)) {
            ctx.contentType("application/octet-stream").result(bytes);
        }
    }

    private void roundsCsv(Context ctx) {
        Csv csv = new Csv(
                "round",
                "attempt",
                "task",
                "state",
                "reason",
                "started",
                "ended",
                "millis",
                "invited",
                "counted",
                "refused",
                "lost",
                "smallest_sum",
                "model",
                "records",
                "accuracy",
                "accuracy_low",
                "accuracy_high",
                "auroc",
                "macro_f1",
                "ece",
                "brier");
        for (RoundView round : reading.rounds()) {
            EvaluationView e = round.evaluation();
            csv.row(Arrays.asList(
                    round.round(),
                    round.attempt(),
                    round.task(),
                    round.state(),
                    round.reason(),
                    round.started(),
                    round.ended(),
                    round.millis(),
                    round.invited(),
                    round.counted(),
                    round.refused(),
                    round.lost(),
                    round.smallestSum(),
                    round.model(),
                    e == null ? null : e.n(),
                    e == null ? null : e.accuracy(),
                    e == null ? null : e.accuracyLow(),
                    e == null ? null : e.accuracyHigh(),
                    e == null ? null : e.auroc(),
                    e == null ? null : e.macroF1(),
                    e == null ? null : e.ece(),
                    e == null ? null : e.brier()));
        }
        csv(ctx, "rounds.csv", csv);
    }

    private void roundSitesCsv(Context ctx) {
        RoundView round = round(ctx);
        Csv csv = new Csv("site", "fate", "invited", "accepted", "submitted", "refused", "evaluated");
        for (RoundSiteView site : round.sites()) {
            csv.row(Arrays.asList(
                    site.site(),
                    site.fate(),
                    site.invited(),
                    site.accepted(),
                    site.submitted(),
                    site.refused(),
                    site.evaluated()));
        }
        csv(ctx, "round-" + round.id() + "-sites.csv", csv);
    }

    private static void csv(Context ctx, String name, Csv csv) {
        ctx.header("Content-Disposition", "attachment; filename=\"" + name + "\"");
        ctx.contentType("text/csv; charset=utf-8").result(csv.toString());
    }

    List<UserView> users() throws SQLException {
        return accounts.list().stream()
                .map(account -> new UserView(
                        account.name(),
                        account.role().word(),
                        account.created().toString(),
                        account.lastLogin().map(Instant::toString).orElse(null)))
                .toList();
    }

    List<KeyView> keys() throws SQLException {
        return keys.list().stream()
                .map(key -> new KeyView(
                        key.id(),
                        key.label(),
                        key.role().word(),
                        key.account(),
                        key.created().toString(),
                        key.expires().toString(),
                        key.lastUsed().map(Instant::toString).orElse(null)))
                .toList();
    }

    /**
     * What a request has made.
     *
     * @param remembered the same without secrets, for whoever asks again
     */
    private record Made(Object answer, Object remembered) {}

    private interface Making {
        Made make(Caller by, byte[] body) throws IOException, SQLException;
    }

    private Made newToken(Caller by, byte[] body) throws IOException {
        ApiRequests.NewToken request = read(body, ApiRequests.NewToken.class);
        NewTokenView made = stewardship.createToken(by, request.site(), request.hours());
        return new Made(made, new NewTokenView(made.site(), made.expires(), null));
    }

    private Made newUser(Caller by, byte[] body) throws IOException, SQLException {
        ApiRequests.NewUser request = read(body, ApiRequests.NewUser.class);
        stewardship.createUser(by, request.name(), request.password(), request.role());
        UserView made = users().stream()
                .filter(user ->
                        user.name().equals(String.valueOf(request.name()).strip()))
                .findFirst()
                .orElseThrow(() -> Problem.conflict("The account was removed at the same moment."));
        return new Made(made, made);
    }

    private Made newKey(Caller by, byte[] body) throws IOException, SQLException {
        ApiRequests.NewKey request = read(body, ApiRequests.NewKey.class);
        NewKeyView made = stewardship.createKey(by, request.label(), request.role(), request.days());
        return new Made(made, new NewKeyView(made.id(), made.label(), made.role(), made.expires(), null));
    }

    /** Carries a request out once for each Idempotency-Key, or each time if it has none. */
    private io.javalin.http.Handler once(Making making) {
        return ctx -> {
            if (!String.valueOf(ctx.contentType()).startsWith(Route.JSON)) {
                throw new Problem(415, "Not JSON", "Send the body as Content-Type: application/json.");
            }
            Caller by = Gate.caller(ctx);
            byte[] body = ctx.bodyAsBytes();
            String key = ctx.header("Idempotency-Key");
            if (key == null) {
                made(ctx, 201, JSON.writeValueAsString(making.make(by, body).answer()));
                return;
            }
            if (!key.matches("[\\x21-\\x7e]{1,128}")) {
                throw Problem.badRequest("An Idempotency-Key is 1 to 128 printable characters without spaces.");
            }
            ContentHash request =
                    ContentHash.of((ctx.path() + "\n" + new String(told(ctx.path(), body), StandardCharsets.UTF_8))
                            .getBytes(StandardCharsets.UTF_8));
            switch (repeated.begin(by.account(), key, request)) {
                case RepeatedRequests.Verdict.First first -> first(ctx, by, key, body, making);
                case RepeatedRequests.Verdict.Answered answered -> {
                    ctx.header("Idempotent-Replayed", "true");
                    made(ctx, answered.status(), answered.body());
                }
                case RepeatedRequests.Verdict.UnderWay underWay ->
                    throw Problem.conflict("The first request with this Idempotency-Key is still being carried out.");
                case RepeatedRequests.Verdict.OtherRequest other ->
                    throw new Problem(
                            422, "Key used before", "This Idempotency-Key came with another request; draw a new one.");
            }
        };
    }

    /** What tells two requests apart; never a password: from its plain hash in the database it could be guessed. */
    private static byte[] told(String path, byte[] body) throws IOException {
        if (!path.equals(ROOT + "/users")) {
            return body;
        }
        ApiRequests.NewUser user = read(body, ApiRequests.NewUser.class);
        return JSON.writeValueAsBytes(new ApiRequests.NewUser(user.name(), null, user.role()));
    }

    private void first(Context ctx, Caller by, String key, byte[] body, Making making)
            throws IOException, SQLException {
        Made made;
        try {
            made = making.make(by, body);
        } catch (IOException | SQLException | RuntimeException e) {
            repeated.failed(by.account(), key);
            throw e;
        }
        repeated.answered(by.account(), key, 201, JSON.writeValueAsString(made.remembered()));
        made(ctx, 201, JSON.writeValueAsString(made.answer()));
    }

    private static void made(Context ctx, int status, String body) {
        ctx.status(status).contentType(Route.JSON).result(body);
    }

    private static <T> T read(byte[] body, Class<T> type) throws IOException {
        try {
            T read = JSON.readValue(body, type);
            if (read == null) {
                throw Problem.badRequest("The body is null, expected an object.");
            }
            return read;
        } catch (JacksonException e) {
            // Jackson's own words would quote the body.
            throw Problem.badRequest(
                    "The body is not the JSON object that " + ROOT + "/openapi.json describes for it.");
        }
    }

    private static <T> void page(Context ctx, List<T> all, Function<T, String> id) throws IOException {
        int limit = limit(ctx.queryParam("limit"));
        String cursor = ctx.queryParam("cursor");
        int from = 0;
        if (cursor != null) {
            while (from < all.size() && !id.apply(all.get(from)).equals(cursor)) {
                from++;
            }
            if (from == all.size()) {
                throw Problem.badRequest("The cursor names nothing that is there any more; begin again without it.");
            }
        }
        int to = Math.min(all.size(), from + limit);
        answer(ctx, new Page<>(all.subList(from, to), to < all.size() ? id.apply(all.get(to)) : null));
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return USUAL_PAGE;
        }
        return Optional.of(text)
                .filter(value -> value.matches("\\d{1,4}"))
                .map(Integer::parseInt)
                .filter(value -> value >= 1 && value <= LARGEST_PAGE)
                .orElseThrow(() -> Problem.badRequest("limit is a whole number from 1 to " + LARGEST_PAGE + "."));
    }

    private static void answer(Context ctx, Object value) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(value);
        ctx.header("Cache-Control", "private, no-cache");
        if (!EntityTag.matches(ctx, ContentHash.of(bytes).abbreviated())) {
            ctx.contentType(Route.JSON).result(bytes);
        }
    }
}
