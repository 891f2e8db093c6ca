package dev.parley.sim.simulation;

import dev.parley.learning.training.DpSgd;
import dev.parley.sim.report.PrivacyClaim;
import dev.parley.sim.report.PrivacyClaim.Spent;
import dev.parley.sim.scenario.FederatedSite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What a run may say about privacy: the cost of training, site by site, and what it does not cover. */
final class ReportedPrivacy {
    /** Enough for a smooth curve, few enough that accounting takes no longer than a round. */
    private static final int CURVE_POINTS = 24;

    private ReportedPrivacy() {}

    /** @param foreseeable whether the run's noise can be computed from its seed */
    static Optional<PrivacyClaim> of(PreparedRun run, Federated federated, boolean foreseeable) {
        if (!(run.learning().privacy() instanceof DpSgd dpSgd)) {
            return Optional.empty();
        }
        Map<Integer, Double> known = new LinkedHashMap<>();
        List<PrivacyClaim.Site> sites = new ArrayList<>();
        int most = 0;
        for (FederatedSite site : run.records().sites()) {
            int rounds = federated.trainedRounds().getOrDefault(site.name(), 0);
            most = Math.max(most, rounds);
            sites.add(new PrivacyClaim.Site(site.label(), new Spent(rounds, epsilon(dpSgd, known, rounds))));
        }
        List<Spent> curve = new ArrayList<>();
        TreeSet<Integer> shown = new TreeSet<>();
        for (int point = 1; point <= CURVE_POINTS; point++) {
            shown.add((int) Math.ceil((double) most * point / CURVE_POINTS));
        }
        for (int rounds : shown) {
            curve.add(new Spent(rounds, epsilon(dpSgd, known, rounds)));
        }
        List<String> unpaid = new ArrayList<>();
        if (run.learner().needsStatistics()) {
            unpaid.add("the normalisation statistics of the first round");
        }
        unpaid.add("the counts of scores on held-out records, from which the metrics here are computed");
        unpaid.add(
                "the numbers of records, subjects and classes in this report, which a simulation knows and no site sends");
        return Optional.of(new PrivacyClaim(
                dpSgd.unit().name().toLowerCase(Locale.ROOT),
                dpSgd.delta().value(),
                dpSgd.noise().value(),
                sites,
                curve,
                unpaid,
                foreseeable));
    }

    private static double epsilon(DpSgd dpSgd, Map<Integer, Double> known, int rounds) {
        return rounds == 0
                ? 0
                : known.computeIfAbsent(rounds, count -> dpSgd.epsilon(count).value());
    }
}
