package dev.parley.privacy.update;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The running sum of masked updates at the coordinator. Its memory is one vector however many sites contribute, and its
 * bits do not depend on the order of addition. Not thread-safe: one owner.
 */
public final class UpdateSum {
    private final ParameterLayout layout;
    private final FixedPointEncoding encoding;
    private final int[] sum;
    private int contributions;

    public UpdateSum(ParameterLayout layout, FixedPointEncoding encoding) {
        this.layout = layout;
        this.encoding = encoding;
        this.sum = new int[Math.addExact(layout.size(), 1)];
    }

    /** Bytes of one submission to this sum. */
    public int submissionSizeBytes() {
        return Math.multiplyExact(sum.length, Integer.BYTES);
    }

    public int contributions() {
        return contributions;
    }

    /** Adds an update made in this process. */
    public void add(MaskedUpdate update) {
        if (!update.layoutHash().equals(layout.hash())) {
            throw new IllegalArgumentException(
                    "the update's layout " + update.layoutHash().abbreviated() + " is not the sum's "
                            + layout.hash().abbreviated());
        }
        requireRoom();
        int[] ring = update.shared();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += ring[i];
        }
        contributions++;
    }

    /**
     * Adds an update as {@link MaskedUpdate#toBytes} wrote it, without an intermediate array.
     *
     * @throws IllegalArgumentException if it does not have exactly {@link #submissionSizeBytes()} bytes
     */
    public void addBytes(byte[] submission) {
        if (submission.length != submissionSizeBytes()) {
            throw new IllegalArgumentException(
                    "a submission has " + submissionSizeBytes() + " bytes here, got " + submission.length);
        }
        requireRoom();
        var words = ByteBuffer.wrap(submission).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += words.get(i);
        }
        contributions++;
    }

    private void requireRoom() {
        if (contributions >= encoding.cohortLimit()) {
            throw new IllegalStateException(
                    "the encoding holds " + encoding.cohortLimit() + " updates; one more could wrap silently");
        }
    }

    /**
     * The weighted mean of the updates added.
     *
     * <p>Honest members keep two promises that survive in the sum: weights between one ring step and 1, and, because a
     * weighted mean of vectors within a ball lies in the ball, a mean within the clip norm (no noise is added yet, which
     * would widen it). A sum that breaks either is
     * refused. <b>Does not</b> detect a lie within these bounds.
     *
     * @throws IllegalStateException if nothing was added, or a member cannot have been honest: the round must be
     *     abandoned
     */
    public WeightedMean decode() {
        int ringWeight = sum[layout.size()];
        if (contributions == 0 || ringWeight < contributions || ringWeight > contributions * encoding.weightScale()) {
            throw new IllegalStateException("no usable sum: " + contributions + " contributions with total ring weight "
                    + ringWeight + ", expected " + contributions + " to "
                    + (long) (contributions * encoding.weightScale()) + ": a member sent a malformed weight");
        }
        double totalWeight = ringWeight / encoding.weightScale();
        double factor = 1.0 / (encoding.scale() * totalWeight);
        float[] mean = new float[layout.size()];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] * factor);
        }
        ParameterVector update = ParameterVector.adopting(layout, mean);
        requireWithinBound(update, totalWeight);
        return new WeightedMean(update, totalWeight, contributions);
    }

    private void requireWithinBound(ParameterVector mean, double totalWeight) {
        // Each contribution is rounded by at most half a ring step at each value; 2^-20 covers the rounding to float32.
        double rounding = Math.sqrt(layout.size()) * contributions / 2 / (encoding.scale() * totalWeight);
        double most = encoding.bound().value() * (1 + 0x1p-20) + rounding;
        double norm = mean.norm();
        if (!(norm <= most)) {
            throw new IllegalStateException("no usable sum: the mean has norm " + norm
                    + ", members within the clip norm " + encoding.bound().value() + " give at most " + most
                    + ": a member sent a malformed update");
        }
    }
}
