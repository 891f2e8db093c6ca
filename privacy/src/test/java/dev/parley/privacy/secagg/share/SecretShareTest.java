package dev.parley.privacy.secagg.share;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** {@link SecretShare} as bytes, and as a secret that is kept and given up. */
class SecretShareTest {
    private static final SecretAccess ACCESS = SecretAccess.token();
    private static final long SEED = 20261124;

    @Property(tries = 300, seed = "20261124")
    void bytesComeBack(@ForAll long seed) {
        for (SecretShare share : dealt(seed)) {
            byte[] bytes = share.toBytes(ACCESS);

            SecretShare read = SecretShare.fromBytes(share.holder(), bytes, ACCESS);

            assertEquals(share, read);
            assertEquals(40, bytes.length);
            assertArrayEquals(bytes, read.toBytes(ACCESS));
        }
    }

    @Test
    void bytesThatAreNotCanonicalAreRefused() {
        for (int limb = 0; limb < 5; limb++) {
            for (long value : new long[] {MersenneField.P, MersenneField.P + 1, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
                byte[] bytes = bytesWith(limb, value);
                assertThrows(IllegalArgumentException.class, () -> SecretShare.fromBytes(0, bytes, ACCESS));
            }
            SecretShare.fromBytes(0, bytesWith(limb, MersenneField.P - 1), ACCESS);
        }
    }

    private static byte[] bytesWith(int limb, long value) {
        return ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(limb * 8, value)
                .array();
    }

    @Test
    void otherLengthsAndHoldersAreRefused() {
        for (int length : new int[] {0, 39, 41, 80}) {
            assertThrows(IllegalArgumentException.class, () -> SecretShare.fromBytes(0, new byte[length], ACCESS));
        }
        assertThrows(IllegalArgumentException.class, () -> SecretShare.fromBytes(-1, new byte[40], ACCESS));
        assertThrows(
                IllegalArgumentException.class,
                () -> SecretShare.fromBytes(SecretSharing.MOST_HOLDERS, new byte[40], ACCESS));
    }

    @Test
    void aClosedShareIsWipedAndGivesNothing() {
        long[] values = {1, 2, 3, 4, 5};
        SecretShare share = SecretShare.adopting(0, values);
        SecretShare other = dealt(SEED).get(1);

        share.close();
        share.close();

        assertArrayEquals(new long[5], values);
        assertThrows(IllegalStateException.class, () -> share.toBytes(ACCESS));
        assertThrows(IllegalStateException.class, () -> new SecretSharing(2, 3).recover(List.of(share, other)));
    }

    @Test
    void equalityIsOfHolderAndEveryValue() {
        SecretShare share = SecretShare.adopting(7, new long[] {1, 2, 3, 4, 5});

        assertEquals(SecretShare.adopting(7, new long[] {1, 2, 3, 4, 5}), share);
        assertNotEquals(SecretShare.adopting(8, new long[] {1, 2, 3, 4, 5}), share);
        for (int limb = 0; limb < 5; limb++) {
            long[] values = {1, 2, 3, 4, 5};
            values[limb] ^= 1L << 60;
            assertNotEquals(SecretShare.adopting(7, values), share);
        }
        assertFalse(share.equals(null));
    }

    @Test
    void nothingIsPrintedNorHashed() {
        SecretShare share = SecretShare.adopting(7, new long[] {111, 222, 333, 444, 555});

        assertEquals("SecretShare[holder 7, redacted]", share.toString());
        assertEquals(SecretShare.adopting(7, new long[5]).hashCode(), share.hashCode());
        assertTrue(
                new SecretSharing(2, 3).forHolders(new int[] {0, 1}).toString().endsWith("[2 of 3]"));
    }

    private static List<SecretShare> dealt(long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        return new SecretSharing(2, 3).deal(SecretSeed.random(random), random);
    }
}
