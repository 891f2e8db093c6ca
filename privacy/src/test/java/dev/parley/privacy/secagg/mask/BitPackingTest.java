package dev.parley.privacy.secagg.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.privacy.secagg.DeterministicRandom;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** {@link BitPacking} and {@link RingSum.Addition}: what is packed is what is added, however it arrives. */
class BitPackingTest {
    @Property(tries = 400, seed = "20261125")
    void packsAsTheBitStringSays(
            @ForAll long seed,
            @ForAll @IntRange(min = 12, max = 32) int bits,
            @ForAll @IntRange(min = 0, max = 200) int length) {
        int[] elements = new DeterministicRandom(seed).ints(length).toArray();
        RingModulus modulus = new RingModulus(bits);
        byte[] expected = new byte[modulus.packedSizeBytes(length)];
        for (int bit = 0; bit < length * bits; bit++) {
            int value = elements[bit / bits] >>> bit % bits & 1;
            expected[bit / 8] |= (byte) (value << bit % 8);
        }

        assertArrayEquals(expected, BitPacking.pack(elements, modulus));
    }

    @Property(tries = 600, seed = "20261125")
    void whatIsPackedIsWhatIsAddedInPiecesOfAnySize(
            @ForAll long seed,
            @ForAll @IntRange(min = 12, max = 32) int bits,
            @ForAll @IntRange(min = 0, max = 6000) int length,
            @ForAll @IntRange(min = 1, max = 9000) int longestPiece) {
        DeterministicRandom random = new DeterministicRandom(seed);
        RingModulus modulus = new RingModulus(bits);
        int[] elements = random.ints(length).toArray();
        byte[] packed = BitPacking.pack(elements, modulus);
        RingSum sum = new RingSum(length, modulus);

        RingSum.Addition addition = sum.begin();
        for (int at = 0; at < packed.length; ) {
            int size = Math.min(1 + random.nextInt(longestPiece), packed.length - at);
            addition.feed(piece(packed, at, size, random.nextInt(3)));
            at += size;
        }
        addition.finish();

        assertArrayEquals(Arrays.stream(elements).map(modulus::centred).toArray(), sum.centred());
    }

    @Test
    void allWidthsAgreeOnVectorsOfSeveralTilesAddedTogether() {
        for (int bits = RingModulus.LEAST_BITS; bits <= RingModulus.MOST_BITS; bits++) {
            RingModulus modulus = new RingModulus(bits);
            DeterministicRandom random = new DeterministicRandom(bits);
            int[] first = random.ints(9_001).toArray();
            int[] second = random.ints(9_001).toArray();
            RingSum sum = new RingSum(first.length, modulus);
            byte[] bytesOfFirst = BitPacking.pack(first, modulus);
            byte[] bytesOfSecond = BitPacking.pack(second, modulus);

            RingSum.Addition one = sum.begin();
            RingSum.Addition other = sum.begin();
            one.feed(ByteBuffer.wrap(bytesOfFirst, 0, 1_001));
            other.feed(ByteBuffer.wrap(bytesOfSecond));
            one.feed(ByteBuffer.wrap(bytesOfFirst, 1_001, bytesOfFirst.length - 1_001));
            other.finish();
            one.finish();

            int[] expected = new int[first.length];
            Arrays.setAll(expected, i -> modulus.centred(first[i] + second[i]));
            assertArrayEquals(expected, sum.centred(), bits + " bits");
        }
    }

    @Property(tries = 100, seed = "20261125")
    void refusesMissingAndExcessBytes(
            @ForAll @IntRange(min = 12, max = 32) int bits, @ForAll @IntRange(min = 1, max = 100) int length) {
        RingSum sum = new RingSum(length, new RingModulus(bits));
        int size = sum.contributionSizeBytes();

        RingSum.Addition tooShort = sum.begin();
        tooShort.feed(ByteBuffer.allocate(size - 1));
        assertThrows(IllegalArgumentException.class, tooShort::finish);
        RingSum.Addition tooLong = sum.begin();
        assertThrows(IllegalArgumentException.class, () -> tooLong.feed(ByteBuffer.allocate(size + 1)));
        RingSum.Addition oneTooMany = sum.begin();
        oneTooMany.feed(ByteBuffer.allocate(size));
        assertThrows(IllegalArgumentException.class, () -> oneTooMany.feed(ByteBuffer.allocate(1)));
        assertThrows(IllegalArgumentException.class, () -> sum.begin().finish());
    }

    @Property(tries = 200, seed = "20261125")
    void refusesAnyPaddingBitThatIsSet(
            @ForAll @IntRange(min = 12, max = 32) int bits, @ForAll @IntRange(min = 1, max = 100) int length) {
        RingSum sum = new RingSum(length, new RingModulus(bits));
        int size = sum.contributionSizeBytes();
        for (int bit = length * bits; bit < 8 * size; bit++) {
            byte[] packed = new byte[size];
            packed[size - 1] = (byte) (1 << bit % 8);
            RingSum.Addition addition = sum.begin();
            addition.feed(ByteBuffer.wrap(packed));

            assertThrows(IllegalArgumentException.class, addition::finish);
        }
    }

    private static ByteBuffer piece(byte[] packed, int at, int size, int kind) {
        ByteBuffer heap = ByteBuffer.wrap(packed, at, size);
        return switch (kind) {
            case 0 -> heap;
            case 1 -> heap.asReadOnlyBuffer();
            default -> ByteBuffer.allocateDirect(size).put(heap).flip();
        };
    }
}
