package dev.parley.sim.up;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the coordinator's {@code status.json} says, as far as it is shown here.
 *
 * @param round the running or last round, 0-based; -1 before the first
 * @param rounds how many there will be, the statistics round included
 * @param model hash of the newest released model
 * @param outcome empty while the federation runs
 * @param upBytes from sites to the coordinator
 */
record LiveStatus(
        String phase,
        int round,
        int attempt,
        int rounds,
        String model,
        List<Site> sites,
        List<Round> history,
        Optional<String> outcome,
        long upBytes,
        long downBytes) {
    private static final ObjectMapper JSON = new ObjectMapper();

    LiveStatus {
        sites = List.copyOf(sites);
        history = List.copyOf(history);
    }

    record Site(String name, boolean attached, String state, int step, int steps) {}

    /**
     * @param smallestSum updates in the smallest of the sums that were opened; 0 if none was
     * @param pooled empty if no evaluation was asked for or none came
     */
    record Round(
            int round,
            String task,
            String outcome,
            int contributions,
            int smallestSum,
            long millis,
            Optional<Pooled> pooled) {}

    /**
     * Metrics over the held-out records of every site that reported.
     *
     * @param n records
     * @param auroc empty where only one class occurs
     */
    record Pooled(long n, OptionalDouble auroc, double accuracy, double macroF1, double ece, double brier) {}

    boolean completed() {
        return outcome.isPresent() && outcome.get().equals("completed");
    }

    /** Empty while there is no file yet; the coordinator replaces it whole. */
    static Optional<LiveStatus> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(JSON.readTree(file.toFile())));
        } catch (JacksonException e) {
            throw new IOException("the coordinator's " + file.getFileName() + " cannot be understood", e);
        }
    }

    private static LiveStatus parse(JsonNode node) {
        List<Site> sites = new ArrayList<>();
        for (JsonNode site : node.path("sites")) {
            sites.add(new Site(
                    site.path("site").asText(),
                    site.path("attached").asBoolean(),
                    site.path("state").asText(),
                    site.path("step").asInt(),
                    site.path("steps").asInt()));
        }
        List<Round> history = new ArrayList<>();
        for (JsonNode round : node.path("history")) {
            history.add(new Round(
                    round.path("round").asInt(),
                    round.path("task").asText(),
                    round.path("outcome").asText(),
                    round.path("contributions").asInt(),
                    round.path("smallestSum").asInt(),
                    round.path("millis").asLong(),
                    pooled(round.path("evaluation"))));
        }
        return new LiveStatus(
                node.path("phase").asText(),
                node.path("round").asInt(-1),
                node.path("attempt").asInt(),
                node.path("rounds").asInt(),
                node.path("model").asText(),
                sites,
                history,
                node.path("outcome").isTextual()
                        ? Optional.of(node.path("outcome").asText())
                        : Optional.empty(),
                node.path("bytes").path("up").asLong(),
                node.path("bytes").path("down").asLong());
    }

    private static Optional<Pooled> pooled(JsonNode node) {
        if (!node.isObject()) {
            return Optional.empty();
        }
        JsonNode auroc = node.path("auroc");
        return Optional.of(new Pooled(
                node.path("n").asLong(),
                auroc.isNumber() ? OptionalDouble.of(auroc.asDouble()) : OptionalDouble.empty(),
                node.path("accuracy").asDouble(),
                node.path("macroF1").asDouble(),
                node.path("ece").asDouble(),
                node.path("brier").asDouble()));
    }
}
