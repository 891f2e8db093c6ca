package dev.parley.privacy.secagg.mask;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Little-endian 32-bit words in bytes, added onto ring elements: the loops in which nearly all time of masking is spent.
 * Each is short and alone in its method, so that the compiler turns it into vector instructions whoever calls it.
 */
final class Words {
    /** A 32-bit word at any byte. */
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** A 64-bit word at any byte. */
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Words() {}

    /** {@code ring[at + i] += words[i] + constant} for i below {@code count}. */
    static void add(byte[] words, int constant, int[] ring, int at, int count) {
        for (int i = 0; i < count; i++) {
            ring[at + i] += (int) INT.get(words, i << 2) + constant;
        }
    }

    /** {@code ring[at + i] += first[i] + second[i] + constant} for i below {@code count}. */
    static void addBoth(byte[] first, byte[] second, int constant, int[] ring, int at, int count) {
        for (int i = 0; i < count; i++) {
            ring[at + i] += (int) INT.get(first, i << 2) + (int) INT.get(second, i << 2) + constant;
        }
    }
}
