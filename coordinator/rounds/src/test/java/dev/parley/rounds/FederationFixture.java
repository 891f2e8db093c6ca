package dev.parley.rounds;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateNoise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Small federations for tests; {@link TestSite} is who takes part in them. */
final class FederationFixture {
    static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    static final FederationName NAME = new FederationName("test-federation");
    static final int CLASSES = 2;
    static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(Block.of("w", 2), Block.of("z.moments", 1)));
    static final ParameterVector MODEL = ParameterVector.of(LAYOUT, new float[] {1, -2, 0});
    static final RoundTimes TIMES = new RoundTimes(
            Duration.ofMinutes(60),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5));

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
        return spec(trainingRounds, agreeStatistics, cohort, optimizer, evaluateEvery, maxAttempts, masking(32, 0));
    }

    static FederationSpec spec(
            int trainingRounds,
            boolean agreeStatistics,
            CohortRule cohort,
            ServerOptimizer optimizer,
            int evaluateEvery,
            int maxAttempts,
            MaskingRule masking) {
        return new FederationSpec(
                NAME,
                trainingRounds,
                agreeStatistics,
                cohort,
                TIMES,
                new UpdateRule(new ClipNorm(8), new ClipNorm(100), 100, 0, new UpdateNoise.None(), masking),
                optimizer,
                new EvaluationRule(evaluateEvery, CLASSES),
                7,
                hash("learning"),
                hash("policy"),
                maxAttempts);
    }

    /** As {@link #spec()}, with sites that weigh 1 and add noise. */
    static FederationSpec noised(UpdateNoise noise) {
        return new FederationSpec(
                NAME,
                2,
                false,
                new CohortRule(3, 2, 3, 2),
                TIMES,
                new UpdateRule(new ClipNorm(8), new ClipNorm(100), 1, 0, noise, masking(32, 0)),
                new ServerOptimizer.FedAvg(),
                new EvaluationRule(1, CLASSES),
                7,
                hash("learning"),
                hash("policy"),
                2);
    }

    static MaskingRule masking(int bits, int colluding) {
        return new MaskingRule(new RingModulus(bits), colluding);
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

    /** So many records, all scored right. */
    static EvaluationCounts counts(int records) {
        EvaluationCounts one = EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, CLASSES);
        EvaluationCounts sum = EvaluationCounts.none(CLASSES);
        for (int i = 0; i < records; i++) {
            sum = sum.plus(one);
        }
        return sum;
    }
}
