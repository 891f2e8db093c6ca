package dev.parley.server.console.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a round.
 *
 * @param id round and attempt, as {@code 3-0}
 * @param state {@code running, released} or {@code abandoned}
 * @param reason why it was abandoned; null otherwise
 * @param model what it released, or what stayed in force; null while it runs
 * @param parent the model that it began with
 * @param smallestSum updates in the smallest of the sums that were opened: what a curious coordinator can see at best
 * @param phases empty if the coordinator was restarted since
 */
public record RoundView(
        String id,
        int round,
        int attempt,
        String task,
        String state,
        @Nullable String reason,
        @Nullable String model,
        String parent,
        @Nullable String started,
        @Nullable String ended,
        long millis,
        int invited,
        int counted,
        int refused,
        int lost,
        int smallestSum,
        @Nullable EvaluationView evaluation,
        List<PhaseView> phases,
        List<RoundSiteView> sites) {
    public RoundView {
        phases = List.copyOf(phases);
        sites = List.copyOf(sites);
    }
}
