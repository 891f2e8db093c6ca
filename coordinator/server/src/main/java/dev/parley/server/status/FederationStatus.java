package dev.parley.server.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A federation at one moment.
 *
 * @param federation its name
 * @param phase {@code waiting, inviting, collecting, releasing, evaluating, completed} or {@code failed}
 * @param round the round that is running or was last, 0-based, the statistics round included; null before the first
 * @param attempt of that round
 * @param rounds how many there will be
 * @param task {@code statistics} or {@code train}; null before the first round
 * @param deadline when the phase ends at the latest, ISO-8601; null if it has none
 * @param model the newest released model's hash
 * @param sites every site that has attached, ascending by name
 * @param history one entry for each round that has ended
 * @param outcome null while it runs; then {@code completed}, or {@code failed: } and why
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record FederationStatus(
        String federation,
        String phase,
        @Nullable Integer round,
        @Nullable Integer attempt,
        int rounds,
        @Nullable String task,
        @Nullable String deadline,
        String model,
        List<Site> sites,
        List<RoundSummary> history,
        @Nullable String outcome) {
    public FederationStatus {
        sites = List.copyOf(sites);
        history = List.copyOf(history);
    }

    /** Whether nothing more will happen. */
    @JsonProperty("ended")
    public boolean ended() {
        return outcome != null;
    }

    /**
     * One site in the round that is running.
     *
     * @param state {@code idle, invited, training, submitted, refused, evaluating, evaluated}
     * @param step training step last reported, of {@code steps}; both 0 when none was
     */
    public record Site(String site, boolean attached, String state, int step, int steps) {}

    /**
     * One round that has ended.
     *
     * @param outcome {@code released}, or {@code abandoned: } and why
     * @param contributions updates that are in the model
     * @param smallestSum updates in the smallest of the sums that were opened; 0 if none was opened
     * @param evaluation pooled over the sites that reported; null if none was asked for or none came
     */
    public record RoundSummary(
            int round,
            int attempt,
            String task,
            String outcome,
            String model,
            int contributions,
            int smallestSum,
            long millis,
            @Nullable Evaluation evaluation) {}

    /**
     * Pooled held-out metrics of a released model. AUROC is null where only one class occurs.
     *
     * @param n records
     */
    public record Evaluation(
            long n, @Nullable Double auroc, double accuracy, double macroF1, double ece, double brier) {}
}
