package dev.parley.sim.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The least that masking could cost on the machine at hand, by loops that do nothing else: AES-256-CTR expanded and added
 * onto a tile that never leaves the first-level cache, under keys that never change; whole vectors added; whole vectors
 * copied. The product's own loops are not used, so that both cannot be slow in the same way.
 */
final class MaskingLimits {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK_BYTES = 8 << 10;
    private static final int VECTORS = 4;

    private final byte[] zeros = new byte[CHUNK_BYTES];
    private final byte[] first = new byte[CHUNK_BYTES];
    private final byte[] second = new byte[CHUNK_BYTES];
    private final int[] tile = new int[CHUNK_BYTES / Integer.BYTES];
    private final Cipher[] ciphers = {keyed((byte) 1), keyed((byte) 2)};
    private final int[][] vectors;
    private final int[] target;

    MaskingLimits(int parameters) {
        this.vectors = new int[VECTORS][parameters];
        this.target = new int[parameters];
        for (int v = 0; v < VECTORS; v++) {
            int step = 2 * v + 1;
            Arrays.setAll(vectors[v], i -> i * step);
        }
    }

    /** Seconds to expand and add {@code vectorCount} vectors' worth of key stream. */
    double maskSeconds(int vectorCount) {
        long passes = Math.ceilDiv((long) vectorCount * target.length * Integer.BYTES, 2L * CHUNK_BYTES);
        long start = CoreClock.nanos();
        for (long i = 0; i < passes; i++) {
            expandAndAdd();
        }
        double seconds = CoreClock.secondsSince(start);
        double exact = (double) vectorCount * target.length * Integer.BYTES / (2.0 * CHUNK_BYTES);
        return seconds * exact / passes;
    }

    /** Seconds to add {@code vectorCount} vectors onto one. */
    double addSeconds(int vectorCount) {
        long start = CoreClock.nanos();
        for (int i = 0; i < vectorCount; i++) {
            add(vectors[i % VECTORS], target);
        }
        return CoreClock.secondsSince(start);
    }

    /** Seconds to copy {@code vectorCount} vectors. */
    double copySeconds(int vectorCount) {
        long start = CoreClock.nanos();
        for (int i = 0; i < vectorCount; i++) {
            System.arraycopy(vectors[i % VECTORS], 0, target, 0, target.length);
        }
        return CoreClock.secondsSince(start);
    }

    /** Reading the results keeps the compiler from removing the work. */
    int digest() {
        return Arrays.hashCode(tile) ^ Arrays.hashCode(target);
    }

    private void expandAndAdd() {
        try {
            ciphers[0].update(zeros, 0, CHUNK_BYTES, first, 0);
            ciphers[1].update(zeros, 0, CHUNK_BYTES, second, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a chunk fits its buffer", e);
        }
        addBoth(first, second, tile);
    }

    private static void addBoth(byte[] first, byte[] second, int[] tile) {
        for (int i = 0; i < tile.length; i++) {
            tile[i] += (int) WORD.get(first, i << 2) + (int) WORD.get(second, i << 2);
        }
    }

    private static void add(int[] vector, int[] onto) {
        for (int i = 0; i < onto.length; i++) {
            onto[i] += vector[i];
        }
    }

    private static Cipher keyed(byte fill) {
        byte[] key = new byte[32];
        Arrays.fill(key, fill);
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-256-CTR", e);
        }
    }
}
