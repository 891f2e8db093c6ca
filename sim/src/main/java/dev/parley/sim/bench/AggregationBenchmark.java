package dev.parley.sim.bench;

import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.FixedPointEncoding;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.UpdateMasking;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.privacy.update.UpdateSum;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.DoubleStream;

/**
 * What one round costs beside training: a site's steps from raw update to bytes, and the coordinator's adding, against
 * copying the same bytes, which no adder can beat by much.
 *
 * @param parameters length of the model
 * @param sites updates added in one round
 * @param seed of the synthetic update
 */
public record AggregationBenchmark(int parameters, int sites, long seed) {
    private static final int ROUNDS = 15;
    private static final int WARM_UP_ROUNDS = 10;

    public AggregationBenchmark {
        if (parameters < 1 || parameters > 100_000_000) {
            throw new IllegalArgumentException("--parameters is 1 to 100,000,000, got " + parameters);
        }
        if (sites < 1 || sites > 10_000) {
            throw new IllegalArgumentException("--sites is 1 to 10,000, got " + sites);
        }
    }

    /**
     * Medians over {@value #ROUNDS} rounds.
     *
     * @param siteSeconds clip, encode and serialise one update
     * @param coordinatorSeconds add all sites' bytes and decode the mean
     * @param addGigabytesPerSecond submission bytes added per second
     * @param copyGigabytesPerSecond the same bytes copied, measured in the same run
     * @param ratio time to add over time to copy
     * @param bytesPerSite one submission
     */
    public record Result(
            int parameters,
            int sites,
            double siteSeconds,
            double coordinatorSeconds,
            double addGigabytesPerSecond,
            double copyGigabytesPerSecond,
            double ratio,
            long bytesPerSite) {}

    public Result run() {
        ParameterLayout layout = ParameterLayout.of(List.of(Block.of("weight", parameters)));
        ParameterVector before = ParameterVector.zeros(layout);
        ParameterVector after = ParameterVector.of(layout, randomValues());
        FixedPointEncoding encoding = new FixedPointEncoding(new ClipNorm(64), sites);
        double[] site = new double[ROUNDS];
        double[] add = new double[ROUNDS];
        double[] copy = new double[ROUNDS];
        double[] whole = new double[ROUNDS];
        byte[] bytes = new byte[0];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            int at = Math.max(round, 0);
            long start = System.nanoTime();
            MaskedUpdate update = RawUpdate.between(before, after, new ContributionWeight(1))
                    .clip(new ClipNorm(64))
                    .noise(new UpdateNoise.None())
                    .mask(encoding, new UpdateMasking.None());
            bytes = update.toBytes();
            site[at] = secondsSince(start);
            start = System.nanoTime();
            UpdateSum sum = new UpdateSum(layout, encoding);
            for (int i = 0; i < sites; i++) {
                sum.addBytes(bytes);
            }
            add[at] = secondsSince(start);
            double norm = sum.decode().update().norm();
            whole[at] = secondsSince(start);
            copy[at] = copySeconds(bytes, norm);
        }
        double gigabytes = (double) bytes.length * sites / 1e9;
        return new Result(
                parameters,
                sites,
                median(site),
                median(whole),
                gigabytes / median(add),
                gigabytes / median(copy),
                median(add) / median(copy),
                bytes.length);
    }

    private double copySeconds(byte[] bytes, double norm) {
        byte[] target = new byte[bytes.length];
        long start = System.nanoTime();
        for (int i = 0; i < sites; i++) {
            System.arraycopy(bytes, 0, target, 0, bytes.length);
        }
        double seconds = secondsSince(start);
        // Reading both results keeps the compiler from removing the work.
        if (!Arrays.equals(bytes, target) || !(norm > 0)) {
            throw new IllegalStateException("the benchmark's own arithmetic is wrong");
        }
        return seconds;
    }

    private float[] randomValues() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        float[] values = new float[parameters];
        for (int i = 0; i < parameters; i++) {
            values[i] = (float) random.nextGaussian(0, 1e-3);
        }
        return values;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] values) {
        return DoubleStream.of(values)
                .sorted()
                .skip(values.length / 2)
                .findFirst()
                .orElseThrow();
    }
}
