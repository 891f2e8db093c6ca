package dev.parley.server.status;

import dev.parley.server.status.FederationStatus.Evaluation;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a round, with what was seen of it.
 *
 * @param outcome null while it runs; then {@code released}, or {@code abandoned: } and why
 * @param model what was released, or stayed in force; null while it runs
 * @param parent the model that the round began with
 * @param started when sites were invited; null if only its end is known, as after a restart
 * @param ended null while it runs
 * @param phases in their order; empty if only its end is known
 * @param sites the cohort, ascending by name; empty if only its end is known
 * @param contributions updates that are in the model
 * @param smallestSum updates in the smallest of the sums that were opened; 0 if none was
 */
public record RoundRecord(
        int round,
        int attempt,
        String task,
        @Nullable String outcome,
        @Nullable String model,
        String parent,
        @Nullable Instant started,
        @Nullable Instant ended,
        long millis,
        List<Phase> phases,
        List<Member> sites,
        int contributions,
        int smallestSum,
        @Nullable Evaluation evaluation) {
    public RoundRecord {
        phases = List.copyOf(phases);
        sites = List.copyOf(sites);
    }

    /** @param ended null while it lasts */
    public record Phase(
            String name, Instant started, @Nullable Instant ended) {}

    /** What became of a site in a round. */
    public enum Fate {
        /** It may still hand in its update. */
        OPEN,
        /** Its update is in the model. */
        COUNTED,
        /** Its update came, and the round was abandoned. */
        NOT_USED,
        /** Its own rules refused the plan. */
        REFUSED,
        /** It was invited, and no update came. */
        LOST
    }

    /**
     * A site's way through a round. Each time is when the coordinator saw it; null if it did not happen.
     *
     * @param accepted it began to train
     * @param submitted its whole update had arrived and was counted
     * @param evaluated its scores of the candidate had arrived
     * @param step training step last reported, of {@code steps}; both 0 when none was
     */
    public record Member(
            String site,
            Fate fate,
            Instant invited,
            @Nullable Instant accepted,
            @Nullable Instant submitted,
            @Nullable Instant refused,
            @Nullable Instant evaluated,
            int step,
            int steps) {}

    /** How the round is named in addresses: round and attempt. */
    public String id() {
        return round + "-" + attempt;
    }

    public boolean released() {
        return "released".equals(outcome);
    }

    public long count(Fate fate) {
        return sites.stream().filter(site -> site.fate() == fate).count();
    }
}
