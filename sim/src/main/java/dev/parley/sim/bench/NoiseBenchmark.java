package dev.parley.sim.bench;

import dev.parley.privacy.dp.noise.ExactSampler;
import dev.parley.privacy.dp.noise.FixedPointGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw;
import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteLaplace;
import dev.parley.privacy.dp.noise.NoiseLaw.Skellam;
import dev.parley.privacy.dp.noise.NoiseSampler;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.dp.noise.PositiveRational;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import dev.parley.privacy.dp.noise.TableSampler;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What one value of noise costs, randomness included, on one thread, against two loops of the same run: {@code
 * java.util.Random.nextGaussian}, which protects nothing, and the bare AES-256-CTR bytes of one table draw, below which no
 * draw of a table can be.
 *
 * @param values of one measurement; exact samplers, which are slow, take one in {@value #EXACT_FRACTION}
 */
public record NoiseBenchmark(int values) {
    private static final int REPETITIONS = 9;
    private static final int WARM_UPS = 4;
    private static final int EXACT_FRACTION = 50;
    private static final int BYTES_OF_A_DRAW = 16;
    private static final int CHUNK_BYTES = 4 << 10;
    private static final double[] SIGMAS = {0.5, 4, 100, 1_000, 30_000, 1e6};

    public NoiseBenchmark {
        if (values < 1000 || values > 100_000_000) {
            throw new IllegalArgumentException("--values is 1,000 to 100,000,000, got " + values);
        }
    }

    /**
     * One sampler.
     *
     * @param sampler its name
     * @param sigma the law's standard deviation, in integer steps
     * @param distance from the exact law, of one value
     * @param nanos for one value, of one core
     * @param ratioToNextGaussian over {@code Random.nextGaussian}
     * @param ratioToBytes over the bytes of one draw
     */
    public record Row(
            String sampler,
            double sigma,
            double distance,
            double nanos,
            double ratioToNextGaussian,
            double ratioToBytes) {}

    /** Medians; nanoseconds are of one core ({@link CoreClock}). */
    public record Result(
            int values, int repetitions, double nextGaussianNanos, double bytesNanos, List<Row> samplers) {}

    public Result run() {
        NoiseSource source = NoiseSource.keyedFrom(new SecureRandom());
        List<Subject> subjects = subjects(source);
        RandomGenerator random = RandomGenerator.of("Random");
        Bytes bytes = new Bytes();
        double[][] samples = new double[subjects.size()][REPETITIONS];
        double[] gaussians = new double[REPETITIONS];
        double[] draws = new double[REPETITIONS];
        double[] into = new double[values];
        for (int i = -WARM_UPS; i < REPETITIONS; i++) {
            int at = Math.max(0, i);
            gaussians[at] = nanos(values, () -> Arrays.setAll(into, j -> random.nextGaussian()));
            draws[at] = nanos(values, () -> bytes.draw(values));
            for (int s = 0; s < subjects.size(); s++) {
                Subject subject = subjects.get(s);
                samples[s][at] = nanos(subject.values(), subject.work());
            }
        }
        double gaussian = median(gaussians);
        double draw = median(draws);
        List<Row> rows = new ArrayList<>();
        for (int s = 0; s < subjects.size(); s++) {
            Subject subject = subjects.get(s);
            double nanos = median(samples[s]);
            rows.add(new Row(
                    subject.name(),
                    subject.sigma(),
                    subject.distance().value(),
                    nanos,
                    nanos / gaussian,
                    nanos / draw));
        }
        return new Result(values, REPETITIONS, gaussian, draw, List.copyOf(rows));
    }

    /** What is measured: {@code work} draws {@code values} values. */
    private record Subject(String name, double sigma, StatisticalDistance distance, int values, Runnable work) {}

    private List<Subject> subjects(NoiseSource source) {
        List<Subject> subjects = new ArrayList<>();
        for (double sigma : SIGMAS) {
            TableSampler sampler = TableSampler.of(DiscreteGaussian.ofSigma(sigma));
            String draws = sampler.drawsPerValue() == 1 ? "1 draw" : sampler.drawsPerValue() + " draws";
            subjects.add(subject("discrete Gaussian, table, " + draws, sampler, values, source));
        }
        TableSampler skellam = TableSampler.of(new Skellam(PositiveRational.of(10_000, 1)));
        subjects.add(subject("Skellam, table, 1 draw", skellam, values, source));
        FixedPointGaussian fixedPoint = FixedPointGaussian.of(1, values, source);
        float[] vector = new float[values];
        subjects.add(new Subject(
                "Gaussian on a grid of floats",
                1 / fixedPoint.gridStep(),
                fixedPoint.statisticalDistancePerUse(),
                values,
                () -> fixedPoint.addTo(vector, 0, values)));
        int few = Math.max(1000, values / EXACT_FRACTION);
        for (NoiseLaw law : List.of(
                DiscreteGaussian.ofSigma(4),
                DiscreteGaussian.ofSigma(1e6),
                new DiscreteLaplace(PositiveRational.of(4, 1)),
                new Skellam(PositiveRational.of(16, 1)))) {
            String name = switch (law) {
                case DiscreteGaussian gaussian -> "discrete Gaussian, exact";
                case DiscreteLaplace laplace -> "discrete Laplace, exact";
                case Skellam exact -> "Skellam, exact";
            };
            subjects.add(subject(name, ExactSampler.of(law), few, source));
        }
        return subjects;
    }

    private static Subject subject(String name, NoiseSampler sampler, int count, NoiseSource source) {
        int[] into = new int[count];
        return new Subject(
                name,
                sampler.law().standardDeviation(),
                sampler.distancePerValue(),
                count,
                () -> sampler.fill(into, 0, count, source));
    }

    /** Bare key stream, a chunk at a time. */
    private static final class Bytes {
        private final byte[] zeros = new byte[CHUNK_BYTES];
        private final byte[] chunk = new byte[CHUNK_BYTES];
        private final Cipher cipher;

        Bytes() {
            try {
                cipher = Cipher.getInstance("AES/CTR/NoPadding");
                cipher.init(
                        Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new IvParameterSpec(new byte[16]));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform has AES-256-CTR", e);
            }
        }

        void draw(int draws) {
            try {
                for (long left = (long) draws * BYTES_OF_A_DRAW; left > 0; left -= CHUNK_BYTES) {
                    cipher.update(zeros, 0, (int) Math.min(left, CHUNK_BYTES), chunk, 0);
                }
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("a chunk fits its buffer", e);
            }
        }
    }

    private static double nanos(int count, Runnable work) {
        long start = CoreClock.nanos();
        work.run();
        return (CoreClock.nanos() - start) / (double) count;
    }

    private static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
