package dev.parley.privacy.update;

import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.RingModulus;

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
 * <p><b>Error.</b> A coordinate that is rounded once has a variance of at most 1/4, so the mean of n sites with total
 * weight W has a root-mean-square error of at most {@code sqrt(n d) / (2 scale W)} in Euclidean norm.
 *
 * <p>Immutable; one object serves all sites of a simulated round and holds d/4 bytes of signs.
 */
public final class UpdateEncoding {
    /** Each fails with probability at most e^(-1/2); 56 in a row with less than 2^-40. */
    private static final int MOST_ROUNDINGS = 56;

    /** sqrt(2 ln(1/beta)) at beta = e^(-1/2). */
    private static final double ROUNDING_DEVIATION = 1;

    /** -ln(1 - e^(-1/2)): what the condition on one rounding can add to the logarithm of an event's probability. */
    private static final double CONDITION_LOG = 0.9328;

    /** ln(2^40): an honest sum is refused with probability below 2^-40. */
    private static final double REFUSAL_LOG = 27.73;

    /** Covers the rounding errors of the rotation in double, which are below 2^-36 of the coordinate's bound. */
    private static final double ROTATION_SLACK = 1 + 0x1p-30;

    private static final long WITHOUT_NOISE = 0;
    private static final double UNIT_32 = 0x1p-32;
    private static final long LOW_32 = 0xFFFFFFFFL;

    private final int dimension;
    private final ClipNorm bound;
    private final int cohortLimit;
    private final RingModulus modulus;
    private final RandomisedHadamard rotation;
    private final int range;
    private final double scale;
    private final WeightLimbs limbs;

    /**
     * @param dimension number of values, at least 1
     * @param bound the clip norm; no update exceeds it
     * @param cohortLimit most updates that may be added, 1 to a quarter of the modulus
     * @param modulus the ring
     * @param seed the round's, the same at every site
     * @throws IllegalArgumentException if the ring cannot hold so many updates
     */
    public UpdateEncoding(int dimension, ClipNorm bound, int cohortLimit, RingModulus modulus, RotationSeed seed) {
        this(
                dimension,
                bound,
                cohortLimit,
                modulus,
                seed,
                WITHOUT_NOISE,
                RandomisedHadamard.coordinateBound(dimension, bound.value()));
    }

    /**
     * @param noiseTail steps that noise may add to the sum on either side, but for its own failure probability
     * @param coordinateBound what a rotated coordinate is trusted not to exceed; tests give less than the truth
     */
    UpdateEncoding(
            int dimension,
            ClipNorm bound,
            int cohortLimit,
            RingModulus modulus,
            RotationSeed seed,
            long noiseTail,
            double coordinateBound) {
        this.range = range(cohortLimit, modulus, noiseTail);
        this.scale = scale(range, coordinateBound);
        this.rotation = new RandomisedHadamard(dimension, seed);
        this.dimension = dimension;
        this.bound = bound;
        this.cohortLimit = cohortLimit;
        this.modulus = modulus;
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
        double coordinateBound = RandomisedHadamard.coordinateBound(dimension, bound.value());
        if (cohortLimit < 1) {
            throw new IllegalArgumentException("a cohort has at least 1 update, got " + cohortLimit);
        }
        for (int bits = RingModulus.LEAST_BITS; bits <= RingModulus.MOST_BITS; bits++) {
            RingModulus modulus = new RingModulus(bits);
            if (cohortLimit <= modulus.size() / 4) {
                double scale = scale(range(cohortLimit, modulus, WITHOUT_NOISE), coordinateBound);
                double error = Math.sqrt((double) dimension / cohortLimit) / (2 * scale);
                if (error < tolerance * bound.value()) {
                    return modulus;
                }
            }
        }
        throw new IllegalArgumentException("no ring of up to 32 bits gives the mean of " + cohortLimit + " updates of "
                + dimension + " values with an error below " + tolerance + " clip norms: allow a larger error");
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

    /** Kairouz et al. 2021, theorem 1, at beta = e^(-1/2), for a vector of norm c before rounding. */
    static double roundedNormBound(double c, int d) {
        double likely = c * c + d / 4.0 + ROUNDING_DEVIATION * (c + Math.sqrt(d) / 2);
        return Math.min(c + Math.sqrt(d), Math.sqrt(likely));
    }

    /** @throws UnencodableUpdateException with a probability below 2^-39 for an update within the bound */
    EncodedRing encode(ParameterVector difference, ContributionWeight weight, SecretSeed rounding) {
        return EncodedRing.adopting(encodedElements(difference, weight, rounding), modulus);
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
     * each, and a mean within the clip norm plus what rounding can add (no noise is added yet, which would widen it).
     * The elements of masks that do not cancel are uniform on the ring. Their norm is close to {@code 2^b sqrt(d/12)},
     * while the promise is at most {@code 2^b max(1/2, sqrt(d)/16)} and rounding: from some twenty values on, such a sum is
     * practically always refused. <b>Does not</b> detect a lie within these bounds.
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
        long most = (long) contributions * range;
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
                scale * bound.value() * totalWeight + roundingTail(contributions), contributions * roundedNormBound());
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
