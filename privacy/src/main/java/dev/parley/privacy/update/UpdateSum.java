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
     * @throws IllegalStateException if nothing was added, or the sum of weights is not positive (a member sent a
     *     malformed weight): the round must be abandoned
     */
    public WeightedMean decode() {
        int ringWeight = sum[layout.size()];
        if (contributions == 0 || ringWeight <= 0) {
            throw new IllegalStateException(
                    "no usable sum: " + contributions + " contributions with total ring weight " + ringWeight);
        }
        double totalWeight = ringWeight / encoding.weightScale();
        double factor = 1.0 / (encoding.scale() * totalWeight);
        float[] mean = new float[layout.size()];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] * factor);
        }
        return new WeightedMean(ParameterVector.adopting(layout, mean), totalWeight, contributions);
    }

    /**
     * What a round learned: the mean update, the sum of contribution weights, and how many sites stand behind it.
     *
     * @param update the weighted mean of the differences
     * @param totalWeight sum of contribution weights
     * @param contributions number of updates added
     */
    public record WeightedMean(ParameterVector update, double totalWeight, int contributions) {}
}
