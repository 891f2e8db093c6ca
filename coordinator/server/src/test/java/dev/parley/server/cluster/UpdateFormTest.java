package dev.parley.server.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateFormTest {
    private static final long SEED = 20261125;

    @TempDir
    Path folder;

    /** What the form passes, a sum takes; what a sum would refuse halfway, the form refuses. */
    @ParameterizedTest
    @CsvSource({"12, 1", "12, 8", "13, 3", "20, 1", "20, 311", "21, 313", "31, 9", "32, 5"})
    void judgesAsTheSumWould(int bits, int elements) throws Exception {
        RingModulus modulus = new RingModulus(bits);
        UpdateForm form = new UpdateForm(elements, modulus);
        byte[] ones = new byte[form.sizeBytes()];
        new Random(SEED).nextBytes(ones);
        int used = elements * bits % 8;
        ones[ones.length - 1] = (byte) (used == 0 ? 0xFF : (1 << used) - 1);

        assertTrue(passes(form, ones), "every used bit may be set");
        assertTrue(adds(elements, modulus, ones));
        for (int bit = used; used != 0 && bit < 8; bit++) {
            byte[] padded = ones.clone();
            padded[padded.length - 1] |= (byte) (1 << bit);
            assertEquals(adds(elements, modulus, padded), passes(form, padded), "bit " + bit);
            assertTrue(!passes(form, padded), "bit " + bit + " of the last byte");
        }
        for (int size : new int[] {0, ones.length - 1, ones.length + 1}) {
            assertTrue(!passes(form, Arrays.copyOf(ones, size)), size + " bytes");
        }
    }

    private boolean passes(UpdateForm form, byte[] bytes) throws Exception {
        Path file = Files.write(folder.resolve("update"), bytes);
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            boolean passes = form.defect(channel).isEmpty();
            if (passes) {
                ByteBuffer all = ByteBuffer.allocate(bytes.length);
                while (all.hasRemaining() && channel.read(all) >= 0) {}
                assertArrayEquals(bytes, all.array(), "what was checked is read from its beginning");
            }
            return passes;
        }
    }

    private static boolean adds(int elements, RingModulus modulus, byte[] bytes) {
        RingSum.Addition addition = new RingSum(elements, modulus).begin();
        addition.feed(ByteBuffer.wrap(bytes));
        try {
            addition.finish();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
