package dev.parley.privacy.statistics;

import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.RingSum;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sum of some sites' masked counts. Immutable, because it is part of a round's state; its size does not depend on the
 * number of sites.
 */
public final class MaskedCountsSum {
    private final CountsEncoding encoding;
    private final RingSum sum;
    private final int contributions;

    private MaskedCountsSum(CountsEncoding encoding, RingSum sum, int contributions) {
        this.encoding = encoding;
        this.sum = sum;
        this.contributions = contributions;
    }

    public static MaskedCountsSum none(CountsEncoding encoding) {
        return new MaskedCountsSum(encoding, new RingSum(encoding.length(), CountsEncoding.MODULUS), 0);
    }

    /** Bytes of one site's masked counts. */
    public int contributionSizeBytes() {
        return sum.contributionSizeBytes();
    }

    public int contributions() {
        return contributions;
    }

    /** @throws IllegalArgumentException if it does not have {@link #contributionSizeBytes()} bytes */
    public MaskedCountsSum plus(byte[] masked) {
        if (masked.length != contributionSizeBytes()) {
            throw new IllegalArgumentException(
                    "masked counts have " + contributionSizeBytes() + " bytes here, got " + masked.length);
        }
        RingSum more = sum.copy();
        RingSum.Addition addition = more.begin();
        addition.feed(ByteBuffer.wrap(masked));
        addition.finish();
        return new MaskedCountsSum(encoding, more, contributions + 1);
    }

    /**
     * Takes the masks off.
     *
     * @param terms that cancel every mask in the sum
     * @throws IllegalStateException if what remains cannot be a sum of honest counts
     */
    public EvaluationCounts open(List<MaskTerm> terms) {
        RingSum open = sum.copy();
        open.addMasks(terms, 1);
        return encoding.decode(open.centred(), contributions);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MaskedCountsSum that
                && encoding.equals(that.encoding)
                && contributions == that.contributions
                && sum.equals(that.sum);
    }

    @Override
    public int hashCode() {
        return 31 * sum.hashCode() + contributions;
    }

    @Override
    public String toString() {
        return "MaskedCountsSum[" + contributions + " contributions]";
    }
}
