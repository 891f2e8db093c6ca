package dev.parley.privacy.update;

import dev.parley.privacy.dp.accounting.DistributedNoise;
import dev.parley.privacy.dp.noise.DistributedGaussianSum;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.dp.noise.TableSampler;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import java.util.Optional;

/**
 * Maps weighted, bounded updates onto the integers modulo 2^b and the sum of many back to their weighted mean.
 *
 * <p>One update occupies {@link #length()} ring elements. The weighted difference w x, w quantised to steps of 2^-24, is
 * rotated ({@link RandomisedHadamard}), multiplied by {@link #scale()} and rounded at random to one of the two nearest
 * integers such that the expectation is kept; then follow the limbs of w ({@link WeightLimbs}), so that the coordinator
 * learns the sum of the weights and no single one.
 *
 * <p><b>Range.</b> Each of n = {@code cohortLimit} sites has {@code floor((2^(b-1) - 1) / n)} steps to either side of
 * zero, so no sum can wrap. The scale is the largest power of two at which the rotated coordinate's bound fits that
 * range. A coordinate beyond it, of probability 2^-40 for one update, is an error at the site: never a wrap, never
 * clamped.
 *
 * <p><b>Rounding</b> (Kairouz et al. 2021, section 4.1). Rounding adds to the norm, and noise has to be
 * fitted to the norm that is sent. So it is repeated until the rounded vector keeps {@link #roundedNormBound}, which one
 * rounding of any vector within the clip norm does with probability at least 1 - e^(-1/2). The condition biases only
 * vectors that come near the bound.
 *
 * <p><b>Noise.</b> Where the plan declares it ({@link UpdateNoise.DistributedGaussian}), each site adds its share to the rounded
 * values, and the ranges of all sites and the tail of all noise fit the ring together, but for a probability of 2^-40 for a
 * sum; a sum that wraps is wrong, not less private. Then an update that has no form on the ring counts as zeros, under the same
 * noise: that a site left the round would tell of its update, and the rotation that made it leave is public.
 *
 * <p><b>Error.</b> A coordinate that is rounded once has a variance of at most 1/4, so the mean of n sites with total
 * weight W has a root-mean-square error of at most {@code sqrt(n d) / (2 scale W)} in Euclidean norm.
 *
 * <p>Immutable; one object serves all sites of a simulated round and holds d/4 bytes of signs.
 */
public final class UpdateEncoding {
    /** Each fails with probability at most e^(-1/2); 56 in a row with less than 2^-40. */
    private static final int MOST_ROUNDINGS = 56;

    /** -ln(1 - e^(-1/2)): what the condition on one rounding can add to the logarithm of an event's probability. */
    private static final double CONDITION_LOG = 0.9328;

    /** ln(2^40): an honest sum is refused with probability below 2^-40. */
    private static final double REFUSAL_LOG = 27.73;

    /** Covers the rounding errors of the rotation in double, which are below 2^-36 of the coordinate's bound. */
    private static final double ROTATION_SLACK = 1 + 0x1p-30;

    /** Covers the rounding errors of the square roots that lead to a local sigma, so that it is never below what is declared. */
    private static final double SIGMA_SLACK = 1 + 0x1p-40;

    private static final UpdateNoise WITHOUT_NOISE = new UpdateNoise.None();
    private static final long WITHOUT_TAIL = 0;
    private static final double UNIT_32 = 0x1p-32;
    private static final long LOW_32 = 0xFFFFFFFFL;

    private final int dimension;
    private final ClipNorm bound;
    private final int cohortLimit;
    private final RingModulus modulus;
    private final UpdateNoise noise;
    private final RingNoise ringNoise;
    private final RandomisedHadamard rotation;
    private final int range;
    private final double scale;
    private final WeightLimbs limbs;

    /**
     * Without noise.
     *
     * @param dimension number of values, at least 1
     * @param bound the clip norm; no update exceeds it
     * @param cohortLimit most updates that may be added, 1 to a quarter of the modulus
     * @param modulus the ring
     * @param seed the round's, the same at every site
     * @throws IllegalArgumentException if the ring cannot hold so many updates
     */
    public UpdateEncoding(int dimension, ClipNorm bound, int cohortLimit, RingModulus modulus, RotationSeed seed) {
        this(dimension, bound, cohortLimit, modulus, seed, WITHOUT_NOISE);
    }

