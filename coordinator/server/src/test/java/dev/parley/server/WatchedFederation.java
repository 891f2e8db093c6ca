package dev.parley.server;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.server.TrainingSite.Conduct;
import dev.parley.server.configuration.CoordinatorConfiguration;
import dev.parley.server.console.ConsoleServer;
import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A real coordinator with a console and two sites over TLS, whose second round waits until {@link #goOn}. */
final class WatchedFederation implements AutoCloseable {
    static final String PASSWORD = "correct horse battery";

    private static final EvaluationCounts COUNTS = EvaluationCounts.of(
            new float[] {0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f, 0.3f, 0.7f}, new int[] {0, 1, 1, 1}, 2);
    private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

    private final CountDownLatch going = new CountDownLatch(1);
    private final Coordinator coordinator;
    private final TrainingSite north;
    private final TrainingSite south;

    private WatchedFederation(CoordinatorConfiguration configuration) throws Exception {
        this.coordinator = Coordinator.start(configuration, Optional.empty(), InstantSource.system());
        this.north = TrainingSite.enrolled(
                configuration, "north", SumMember.of("hospital", "north"), 0.25f, COUNTS, round -> Conduct.HONEST);
        this.south = TrainingSite.enrolled(
                configuration, "south", SumMember.of("hospital", "south"), 0.5f, COUNTS, this::conduct);
    }

    static WatchedFederation in(Path folder, String tls) throws Exception {
        Path file = ConfigurationText.in(folder).file("""
                name: hospital
                seed: 42
                rounds: 2
                update: {clip-norm: 100, example-cap: 10, secure-aggregation: {bits: 24, colluding: 0}}
                cohort: {quorum: 2}
                times: {invitation: 60 s, collecting: 60 s, recovering: 60 s, evaluating: 60 s}
                """);
        Files.writeString(file, Files.readString(file) + "console: {port: 0, tls: " + tls + "}\n");
        return new WatchedFederation(CoordinatorConfiguration.read(file));
    }

    private Conduct conduct(int round) {
        try {
            return round == 0 || going.await(60, TimeUnit.SECONDS) ? Conduct.HONEST : Conduct.SILENT;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Conduct.SILENT;
        }
    }

    void attend() {
        north.attend("hospital");
        south.attend("hospital");
    }

    /** Lets the second round end. */
    void goOn() {
        going.countDown();
    }

    void awaitEnd() throws InterruptedException {
        coordinator.awaitEnd();
    }

    ConsoleServer console() {
        return coordinator.console().orElseThrow();
    }

    URI at(String path) {
        return URI.create(console().url() + path);
    }

    /** A browser without eyes: keeps cookies, follows nothing. */
    static HttpClient browser() {
        return HttpClient.newBuilder()
                .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
                .build();
    }

    HttpResponse<String> get(HttpClient client, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(at(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(HttpClient client, String path, Map<String, String> form)
            throws IOException, InterruptedException {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return client.send(
                HttpRequest.newBuilder(at(path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Makes the first account by the one-time link. */
    HttpClient operator() throws IOException, InterruptedException {
        HttpClient client = browser();
        String word = console().setupLink().orElseThrow().replaceFirst(".*word=", "");
        post(client, "/setup", Map.of("word", word, "name", "ada", "password", PASSWORD));
        return client;
    }

    /** What forms on this page must send. */
    String csrf(HttpClient client, String path) throws IOException, InterruptedException {
        Matcher found = CSRF.matcher(get(client, path).body());
        if (!found.find()) {
            throw new AssertionError("no form on " + path);
        }
        return found.group(1);
    }

    @Override
    public void close() throws Exception {
        goOn();
        north.close();
        south.close();
        coordinator.close();
    }
}
