package dev.parley.privacy.secagg.mask;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Expands seeds and adds what comes out. Element i of a seed's vector is the little-endian 32-bit word at byte 4i of
 * AES-256-CTR under the seed as key, with a counter block that begins at zero and counts big-endian (NIST SP 800-38A,
 * 6.5); each seed is a key for one vector, so the nonce may be fixed. The stream can be entered at any multiple of 4
 * elements.
 */
final class MaskStream {
    /** Elements of one AES block. */
    static final int BLOCK_ELEMENTS = 4;

    private static final int CHUNK_BYTES = 16 << 10;
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private MaskStream() {}

    /**
     * Adds the terms' elements {@code from} (inclusive) to {@code to} (exclusive) onto the same range of {@code ring}.
     *
     * @param from a multiple of {@value #BLOCK_ELEMENTS}
     */
    static void addAll(List<MaskTerm> terms, int[] ring, int from, int to) {
        if (from % BLOCK_ELEMENTS != 0) {
            throw new IllegalArgumentException("a mask is entered at a multiple of 4 elements, got " + from);
        }
        byte[] stream = new byte[CHUNK_BYTES];
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            for (MaskTerm term : terms) {
                add(cipher, term, stream, ring, from, to);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-CTR", e);
        } finally {
            Arrays.fill(stream, (byte) 0);
        }
    }

    private static void add(Cipher cipher, MaskTerm term, byte[] stream, int[] ring, int from, int to)
            throws GeneralSecurityException {
        start(cipher, term.seed(), from / BLOCK_ELEMENTS);
        int at = from;
        while (at < to) {
            int count = Math.min(CHUNK_BYTES / Integer.BYTES, to - at);
            cipher.update(ZEROS, 0, count * Integer.BYTES, stream, 0);
            if (term.added()) {
                add(stream, ring, at, count);
            } else {
                subtract(stream, ring, at, count);
            }
            at += count;
        }
    }

    private static void start(Cipher cipher, SecretSeed seed, long block) throws GeneralSecurityException {
        byte[] key = seed.copyBytes(SecretAccess.token());
        byte[] counter = ByteBuffer.allocate(16).putLong(0).putLong(block).array();
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(counter));
        Arrays.fill(key, (byte) 0);
    }

    private static void add(byte[] stream, int[] ring, int at, int count) {
        for (int i = 0; i < count; i++) {
            ring[at + i] += (int) WORD.get(stream, i << 2);
        }
    }

    private static void subtract(byte[] stream, int[] ring, int at, int count) {
        for (int i = 0; i < count; i++) {
            ring[at + i] -= (int) WORD.get(stream, i << 2);
        }
    }
}