    /**
     * @param dimension number of values, at least 1
     * @param bound the clip norm; no update exceeds it
     * @param cohortLimit most updates that may be added, 1 to a quarter of the modulus
     * @param modulus the ring
     * @param seed the round's, the same at every site
     * @param noise what the plan declares
     * @throws IllegalArgumentException if the ring cannot hold so many updates and their noise
     */
    public UpdateEncoding(
            int dimension, ClipNorm bound, int cohortLimit, RingModulus modulus, RotationSeed seed, UpdateNoise noise) {
        this(
                dimension,
                bound,
                cohortLimit,
                modulus,
                seed,
                noise,
                RandomisedHadamard.coordinateBound(dimension, bound.value()));
    }

    /** @param coordinateBound what a rotated coordinate is trusted not to exceed; tests give less than the truth */
    UpdateEncoding(
            int dimension,
            ClipNorm bound,
            int cohortLimit,
            RingModulus modulus,
            RotationSeed seed,
            UpdateNoise noise,
            double coordinateBound) {
        this.scale = scale(dimension, bound, cohortLimit, modulus, noise, coordinateBound);
        this.ringNoise = switch (noise) {
            case UpdateNoise.None none -> new RingNoise.Silent();
            case UpdateNoise.DistributedGaussian gaussian ->
                RingNoise.Gaussian.of(
                        dimension,
                        enforcedNorm(scale * bound.value(), dimension),
                        localSigma(gaussian, scale * bound.value(), dimension),
                        gaussian.shares(),
                        cohortLimit);
        };
        this.range = range(cohortLimit, modulus, ringNoise.tail());
        this.rotation = new RandomisedHadamard(dimension, seed);
        this.dimension = dimension;
        this.bound = bound;
        this.cohortLimit = cohortLimit;
        this.modulus = modulus;
        this.noise = noise;
        this.limbs = WeightLimbs.widest(modulus, cohortLimit);
        Math.addExact(dimension, limbs.count());
    }

    /** Ring steps on either side of zero that each site may use. */
    private static int range(int cohortLimit, RingModulus modulus, long noiseTail) {
        long mostOfAll = modulus.size() / 4;
        if (cohortLimit < 1 || cohortLimit > mostOfAll) {
            throw new IllegalArgumentException("a ring of " + modulus.bits() + " bits sums 1 to " + mostOfAll
                    + " updates, got " + cohortLimit + ": take a wider ring or a smaller cohort");
        }
        long range = (modulus.size() / 2 - 1 - noiseTail) / cohortLimit;
        if (range < 1) {
            throw new IllegalArgumentException("a ring of " + modulus.bits() + " bits has no room for " + cohortLimit
                    + " updates and noise of up to " + noiseTail + " steps: take a wider ring");
        }
        return Math.toIntExact(range);
    }

    /**
     * The largest power of two at which all sites' ranges and the tail of all noise fit the ring.
     *
     * @throws IllegalArgumentException if there is none
     */
    private static double scale(
            int dimension,
            ClipNorm bound,
            int cohortLimit,
            RingModulus modulus,
            UpdateNoise noise,
            double coordinateBound) {
        double silent = scale(range(cohortLimit, modulus, WITHOUT_TAIL), coordinateBound);
        return switch (noise) {
            case UpdateNoise.None none -> silent;
            case UpdateNoise.DistributedGaussian gaussian -> {
                double scale = silent;
                while (!fits(
                        dimension, scale * bound.value(), cohortLimit, modulus, gaussian, scale * coordinateBound)) {
                    scale /= 2;
                    if (scale * coordinateBound < 0.5) {
                        throw noRoom(modulus, cohortLimit, gaussian);
                    }
                }
                requireFineNoise(localSigma(gaussian, scale * bound.value(), dimension), modulus);
                yield scale;
            }
        };
    }

    private static boolean fits(
            int dimension,
            double norm,
            int cohortLimit,
            RingModulus modulus,
            UpdateNoise.DistributedGaussian noise,
            double coordinateBound) {
        double localSigma = localSigma(noise, norm, dimension);
        if (localSigma > TableSampler.MOST_SIGMA) {
            return false;
        }
        long left = modulus.size() / 2 - 1 - RingNoise.Gaussian.tail(dimension, localSigma, cohortLimit);
        return coordinateBound * ROTATION_SLACK <= (double) Math.floorDiv(left, (long) cohortLimit);
    }

    /**
     * Sigma of one site's share, in ring steps.
     *
     * @param norm of an update before rounding, in ring steps
     */
    private static double localSigma(UpdateNoise.DistributedGaussian noise, double norm, int dimension) {
        return noise.multiplier().value() * enforcedNorm(norm, dimension) / Math.sqrt(noise.shares()) * SIGMA_SLACK;
    }

