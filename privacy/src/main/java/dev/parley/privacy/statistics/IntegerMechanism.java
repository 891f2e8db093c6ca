package dev.parley.privacy.statistics;

import dev.parley.privacy.opendp.Feature;
import dev.parley.privacy.opendp.OpenDp;
import dev.parley.privacy.opendp.OpenDpLibrary;
import java.security.SecureRandom;

/**
 * Sums and counts of integers with discrete Gaussian noise: all that {@link PrivateStatistics} stands on, so that each
 * of its statistics can also be summed over sites.
 *
 * <p>Two do the same with the same cost: OpenDP's transformations and measurements, whose proofs are others' work and
 * vetted; and Parley's own sampler, where OpenDP is not installed.
 */
public sealed interface IntegerMechanism extends AutoCloseable permits OpenDpMechanism, DiscreteGaussianMechanism {
    /**
     * Integers with noise.
     *
     * @param values with noise
     * @param cost the loss, as the mechanism's own map says
     */
    record Noisy(long[] values, Rho cost) {}

    /**
     * How many values lie in each category.
     *
     * @param categories for each record 0 to size - 1
     * @param size number of categories, at least 1
     * @param distance how many records neighbouring datasets differ by
     * @param scale the noise's sigma
     */
    Noisy counts(int[] categories, int size, int distance, double scale);

    /**
     * The sum of values.
     *
     * @param values each from -bound to bound
     * @param bound 1 to 2^31 - 1, so that no sum of an array overflows
     */
    Noisy sum(long[] values, long bound, int distance, double scale);

    /** The least a such that noise of this sigma is within a of 0 with probability at least {@code 1 - alpha}. */
    double halfWidth(double scale, double alpha);

    /**
     * What draws the noise, for logs and reports; for {@link DiscreteGaussianMechanism} also how OpenDP is installed.
     */
    String description();

    @Override
    void close();

    /** OpenDP where it is installed, else Parley's own; {@link #description} says which, and belongs in the log. */
    static IntegerMechanism available(SecureRandom random) {
        return switch (OpenDpLibrary.locate()) {
            case OpenDpLibrary.Present library -> new OpenDpMechanism(OpenDp.open(library, Feature.CONTRIB), library);
            case OpenDpLibrary.Missing missing -> new DiscreteGaussianMechanism(random, missing.reason());
        };
    }
}
