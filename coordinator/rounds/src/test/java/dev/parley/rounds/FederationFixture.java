package dev.parley.rounds;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.FixedPointEncoding;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.UpdateMasking;
import dev.parley.privacy.update.UpdateNoise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Small federations, sites and updates for tests. */
final class FederationFixture {
    static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(Block.of("w", 2), Block.of("z.moments", 1)));
    static final ParameterVector MODEL = ParameterVector.of(LAYOUT, new float[] {1, -2, 0});
    static final RoundTimes TIMES = new RoundTimes(
            Duration.ofMinutes(60), Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofMinutes(5));
    static final UpdateRule UPDATE = new UpdateRule(
            new ClipNorm(8), new ClipNorm(100), 100, 0, new UpdateNoise.None(), new UpdateMasking.None());

    private FederationFixture() {}

    /** Two training rounds of two to three sites, no statistics round, evaluated after each round, two attempts. */
    static FederationSpec spec() {
        return spec(2, false, new CohortRule(3, 2, 3, 2), new ServerOptimizer.FedAvg(), 1, 2);
    }

    static FederationSpec spec(
            int trainingRounds,
            boolean agreeStatistics,
            CohortRule cohort,
            ServerOptimizer optimizer,
            int evaluateEvery,
            int maxAttempts) {
        return new FederationSpec(
                new FederationName("test-federation"),
                trainingRounds,
                agreeStatistics,
                cohort,
                TIMES,
                UPDATE,
                optimizer,
                new EvaluationRule(evaluateEvery, 2),
                7,
                hash("learning"),
                hash("policy"),
                maxAttempts);
    }

    static SiteName site(int number) {
        return new SiteName("site-" + number);
    }

    static SortedSet<SiteName> sites(int... numbers) {
        SortedSet<SiteName> sites = new TreeSet<>();
        for (int number : numbers) {
            sites.add(site(number));
        }
        return sites;
    }

    static ContentHash hash(String content) {
        return ContentHash.of(content.getBytes(StandardCharsets.UTF_8));
    }

    static ParameterVector vector(float... values) {
        return ParameterVector.of(LAYOUT, values);
    }

    static MaskedUpdate update(RoundPlan plan, double weight, float... difference) {
        FixedPointEncoding encoding = plan.encoding();
        return RawUpdate.between(ParameterVector.zeros(LAYOUT), vector(difference), new ContributionWeight(weight))
                .clip(plan.clipNorm())
                .noise(plan.noise())
                .mask(encoding, plan.masking());
    }

    /** One record, scored right. */
    static EvaluationCounts counts() {
        return EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2);
    }
}