    /** What rounding surely keeps: a sum of d squares in double is off by less than d 2^-52 of itself. */
    private static double enforcedNorm(double norm, int dimension) {
        return roundedNormBound(norm, dimension) * (1 + dimension * 0x1p-52);
    }

    private static void requireFineNoise(double localSigma, RingModulus modulus) {
        if (localSigma < RingNoise.Gaussian.LEAST_SIGMA) {
            throw new IllegalArgumentException("a site's noise has a sigma of at least "
                    + RingNoise.Gaussian.LEAST_SIGMA + " ring steps, on " + modulus.bits() + " bits it has "
                    + localSigma + ": take a wider ring, a larger noise multiplier or fewer shares");
        }
    }

    private static IllegalArgumentException noRoom(
            RingModulus modulus, int cohortLimit, UpdateNoise.DistributedGaussian noise) {
        return new IllegalArgumentException("a ring of " + modulus.bits() + " bits has no room for " + cohortLimit
                + " updates and their noise, each a share of 1/" + noise.shares() + " of a multiplier of "
                + noise.multiplier().value() + ": take a wider ring, a smaller cohort or more shares");
    }

    private static double scale(int range, double coordinateBound) {
        double most = range / (coordinateBound * ROTATION_SLACK);
        double scale = Math.scalb(1.0, Math.getExponent(most));
        // The division may have been rounded up to a power of two.
        return scale * coordinateBound * ROTATION_SLACK <= range ? scale : scale / 2;
    }

    /**
     * The narrowest ring on which a full cohort of full weights has a mean with a root-mean-square error below
     * {@code tolerance} clip norms, in Euclidean norm. A sum of fewer or lighter updates has a larger one: see the class.
     *
     * @param tolerance above 0; 0.01 disturbs a mean as much as noise of one hundredth of the clip norm would
     * @throws IllegalArgumentException if 32 bits are too few
     */
    public static RingModulus leastBits(int dimension, ClipNorm bound, int cohortLimit, double tolerance) {
        return leastBits(dimension, bound, cohortLimit, WITHOUT_NOISE, tolerance);
    }

    /**
     * The same with room for noise. The error is that of rounding alone; a tolerance of a tenth of the noise multiplier's
     * share in the mean, {@code sqrt(d) multiplier / (10 cohortLimit)}, adds one hundredth to the noise's variance.
     *
     * @throws IllegalArgumentException if 32 bits are too few
     */
    public static RingModulus leastBits(
            int dimension, ClipNorm bound, int cohortLimit, UpdateNoise noise, double tolerance) {
        double coordinateBound = RandomisedHadamard.coordinateBound(dimension, bound.value());
        if (cohortLimit < 1) {
            throw new IllegalArgumentException("a cohort has at least 1 update, got " + cohortLimit);
        }
        for (int bits = RingModulus.LEAST_BITS; bits <= RingModulus.MOST_BITS; bits++) {
            RingModulus modulus = new RingModulus(bits);
            Optional<Double> scale = scaleIfAny(dimension, bound, cohortLimit, modulus, noise, coordinateBound);
            double error = Math.sqrt((double) dimension / cohortLimit) / (2 * scale.orElse(0.0));
            if (error < tolerance * bound.value()) {
                return modulus;
            }
        }
        throw new IllegalArgumentException("no ring of up to 32 bits gives the mean of " + cohortLimit + " updates of "
                + dimension + " values with an error below " + tolerance + " clip norms: allow a larger error");
    }

    private static Optional<Double> scaleIfAny(
            int dimension,
            ClipNorm bound,
            int cohortLimit,
            RingModulus modulus,
            UpdateNoise noise,
            double coordinateBound) {
        try {
            return Optional.of(scale(dimension, bound, cohortLimit, modulus, noise, coordinateBound));
        } catch (IllegalArgumentException tooNarrow) {
            return Optional.empty();
        }
    }

    /** Ring elements of one update: {@link #dimension()} values and the limbs of the weight. */
    public int length() {
        return dimension + limbs.count();
    }

    public int dimension() {
        return dimension;
    }

    public ClipNorm bound() {
        return bound;
    }

    public int cohortLimit() {
        return cohortLimit;
    }

    public RingModulus modulus() {
        return modulus;
    }

    /** What the plan declares, and every update that is encoded here must carry. */
    public UpdateNoise noise() {
        return noise;
    }

