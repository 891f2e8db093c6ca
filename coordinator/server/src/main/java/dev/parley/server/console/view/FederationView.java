package dev.parley.server.console.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a federation stands.
 *
 * @param phase as {@code status.json} names it
 * @param round running or last one, 0-based; null before the first
 * @param rounds how many there will be
 * @param deadline when the phase ends at the latest, ISO-8601; null if it has none
 * @param model hash of the newest released model
 * @param outcome null while it runs
 * @param up message bytes from sites so far
 * @param down message bytes to sites so far
 * @param settings what the operator has configured, as facts
 */
public record FederationView(
        String name,
        String phase,
        @Nullable Integer round,
        @Nullable Integer attempt,
        int rounds,
        int released,
        @Nullable String task,
        @Nullable String deadline,
        String model,
        @Nullable String outcome,
        int attached,
        int known,
        long up,
        long down,
        List<Fact> settings) {
    public FederationView {
        settings = List.copyOf(settings);
    }

    /** The state in one sentence, for a person. */
    public String sentence() {
        if (outcome != null) {
            return outcome.equals("completed")
                    ? "Completed: " + released + " of " + rounds + " rounds have released a version."
                    : "Ended: " + outcome + ".";
        }
        if (round == null) {
            return "Waiting for enough sites: " + attached + " attached.";
        }
        String attempted = attempt == null || attempt == 0 ? "" : ", attempt " + (attempt + 1);
        return switch (phase) {
            case "waiting" -> "Between rounds: round " + round + " has ended, " + attached + " sites attached.";
            default -> "Round " + round + attempted + ": " + phase + ".";
        };
    }
}
