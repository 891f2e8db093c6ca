package dev.parley.sim.simulation;

import dev.parley.learning.training.DpSgd;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.sim.report.PrivacyClaim;
import dev.parley.sim.report.PrivacyClaim.Mechanism;
import dev.parley.sim.report.PrivacyClaim.Spent;
import dev.parley.sim.scenario.FederatedSite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;

/** What a run may say about privacy: the cost of training, site by site, and what it does not cover. */
final class ReportedPrivacy {
    /** Enough for a smooth curve, few enough that accounting takes no longer than a round. */
    private static final int CURVE_POINTS = 24;

    private ReportedPrivacy() {}

    /**
     * @param sums what the run's noisy sums promise, if they do
     * @param foreseeable whether the run's noise can be computed from its seed
     */
    static Optional<PrivacyClaim> of(
            PreparedRun run, Federated federated, Optional<SiteLevelClaim> sums, boolean foreseeable) {
        if (run.learning().privacy() instanceof DpSgd dpSgd) {
            return Optional.of(ofSteps(run, dpSgd, federated, foreseeable));
        }
        return sums.map(claim -> ofSums(run, claim, federated, foreseeable));
    }

    private static PrivacyClaim ofSteps(PreparedRun run, DpSgd dpSgd, Federated federated, boolean foreseeable) {
        List<String> unpaid = new ArrayList<>();
        if (run.learner().needsStatistics()) {
            unpaid.add("the normalisation statistics of the first round");
        }
        unpaid.add("the counts of scores on held-out records, from which the metrics here are computed");
        unpaid.add(
                "the numbers of records, subjects and classes in this report, which a simulation knows and no site sends");
        return claim(
                run,
                dpSgd.unit(),
                dpSgd.delta(),
                new Mechanism.NoisySteps(dpSgd.noise().value()),
                rounds -> dpSgd.epsilon(rounds).value(),
                federated,
                unpaid,
                foreseeable);
    }

    private static PrivacyClaim ofSums(
            PreparedRun run, SiteLevelClaim claim, Federated federated, boolean foreseeable) {
        return claim(
                run,
                PrivacyUnit.SITE,
                claim.asked().delta(),
                new Mechanism.NoisySums(
                        claim.sum().gaussianMultiplier().value(),
                        claim.clipNorm().value(),
                        claim.sum().shares()),
                rounds -> claim.epsilon(rounds).value(),
                federated,
                List.of(
                        "which sites took part in which rounds, which rosters say to everybody",
                        "how long a site trained, which depends on how many records it has",
                        "the scores and the numbers of records in this report, which a simulation computes from all"
                                + " records: sites score nothing and send no counts"),
                foreseeable);
    }

    private static PrivacyClaim claim(
            PreparedRun run,
            PrivacyUnit unit,
            Delta delta,
            Mechanism mechanism,
            IntToDoubleFunction epsilon,
            Federated federated,
            List<String> unpaid,
            boolean foreseeable) {
        Map<Integer, Double> known = new LinkedHashMap<>();
        IntToDoubleFunction spent = rounds -> rounds == 0 ? 0 : known.computeIfAbsent(rounds, epsilon::applyAsDouble);
        List<PrivacyClaim.Site> sites = new ArrayList<>();
        int most = 0;
        for (FederatedSite site : run.records().sites()) {
            int rounds = federated.trainedRounds().getOrDefault(site.name(), 0);
            most = Math.max(most, rounds);
            sites.add(new PrivacyClaim.Site(site.label(), new Spent(rounds, spent.applyAsDouble(rounds))));
        }
        List<Spent> curve = new ArrayList<>();
        TreeSet<Integer> shown = new TreeSet<>();
        for (int point = 1; point <= CURVE_POINTS; point++) {
            shown.add((int) Math.ceil((double) most * point / CURVE_POINTS));
        }
        for (int rounds : shown) {
            curve.add(new Spent(rounds, spent.applyAsDouble(rounds)));
        }
        return new PrivacyClaim(
                unit.name().toLowerCase(Locale.ROOT), delta.value(), mechanism, sites, curve, unpaid, foreseeable);
    }
}