    /** What the sum of one round releases, for an accountant; empty without noise, when nothing is promised. */
    public Optional<DistributedGaussianSum> release() {
        return switch (ringNoise) {
            case RingNoise.Silent silent -> Optional.empty();
            case RingNoise.Gaussian gaussian -> Optional.of(gaussian.release());
        };
    }

    /** Ring steps per unit of a weighted value. */
    public double scale() {
        return scale;
    }

    /**
     * What the Euclidean norm of every encoded update is bounded by, in ring steps: what noise is fitted to. The weight's
     * limbs are not part of it.
     */
    public double roundedNormBound() {
        return roundedNormBound(scale * bound.value(), dimension);
    }

    /** The same for a vector of norm c before rounding: what accountants count too. */
    static double roundedNormBound(double c, int d) {
        return DistributedNoise.roundedNorm(c, d);
    }

    /**
     * @param source gives the noise, where there is any
     * @throws UnencodableUpdateException without noise, with a probability below 2^-39 for an update within the bound
     */
    EncodedRing encode(ParameterVector difference, ContributionWeight weight, SecretSeed rounding, NoiseSource source) {
        return EncodedRing.adopting(noisedElements(difference, weight, rounding, source), modulus);
    }

    int[] noisedElements(
            ParameterVector difference, ContributionWeight weight, SecretSeed rounding, NoiseSource source) {
        return switch (ringNoise) {
            case RingNoise.Silent silent -> encodedElements(difference, weight, rounding);
            case RingNoise.Gaussian gaussian -> {
                int[] ring = encodedOrZeros(difference, weight, rounding);
                gaussian.addTo(ring, source);
                yield ring;
            }
        };
    }

    private int[] encodedOrZeros(ParameterVector difference, ContributionWeight weight, SecretSeed rounding) {
        try {
            return encodedElements(difference, weight, rounding);
        } catch (UnencodableUpdateException e) {
            int[] ring = new int[length()];
            limbs.put(WeightLimbs.steps(weight), ring, dimension);
            return ring;
        }
    }

    int[] encodedElements(ParameterVector difference, ContributionWeight weight, SecretSeed rounding) {
        int steps = WeightLimbs.steps(weight);
        float[] values = difference.shared();
        double[] rotated = new double[dimension];
        double factor = (double) steps / WeightLimbs.STEPS;
        for (int i = 0; i < dimension; i++) {
            rotated[i] = values[i] * factor;
        }
        rotation.rotate(rotated);
        // A power of two: exact.
        for (int i = 0; i < dimension; i++) {
            rotated[i] *= scale;
        }
        requireWithinRange(rotated);
        int[] ring = new int[length()];
        round(rotated, ring, rounding);
        limbs.put(steps, ring, dimension);
        return ring;
    }

    private void requireWithinRange(double[] scaled) {
        double most = 0;
        for (double value : scaled) {
            most = Math.max(most, Math.abs(value));
        }
        // The range is whole, so what lies within it is also rounded to within it.
        if (!(most <= range)) {
            throw UnencodableUpdateException.beyondRange(range);
        }
    }

    private void round(double[] scaled, int[] ring, SecretSeed rounding) {
        Keystream stream = Keystream.of(rounding);
        double normBound = roundedNormBound();
        for (int attempt = 0; attempt < MOST_ROUNDINGS; attempt++) {
            double squaredNorm = 0;
            for (int at = 0; at < dimension; at += Keystream.CHUNK_WORDS) {
                int count = Math.min(Keystream.CHUNK_WORDS, dimension - at);
                squaredNorm += round(scaled, ring, at, count, stream.next());
            }
            if (squaredNorm <= normBound * normBound) {
                return;
            }
        }
        throw UnencodableUpdateException.neverWithinNorm(MOST_ROUNDINGS);
    }

