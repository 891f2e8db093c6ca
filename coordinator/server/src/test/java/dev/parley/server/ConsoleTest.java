package dev.parley.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.update.ContentHash;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console of a real coordinator after a real federation, as scripts and hostile callers meet it. */
class ConsoleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PAGES = List.of(
            "/", "/rounds", "/rounds/0-0", "/metrics", "/sites", "/versions", "/privacy", "/enrolment", "/access");
    private static final Set<String> AUDITOR = Set.of("READ", "READ_ACCESS", "MANAGE_OWN_KEYS");

    @TempDir
    static Path folder;

    private static WatchedFederation federation;
    private static HttpClient ada;
    private static String operatorKey;
    private static String auditorKey;

    @BeforeAll
    static void start() throws Exception {
        federation = WatchedFederation.in(folder, "none");
        federation.goOn();
        federation.attend();
        federation.awaitEnd();
        ada = federation.operator();
        operatorKey = key("operator");
        auditorKey = key("auditor");
    }

    @AfterAll
    static void stop() throws Exception {
        federation.close();
    }

    private static String key(String role) throws Exception {
        String page = federation
                .post(
                        ada,
                        "/access/keys",
                        Map.of("csrf", federation.csrf(ada, "/access"), "label", "<script>x</script>\"'", "role", role))
                .body();
        Matcher found =
                Pattern.compile("parleykey\\.[A-Za-z0-9]+\\.[A-Za-z0-9_-]+").matcher(page);
        assertTrue(found.find(), page);
        return found.group();
    }

    private static HttpResponse<String> api(String method, String path, String key, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(federation.at(path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode read(String path) throws Exception {
        HttpResponse<String> answer = api("GET", path, auditorKey, null);
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    @Test
    void tellsTheFederationsStory() throws Exception {
        JsonNode rounds = read("/api/v1/rounds").path("items");
        assertEquals(2, rounds.size());
        for (JsonNode round : rounds) {
            assertEquals("released", round.path("state").asText());
            assertEquals(2, round.path("counted").asInt());
            assertEquals(2, round.path("sites").size());
            assertEquals("counted", round.path("sites").get(0).path("fate").asText());
            assertTrue(round.path("phases").size() >= 3, round.toString());
            JsonNode evaluation = round.path("evaluation");
            assertEquals(0.75, evaluation.path("accuracy").asDouble());
            // Wilson's interval for 6 of 8, as published tables have it.
            assertEquals(0.409, evaluation.path("accuracyLow").asDouble(), 0.001);
            assertEquals(0.929, evaluation.path("accuracyHigh").asDouble(), 0.001);
        }
        JsonNode versions = read("/api/v1/versions").path("items");
        assertEquals(3, versions.size());
        assertEquals(versions.get(1).path("model"), versions.get(0).path("parent"));
        assertEquals(versions.get(2).path("model"), versions.get(1).path("parent"));
        String newest = versions.get(0).path("model").asText();
        HttpRequest request = HttpRequest.newBuilder(federation.at("/api/v1/versions/" + newest + "/safetensors"))
                .header("Authorization", "Bearer " + operatorKey)
                .build();
        byte[] weights = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertEquals(newest, ContentHash.of(weights).hex());
        JsonNode site = read("/api/v1/sites").path("items").get(0);
        assertEquals("north", site.path("site").asText());
        assertEquals(2, site.path("counted").asInt());
        assertFalse(site.path("certificateExpires").isNull());
    }

    @Test
    void answersAsItsOwnDescriptionSays() throws Exception {
        JsonNode document = read("/api/v1/openapi.json");
        int checked = 0;
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            JsonNode schema = path.getValue().at("/get/responses/200/content/application~1json/schema");
            if (schema.isMissingNode()) {
                continue;
            }
            String newest =
                    read("/api/v1/versions").path("items").get(0).path("model").asText();
            String address = path.getKey()
                    .replace("{id}", "0-0")
                    .replace("{site}", "north")
                    .replace("{model}", newest);
            Schemas.check(document, schema, read(address), address);
            checked++;
        }
        assertTrue(checked >= 14, "only " + checked + " answers were checked");
    }

    @Test
    void letsNobodyDoWhatTheirRoleDoesNotPermit() throws Exception {
        JsonNode document = read("/api/v1/openapi.json");
        Set<String> open = new TreeSet<>();
        int closed = 0;
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                String method = operation.getKey().toUpperCase(java.util.Locale.ROOT);
                String address = path.getKey().replaceAll("\\{[a-z]+}", "nothing");
                String permission = operation.getValue().path("x-permission").asText("");
                if (permission.isEmpty()) {
                    open.add(path.getKey());
                    continue;
                }
                if (path.getKey().endsWith("/events")) {
                    assertEquals(401, status(method, address, null));
                    continue;
                }
                closed++;
                assertEquals(401, status(method, address, null), method + address);
                assertEquals(401, status(method, address, "parleykey.abc.def"), method + address);
                boolean permitted = AUDITOR.contains(permission);
                int auditor = status(method, address, auditorKey);
                assertEquals(!permitted, auditor == 403, method + address + " gave an auditor " + auditor);
                assertNotEquals(401, auditor);
                int operator = status(method, address, operatorKey);
                assertTrue(operator != 401 && operator != 403 && operator < 500, method + address + " " + operator);
            }
        }
        assertEquals(Set.of("/api/v1/health", "/api/v1/readiness"), open);
        assertTrue(closed >= 20, "only " + closed);
        for (String page : PAGES) {
            HttpResponse<String> answer = federation.get(WatchedFederation.browser(), page);
            assertEquals(303, answer.statusCode(), page);
            assertTrue(answer.headers().firstValue("Location").orElse("").startsWith("/login"), page);
        }
    }

    private static int status(String method, String address, String key) throws Exception {
        return api(method, address, key, method.equals("POST") ? "{}" : null).statusCode();
    }

    @Test
    void makesATokenOnceHoweverOftenItIsAsked() throws Exception {
        String[] repeat = {"Idempotency-Key", "a-key-of-this-test"};
        HttpResponse<String> first = api("POST", "/api/v1/tokens", operatorKey, "{\"site\":\"ward-1\"}", repeat);
        HttpResponse<String> second = api("POST", "/api/v1/tokens", operatorKey, "{\"site\":\"ward-1\"}", repeat);
        HttpResponse<String> other = api("POST", "/api/v1/tokens", operatorKey, "{\"site\":\"ward-2\"}", repeat);

        assertEquals(201, first.statusCode(), first.body());
        assertTrue(JSON.readTree(first.body()).path("token").asText().startsWith("parley1."));
        assertEquals(201, second.statusCode());
        assertEquals("true", second.headers().firstValue("Idempotent-Replayed").orElse(""));
        assertTrue(JSON.readTree(second.body()).path("token").isNull(), "a secret is shown once");
        assertEquals(422, other.statusCode());
        JsonNode tokens = read("/api/v1/tokens").path("items");
        assertTrue(tokens.toString().contains("\"site\":\"ward-1\",\"state\":\"open\""), tokens.toString());
        assertEquals(
                204, api("DELETE", "/api/v1/tokens/ward-1", operatorKey, null).statusCode());
        assertEquals(
                404, api("DELETE", "/api/v1/tokens/ward-1", operatorKey, null).statusCode());
    }

    @Test
    void pagesListsAndAnswersWhatHasNotChangedWithoutABody() throws Exception {
        JsonNode first = read("/api/v1/rounds?limit=1");
        assertEquals(1, first.path("items").size());
        JsonNode second =
                read("/api/v1/rounds?limit=1&cursor=" + first.path("next").asText());
        assertEquals("0-0", second.path("items").get(0).path("id").asText());
        assertTrue(second.path("next").isNull());
        HttpResponse<String> bad = api("GET", "/api/v1/rounds?limit=0", auditorKey, null);
        assertEquals(400, bad.statusCode());
        assertEquals(
                "application/problem+json",
                bad.headers().firstValue("Content-Type").orElse(""));
        String tag = api("GET", "/api/v1/rounds", auditorKey, null)
                .headers()
                .firstValue("ETag")
                .orElseThrow();
        assertEquals(
                304,
                api("GET", "/api/v1/rounds", auditorKey, null, "If-None-Match", tag)
                        .statusCode());
    }

    @Test
    void tellsAListenerWhatItHasMissed() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(federation.at("/api/v1/events"))
                .header("Authorization", "Bearer " + auditorKey)
                .build();
        HttpResponse<InputStream> stream =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertEquals("retry: 2000", lines.readLine());
            assertEquals("", lines.readLine());
            assertTrue(lines.readLine().matches("id: [0-9a-f]{8}-\\d+"));
            assertEquals("event: federation", lines.readLine());
            assertTrue(lines.readLine().contains("\"ended\":true"));
        }
    }

    @Test
    void guardsABrowsersSession() throws Exception {
        String csrf = federation.csrf(ada, "/enrolment");
        assertEquals(
                403,
                federation.post(ada, "/enrolment/create", Map.of("site", "x")).statusCode());
        assertEquals(
                403,
                federation
                        .post(ada, "/enrolment/create", Map.of("site", "x", "csrf", csrf + "x"))
                        .statusCode());
        HttpRequest foreign = HttpRequest.newBuilder(federation.at("/enrolment/create"))
                .header("Origin", "https://elsewhere.example")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("site=x&csrf=" + csrf))
                .build();
        assertEquals(
                403, ada.send(foreign, HttpResponse.BodyHandlers.ofString()).statusCode());
        String login = "name=ada&password=" + WatchedFederation.PASSWORD.replace(' ', '+');
        HttpRequest fixed = HttpRequest.newBuilder(federation.at("/login"))
                .header("Cookie", "parley=chosen-by-somebody-else")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(login + "&next=//elsewhere.example"))
                .build();
        HttpResponse<String> in = HttpClient.newHttpClient().send(fixed, HttpResponse.BodyHandlers.ofString());
        assertEquals(303, in.statusCode());
        assertEquals("/", in.headers().firstValue("Location").orElse(""), "no open redirect");
        String cookie = String.join("|", in.headers().allValues("Set-Cookie"));
        assertFalse(cookie.contains("chosen-by-somebody-else"));
        assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), cookie);
        assertTrue(federation.console().setupLink().isEmpty(), "the set-up link is used up");
        HttpResponse<String> again = federation.post(
                WatchedFederation.browser(),
                "/setup",
                Map.of("word", "anything", "name", "eve", "password", WatchedFederation.PASSWORD));
        assertEquals(403, again.statusCode());
    }

    @Test
    void showsStoredTextAsTextAndServesNothingFromOutside() throws Exception {
        String page = federation.get(ada, "/access").body();
        assertFalse(page.contains("<script>x"), "a label must not become a script");
        assertTrue(page.contains("&lt;script&gt;x"), page);
        for (String path : PAGES) {
            HttpResponse<String> answer = federation.get(ada, path);
            assertEquals(200, answer.statusCode(), path);
            String policy =
                    answer.headers().firstValue("Content-Security-Policy").orElse("");
            assertTrue(policy.startsWith("default-src 'none'") && !policy.contains("unsafe"), policy);
            assertEquals(
                    "nosniff",
                    answer.headers().firstValue("X-Content-Type-Options").orElse(""));
            assertEquals(
                    "no-store", answer.headers().firstValue("Cache-Control").orElse(""));
            assertFalse(
                    Pattern.compile("(src|href|action)=\"(https?:)?//")
                            .matcher(answer.body())
                            .find(),
                    path);
            assertFalse(
                    Pattern.compile(" (style|on[a-z]+)=\"")
                            .matcher(answer.body())
                            .find(),
                    path);
            assertTrue(answer.body().length() < 150_000);
        }
        for (String path : List.of("/assets/..%2f..%2fconsole.css", "/assets/%2e%2e", "/assets/nothing.js")) {
            int status = federation.get(ada, path).statusCode();
            assertTrue(status == 400 || status == 404, path + " gave " + status);
        }
    }

    @Test
    void answersToItsOwnNameOnly() throws Exception {
        var address = federation.at("/login");
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream()
                    .write("GET /login HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 421"), answer);
        }
    }

    @Test
    void makesWhoeverGuessesPasswordsWait() throws Exception {
        // Another account than the tests' own, but the same address: the limit of the address is what is met.
        try (WatchedFederation other =
                WatchedFederation.in(java.nio.file.Files.createTempDirectory(folder, "o"), "none")) {
            for (int i = 0; i < 10; i++) {
                HttpResponse<String> wrong = other.post(
                        WatchedFederation.browser(), "/login", Map.of("name", "eve", "password", "guess number " + i));
                assertEquals(401, wrong.statusCode());
            }
            HttpResponse<String> limited = other.post(
                    WatchedFederation.browser(), "/login", Map.of("name", "eve", "password", "one guess more"));
            assertEquals(429, limited.statusCode());
            assertEquals("60", limited.headers().firstValue("Retry-After").orElse(""));
        }
    }

    /** Thirty guesses side by side get no further than thirty in turn. */
    @Test
    void boundsGuessesThatAreMadeAtOnce() throws Exception {
        try (WatchedFederation other =
                        WatchedFederation.in(java.nio.file.Files.createTempDirectory(folder, "p"), "none");
                ExecutorService guessers = Executors.newFixedThreadPool(30)) {
            List<Callable<Integer>> guesses = IntStream.range(0, 30)
                    .<Callable<Integer>>mapToObj(i -> () -> other.post(
                                    WatchedFederation.browser(),
                                    "/login",
                                    Map.of("name", "eve", "password", "guess number " + i))
                            .statusCode())
                    .toList();
            List<Integer> answers = new ArrayList<>();
            for (Future<Integer> answer : guessers.invokeAll(guesses)) {
                answers.add(answer.get());
            }

            assertEquals(10, answers.stream().filter(code -> code == 401).count(), answers.toString());
            assertEquals(20, answers.stream().filter(code -> code == 429).count(), answers.toString());
        }
    }

    /** What is remembered of a request must not depend on a password: whoever reads the database could guess it from that. */
    @Test
    void remembersNothingOfANewAccountsPassword() throws Exception {
        String[] repeat = {"Idempotency-Key", "a-new-account"};
        String account = "{\"name\":\"mallory\",\"role\":\"auditor\",\"password\":\"%s\"}";
        HttpResponse<String> first =
                api("POST", "/api/v1/users", operatorKey, account.formatted("correct horse battery"), repeat);
        HttpResponse<String> second =
                api("POST", "/api/v1/users", operatorKey, account.formatted("another pass phrase"), repeat);

        assertEquals(201, first.statusCode(), first.body());
        assertEquals(201, second.statusCode(), second.body());
        assertEquals("true", second.headers().firstValue("Idempotent-Replayed").orElse(""));
    }

    @Test
    void tellsNothingMoreToAListenerWhoseKeyWasRemoved() throws Exception {
        String key = key("auditor");
        HttpRequest request = HttpRequest.newBuilder(federation.at("/api/v1/events"))
                .header("Authorization", "Bearer " + key)
                .build();
        HttpResponse<InputStream> stream =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        String id = key.split("\\.")[1];
        assertEquals(
                303,
                federation
                        .post(ada, "/access/keys/remove", Map.of("csrf", federation.csrf(ada, "/access"), "id", id))
                        .statusCode());

        // Ends by itself, or this waits for ever and the build's limit says so.
        try (InputStream body = stream.body()) {
            assertTrue(new String(body.readAllBytes(), StandardCharsets.UTF_8).startsWith("retry: 2000"));
        }
    }
}
