package dev.parley.privacy.secagg.mask;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.nio.ByteBuffer;
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
 *
 * <p>Where the time goes: a core gives about 34 GB/s of AES-256-CTR and adds in its first cache at several times that,
 * so the adding must not leave the cache and must not read or write more than it has to.
 *
 * <ul>
 *   <li>The vector is walked once for {@value #KEYED_TOGETHER} seeds, not once for each: that many ciphers stand keyed
 *       and each gives its next chunk for the tile at hand. Chunk, input and tile fit in the first-level cache together.
 *   <li>Two streams are added in one pass, which halves the loads and stores of the tile.
 *   <li>A stream is subtracted by adding: encrypting ones gives the stream's complement, and {@code -s = ~s + 1}. The
 *       compiler's vector code for {@code a -= s} is half as fast as for {@code a += s}, and one loop serves both signs.
 *   <li>AES-CTR crawls at a fiftieth of its speed until the virtual machine has compiled it, which takes a number of
 *       calls, not of bytes. So the first calls of a process are on small chunks.
 * </ul>
 */
final class MaskStream {
    /** Elements of one AES block. */
    static final int BLOCK_ELEMENTS = 4;

    private static final int KEYED_TOGETHER = 16;
    private static final int CHUNK_BYTES = 8 << 10;
    private static final int FIRST_CHUNK_BYTES = 512;

    /** Calls on small chunks; the virtual machine's last compiler takes an interest in a method after 5,000. */
    private static final int FIRST_CALLS = 12_000;

    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final byte[] ONES = ones();

    /** Of this process; a lost update from another thread does no harm. */
    private static int calls;

    private final Cipher[] ciphers;
    private final byte[][] inputs;
    private final byte[] first = new byte[CHUNK_BYTES];
    private final byte[] second = new byte[CHUNK_BYTES];

    private MaskStream(int keyedTogether) throws GeneralSecurityException {
        this.ciphers = new Cipher[keyedTogether];
        this.inputs = new byte[keyedTogether][];
        for (int i = 0; i < keyedTogether; i++) {
            ciphers[i] = Cipher.getInstance("AES/CTR/NoPadding");
        }
    }

    /**
     * Adds the terms' elements {@code from} (inclusive) to {@code to} (exclusive) onto the same range of {@code ring}.
     * Its own memory is a few chunks, however long the range and the list.
     *
     * @param from a multiple of {@value #BLOCK_ELEMENTS}
     */
    static void addAll(List<MaskTerm> terms, int[] ring, int from, int to) {
        checkRange(ring, from, to);
        if (terms.isEmpty() || from == to) {
            return;
        }
        try {
            MaskStream stream = new MaskStream(Math.min(KEYED_TOGETHER, terms.size()));
            try {
                for (int i = 0; i < terms.size(); i += KEYED_TOGETHER) {
                    stream.add(terms.subList(i, Math.min(i + KEYED_TOGETHER, terms.size())), ring, from, to);
                }
            } finally {
                Arrays.fill(stream.first, (byte) 0);
                Arrays.fill(stream.second, (byte) 0);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-CTR", e);
        }
    }

    /** @throws IllegalArgumentException if there is no such range of {@code ring} or a mask cannot be entered there */
    static void checkRange(int[] ring, int from, int to) {
        if (from % BLOCK_ELEMENTS != 0) {
            throw new IllegalArgumentException("a mask is entered at a multiple of 4 elements, got " + from);
        }
        if (from < 0 || from > to || to > ring.length) {
            throw new IllegalArgumentException("a range is within 0 to " + ring.length + ", got " + from + " to " + to);
        }
    }

    private void add(List<MaskTerm> together, int[] ring, int from, int to) throws GeneralSecurityException {
        int size = together.size();
        for (int i = 0; i < size; i++) {
            MaskTerm term = together.get(i);
            start(ciphers[i], term.seed(), from / BLOCK_ELEMENTS);
            inputs[i] = term.added() ? ZEROS : ONES;
        }
        int at = from;
        while (at < to) {
            int chunkBytes = calls < FIRST_CALLS ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
            int count = Math.min(chunkBytes / Integer.BYTES, to - at);
            addTile(size, ring, at, count);
            calls += calls < FIRST_CALLS ? size : 0;
            at += count;
        }
    }

    private void addTile(int size, int[] ring, int at, int count) throws GeneralSecurityException {
        int bytes = count * Integer.BYTES;
        int i = 0;
        for (; i + 1 < size; i += 2) {
            ciphers[i].update(inputs[i], 0, bytes, first, 0);
            ciphers[i + 1].update(inputs[i + 1], 0, bytes, second, 0);
            Words.addBoth(first, second, complements(i) + complements(i + 1), ring, at, count);
        }
        if (i < size) {
            ciphers[i].update(inputs[i], 0, bytes, first, 0);
            Words.add(first, complements(i), ring, at, count);
        }
    }

    private int complements(int i) {
        return inputs[i] == ONES ? 1 : 0;
    }

    private static void start(Cipher cipher, SecretSeed seed, long block) throws GeneralSecurityException {
        byte[] key = seed.copyBytes(SecretAccess.token());
        byte[] counter = ByteBuffer.allocate(16).putLong(0).putLong(block).array();
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(counter));
        Arrays.fill(key, (byte) 0);
    }

    private static byte[] ones() {
        byte[] ones = new byte[CHUNK_BYTES];
        Arrays.fill(ones, (byte) -1);
        return ones;
    }
}