    /**
     * Rounds up with the probability of the fraction that is cut off, in steps of 2^-32.
     *
     * @return the sum of squares of what was rounded
     */
    private static double round(double[] scaled, int[] ring, int from, int count, byte[] random) {
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double uniform = ((int) Keystream.WORD.get(random, i << 2) & LOW_32) * UNIT_32;
            double below = Math.floor(scaled[from + i]);
            double rounded = below + (uniform < scaled[from + i] - below ? 1 : 0);
            ring[from + i] = (int) rounded;
            squares += rounded * rounded;
        }
        return squares;
    }

    /**
     * The weighted mean behind a sum from which all masks have been taken off.
     *
     * <p>Honest members keep promises that survive in the sum, and a sum that breaks one is refused: each limb of the
     * weight and each coordinate within so many sites' ranges, the total weight between one step for each site and 1 for
     * each, and a mean within the clip norm plus what rounding and noise can add.
     * The elements of masks that do not cancel are uniform on the ring. Their norm is close to {@code 2^b sqrt(d/12)},
     * while the promise is at most {@code 2^b max(1/2, sqrt(d)/16)}, rounding, and of noise what fits the ring beside the
     * ranges, {@code 2^b sqrt(d) / 14} for large d: from some twenty values on, such a sum is practically always refused. <b>Does not</b> detect a lie within these bounds.
     *
     * @param centredSum {@link #length()} elements, of which the low b bits count
     * @param contributions how many updates are in the sum
     * @param layout of {@link #dimension()} values
     * @throws IllegalArgumentException if a length disagrees
     * @throws IllegalStateException if nothing was added, more than the ring can hold was added, or the members cannot
     *     all have been honest: the round must be abandoned
     */
    public WeightedMean decode(int[] centredSum, int contributions, ParameterLayout layout) {
        if (layout.size() != dimension || centredSum.length != length()) {
            throw new IllegalArgumentException("the encoding is of " + dimension + " values in " + length()
                    + " elements, got a layout of " + layout.size() + " and a sum of " + centredSum.length);
        }
        if (contributions < 1 || contributions > cohortLimit) {
            throw new IllegalStateException(
                    "no usable sum: " + contributions + " contributions, the encoding holds 1 to " + cohortLimit);
        }
        double totalWeight = (double) limbs.sum(centredSum, dimension, contributions) / WeightLimbs.STEPS;
        double factor = 1 / (scale * totalWeight);
        double[] mean = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            mean[i] = modulus.centred(centredSum[i]) * factor;
        }
        requireWithinRanges(centredSum, contributions);
        requireWithinBound(mean, totalWeight, contributions);
        rotation.invert(mean);
        float[] update = new float[dimension];
        for (int i = 0; i < dimension; i++) {
            update[i] = (float) mean[i];
        }
        return new WeightedMean(ParameterVector.adopting(layout, update), totalWeight, contributions);
    }

    private void requireWithinRanges(int[] sum, int contributions) {
        long most = (long) contributions * range + ringNoise.tail();
        long greatest = 0;
        for (int i = 0; i < dimension; i++) {
            greatest = Math.max(greatest, Math.abs((long) modulus.centred(sum[i])));
        }
        if (greatest > most) {
            throw new IllegalStateException("no usable sum: a coordinate has " + greatest + " steps, " + contributions
                    + " members give at most " + most + ": masks do not cancel, or a member sent a malformed update");
        }
    }

    /** The norm is the same on either side of the rotation. */
    private void requireWithinBound(double[] mean, double totalWeight, int contributions) {
        double squares = 0;
        for (double value : mean) {
            squares += value * value;
        }
        double norm = Math.sqrt(squares);
        double steps = Math.min(
                        scale * bound.value() * totalWeight + roundingTail(contributions),
                        contributions * roundedNormBound())
                + ringNoise.normTail(contributions);
        // Covers the errors of the rotations and of this sum in double, which are far smaller.
        double most = (1 + 0x1p-20) * steps / (scale * totalWeight);
        if (!(norm <= most)) {
            throw new IllegalStateException("no usable sum: the mean has norm " + norm
                    + ", members within the clip norm " + bound.value() + " give at most " + most
                    + ": masks do not cancel, or a member sent a malformed update");
        }
    }

    /**
     * What the rounding errors e_1 .. e_n of n honest sites add to the norm of the sum, in ring steps, but for a
     * probability of 2^-40.
     *
     * <p>Without the condition on the norm they are n d independent variables, each of mean 0 and on two points one step
     * apart, so {@code E |e|^2 <= n d / 4}. The norm of their sum is convex and sqrt(n)-Lipschitz in them, so by Talagrand
     * (Boucheron, Lugosi and Massart 2013, theorem 6.10) {@code P(|e| > sqrt(n d) / 2 + s) <= exp(-s^2 / 2n)}. The
     * condition holds at each site with probability at least 1 - e^(-1/2), so it multiplies the probability of an event
     * by at most {@code (1 - e^(-1/2))^-n}; s makes up for that.
     */
    private double roundingTail(int sites) {
        double expected = Math.sqrt((double) sites * dimension) / 2;
        return expected + Math.sqrt(2 * sites * (REFUSAL_LOG + sites * CONDITION_LOG));
    }

    @Override
    public String toString() {
        return "UpdateEncoding[" + dimension + " values within norm " + bound.value() + ", up to " + cohortLimit
                + " updates, modulus of " + modulus.bits() + " bits]";
    }
}
