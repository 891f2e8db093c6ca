package dev.parley.privacy.statistics;

import dev.parley.privacy.dp.noise.ExactSampler;
import dev.parley.privacy.dp.noise.NoiseLaw;
import dev.parley.privacy.dp.noise.NoiseSource;
import java.security.SecureRandom;

/**
 * Parley's own exact discrete Gaussian (Canonne, Kamath and Steinke 2020, theorem 4: at L2 sensitivity s and parameter
 * sigma it is s^2 / (2 sigma^2)-zero-concentrated). Records that neighbouring datasets differ by may all be in one
 * category, so the sensitivity of counts is their number, as in OpenDP.
 */
final class DiscreteGaussianMechanism implements IntegerMechanism {
    /** From here on the masses add up to sigma sqrt(2 pi) but for a part below 10^-30 (Poisson summation). */
    private static final int SMALL = 2;

    /** Beyond so many sigma the mass is below 2^-1000, which no double shows. */
    private static final int SIGMAS_OF_MASS = 40;

    private final NoiseSource source;
    private final String reason;

    /** @param reason why OpenDP is not used, with the command that installs it */
    DiscreteGaussianMechanism(SecureRandom random, String reason) {
        this.source = NoiseSource.keyedFrom(random);
        this.reason = reason;
    }

    @Override
    public Noisy counts(int[] categories, int size, int distance, double scale) {
        long[] counts = new long[size];
        for (int category : categories) {
            counts[category]++;
        }
        return noisy(counts, distance, scale);
    }

    @Override
    public Noisy sum(long[] values, long bound, int distance, double scale) {
        long sum = 0;
        for (long value : values) {
            sum += Math.clamp(value, -bound, bound);
        }
        return noisy(new long[] {sum}, Math.multiplyExact(bound, (long) distance), scale);
    }

    private synchronized Noisy noisy(long[] exact, double sensitivity, double scale) {
        ExactSampler sampler = ExactSampler.of(NoiseLaw.DiscreteGaussian.ofSigma(scale));
        for (int i = 0; i < exact.length; i++) {
            exact[i] += sampler.draw(source);
        }
        double ratio = sensitivity / scale;
        return new Noisy(exact, new Rho(Math.nextUp(Math.nextUp(ratio * ratio) / 2)));
    }

    /** Adds up the mass function from 0 until what is left is small enough. */
    @Override
    public double halfWidth(double scale, double alpha) {
        double all = scale < SMALL ? 1 : scale * Math.sqrt(2 * Math.PI);
        for (int x = 1; scale < SMALL && x < SMALL * SIGMAS_OF_MASS; x++) {
            all += 2 * mass(x, scale);
        }
        double inner = 1;
        long a = 1;
        while (1 - inner / all > alpha) {
            inner += 2 * mass(a, scale);
            a++;
        }
        return a;
    }

    private static double mass(long x, double scale) {
        double z = x / scale;
        return Math.exp(-z * z / 2);
    }

    @Override
    public String description() {
        return "Parley's own exact discrete Gaussian, at the same cost. " + reason;
    }

    @Override
    public void close() {}
}
