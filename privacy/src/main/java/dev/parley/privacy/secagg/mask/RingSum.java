package dev.parley.privacy.secagg.mask;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's running sum of masked vectors: one {@code int[]}, however many are added. Its bits do not depend on
 * the order of addition, nor on how many threads take masks off. Not thread-safe: one owner.
 *
 * <p><b>Guarantees</b>: it is read only when all that was begun is finished. A contribution that was refused halfway, or
 * masks of which one had been wiped, leave a sum that means nothing; {@link #centred} then refuses. A contribution that
 * may yet fail is therefore kept elsewhere until its bytes are all there.
 */
public final class RingSum {
    /** Coordinate ranges begin at multiples of this: whole AES blocks, and whole cache lines for each thread. */
    private static final int RANGE_STEP_ELEMENTS = 1024;

    private final RingModulus modulus;
    private final int[] sum;
    private int unfinished;

    public RingSum(int length, RingModulus modulus) {
        this.sum = new int[length];
        this.modulus = modulus;
    }

    /** A sum of its own that begins with what is in this one. */
    public RingSum copy() {
        RingSum copy = new RingSum(sum.length, modulus);
        System.arraycopy(sum, 0, copy.sum, 0, sum.length);
        return copy;
    }

    public int length() {
        return sum.length;
    }

    public RingModulus modulus() {
        return modulus;
    }

    /** Bytes of one contribution. */
    public int contributionSizeBytes() {
        return modulus.packedSizeBytes(sum.length);
    }

    /** Adds a vector made in this process. */
    public void add(MaskedRing ring) {
        Addition addition = begin();
        addition.feed(ByteBuffer.wrap(ring.shared()));
        addition.finish();
    }

    /**
     * Begins to add one packed vector as its bytes arrive in order, in pieces of any size. Several may be under way.
     */
    public Addition begin() {
        return new Addition();
    }

    /** One contribution on its way into the sum. Its own memory is a few kilobytes. */
    public final class Addition {
        private final int tileBytes = BitPacking.TILE_ELEMENTS / Byte.SIZE * modulus.bits();
        private final byte[] tile = new byte[tileBytes + BitPacking.SLACK_BYTES];
        private final byte[] lanes = BitPacking.newLanes();
        private int filled;
        private int next;
        private int received;
        private boolean finished;

        private Addition() {}

        /**
         * Adds the elements that {@code bytes} completes, in whole groups; the rest waits for the next piece.
         *
         * @throws IllegalArgumentException if there are more bytes than a contribution has
         * @throws IllegalStateException after {@link #finish}
         */
        public void feed(ByteBuffer bytes) {
            if (finished) {
                throw new IllegalStateException("a finished contribution takes no more bytes");
            }
            if (bytes.remaining() > contributionSizeBytes() - received) {
                throw new IllegalArgumentException("more bytes than " + contributionSizeBytes());
            }
            if (received == 0 && bytes.hasRemaining()) {
                unfinished++;
            }
            received += bytes.remaining();
            while (bytes.hasRemaining()) {
                int taken = Math.min(tileBytes - filled, bytes.remaining());
                bytes.get(tile, filled, taken);
                filled += taken;
                addGroups();
            }
        }

        private void addGroups() {
            int bits = modulus.bits();
            int groups = Math.min(filled / bits, (sum.length - next) / BitPacking.GROUP_ELEMENTS);
            if (groups == 0) {
                return;
            }
            int count = groups * BitPacking.GROUP_ELEMENTS;
            BitPacking.addGroups(tile, bits, count, sum, next, lanes);
            next += count;
            filled -= groups * bits;
            System.arraycopy(tile, groups * bits, tile, 0, filled);
        }

        /**
         * Adds what is left.
         *
         * @throws IllegalArgumentException if bytes are missing, or what fills up the last byte is not zero
         * @throws IllegalStateException the second time
         */
        public void finish() {
            if (finished) {
                throw new IllegalStateException("a contribution is finished once");
            }
            int bits = modulus.bits();
            int left = sum.length - next;
            int usedBits = left * bits % Byte.SIZE;
            if (received != contributionSizeBytes() || (usedBits != 0 && (tile[filled - 1] & 0xFF) >>> usedBits != 0)) {
                throw new IllegalArgumentException("a contribution has exactly " + contributionSizeBytes()
                        + " bytes, and zero bits after the last element; got " + received + " bytes");
            }
            for (int i = 0; i < left; i++) {
                sum[next + i] += BitPacking.element(tile, bits, i);
            }
            finished = true;
            unfinished -= received > 0 ? 1 : 0;
        }
    }

    /**
     * Adds mask terms, to take masks off, by coordinate range: each of {@code threads} threads expands every seed, but
     * only its range of it, and no addition across threads follows.
     *
     * @throws IllegalStateException if a seed was wiped, or the thread was interrupted; the sum is then unreadable
     */
    public void addMasks(List<MaskTerm> terms, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("at least one thread takes masks off, got " + threads);
        }
        int steps = Math.ceilDiv(sum.length, RANGE_STEP_ELEMENTS);
        int ranges = Math.clamp(steps, 1, threads);
        if (ranges == 1) {
            addMasks(terms, 0, sum.length);
            return;
        }
        List<Callable<Void>> work = new ArrayList<>(ranges);
        for (int r = 0; r < ranges; r++) {
            int from = rangeStart(r, ranges, steps);
            int to = rangeStart(r + 1, ranges, steps);
            work.add(() -> {
                MaskStream.addAll(terms, sum, from, to);
                return null;
            });
        }
        unfinished++;
        runAll(work);
        unfinished--;
    }

    /**
     * Adds the terms' elements {@code from} (inclusive) to {@code to} (exclusive) onto the same elements of the sum. A
     * node that holds only a slice of the vector takes off only that slice of the masks: the streams are entered where
     * the slice begins, at no cost for what comes before.
     *
     * @param from a multiple of 4
     * @throws IllegalStateException if a seed was wiped; the sum is then unreadable
     */
    public void addMasks(List<MaskTerm> terms, int from, int to) {
        MaskStream.checkRange(sum, from, to);
        unfinished++;
        MaskStream.addAll(terms, sum, from, to);
        unfinished--;
    }

    private int rangeStart(int range, int ranges, int steps) {
        long step = (long) steps * range / ranges;
        return (int) Math.min(step * RANGE_STEP_ELEMENTS, sum.length);
    }

    private static void runAll(List<Callable<Void>> work) {
        try (ExecutorService executor = Executors.newFixedThreadPool(work.size())) {
            for (Future<Void> future : executor.invokeAll(work)) {
                future.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while masks were taken off", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("masks were not all taken off: " + e.getCause(), e);
        }
    }

    /**
     * The sum's elements, each in [-2^(b-1), 2^(b-1)).
     *
     * @throws IllegalStateException if a contribution, or the taking off of masks, was begun and did not finish
     */
    public int[] centred() {
        if (unfinished != 0) {
            throw new IllegalStateException(
                    unfinished + " additions were begun and not finished: the sum means nothing; form it anew");
        }
        int[] values = new int[sum.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = modulus.centred(sum[i]);
        }
        return values;
    }

    /** Equal elements modulo 2^b. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RingSum that
                && modulus.equals(that.modulus)
                && Arrays.equals(centred(), that.centred());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(centred());
    }
}
