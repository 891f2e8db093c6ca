package dev.parley.server.console.view;

import java.util.List;

/**
 * What protects records, as far as the coordinator knows.
 *
 * @param promise {@code none-known}: the coordinator knows of no differential privacy; spending is kept by each site's own ledger;
 *     {@code site-level}: noise that sites add together hides each of them
 * @param rounds for each released round, the most that the coordinator could learn about few sites
 */
public record PrivacyView(
        String promise, String unit, String delta, List<Fact> protections, List<RoundExposure> rounds) {
    public PrivacyView {
        protections = List.copyOf(protections);
        rounds = List.copyOf(rounds);
    }

    /** @param smallestSum updates in the smallest sum that was opened */
    public record RoundExposure(String round, String task, int contributions, int smallestSum) {}
}
