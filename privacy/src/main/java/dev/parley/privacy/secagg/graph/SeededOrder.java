package dev.parley.privacy.secagg.graph;

import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The order that a public seed gives to 0, 1, ... n - 1.
 *
 * <p>The key is SHA-256 of the ASCII label {@value #LABEL}, a zero byte, n as four bytes from the most significant, and
 * the seed's 32 bytes. The words are the little-endian 32-bit words of AES-256-CTR under that key, the counter block
 * starting at zero. The order is Fisher and Yates's (Knuth, TAOCP 2, algorithm 3.4.2P): for i from n - 1 down to 1,
 * element i is exchanged with element {@code w mod (i + 1)}, where w is the next word below the largest multiple of i +
 * 1 that is at most 2^32; words above it are passed over, so that every position is equally likely.
 */
final class SeededOrder {
    private static final String LABEL = "parley sharing graph v1";
    private static final int BATCH_BYTES = 8192;
    private static final byte[] ZEROS = new byte[BATCH_BYTES];

    private final Cipher stream;
    private final byte[] batch = new byte[BATCH_BYTES];
    private final ByteBuffer words = ByteBuffer.wrap(batch).order(ByteOrder.LITTLE_ENDIAN);

    private SeededOrder(Cipher stream) {
        this.stream = stream;
        words.position(BATCH_BYTES);
    }

    static int[] of(int count, ContentHash seed) {
        try {
            return new SeededOrder(streamOf(count, seed)).shuffled(count);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-CTR", e);
        }
    }

    private static Cipher streamOf(int count, ContentHash seed) throws GeneralSecurityException {
        MessageDigest digest = ContentHash.newDigest();
        digest.update(LABEL.getBytes(StandardCharsets.US_ASCII));
        digest.update((byte) 0);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, count));
        digest.update(seed.bytes());
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(digest.digest(), "AES"), new IvParameterSpec(new byte[16]));
        return cipher;
    }

    private int[] shuffled(int count) throws GeneralSecurityException {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        for (int i = count - 1; i > 0; i--) {
            int j = below(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    private int below(int bound) throws GeneralSecurityException {
        long limit = (1L << Integer.SIZE) / bound * bound;
        while (true) {
            if (!words.hasRemaining()) {
                stream.update(ZEROS, 0, BATCH_BYTES, batch, 0);
                words.clear();
            }
            long word = Integer.toUnsignedLong(words.getInt());
            if (word < limit) {
                return (int) (word % bound);
            }
        }
    }
}
