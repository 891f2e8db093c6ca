package dev.parley.privacy.secagg.mask;

import dev.parley.privacy.secagg.key.SecretSeed;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Each loop alone, on a vector of a million elements. {@link #addPlain} and {@link #copyPlain} are what the others are
 * held against.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MaskingBenchmark {
    private static final int ELEMENTS = 1_000_000;

    /** Of a ring element. */
    @Param({"20", "23", "32"})
    int bits;

    private int[] ring;
    private int[] other;
    private RingSum sum;
    private RingModulus modulus;
    private byte[] packed;
    private List<MaskTerm> terms;

    @Setup
    public void draw() {
        SecureRandom random = new SecureRandom();
        ring = random.ints(ELEMENTS).toArray();
        other = random.ints(ELEMENTS).toArray();
        modulus = new RingModulus(bits);
        sum = new RingSum(ELEMENTS, modulus);
        packed = BitPacking.pack(ring, modulus);
        terms = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            terms.add(new MaskTerm(SecretSeed.random(random), i % 2 == 0));
        }
    }

    /** Sixteen masks. */
    @Benchmark
    public int[] expandAndAdd16() {
        MaskStream.addAll(terms, ring, 0, ELEMENTS);
        return ring;
    }

    @Benchmark
    public byte[] pack() {
        return BitPacking.pack(ring, modulus);
    }

    @Benchmark
    public RingSum unpackAndAdd() {
        RingSum.Addition addition = sum.begin();
        addition.feed(ByteBuffer.wrap(packed));
        addition.finish();
        return sum;
    }

    @Benchmark
    public int[] addPlain() {
        for (int i = 0; i < ELEMENTS; i++) {
            ring[i] += other[i];
        }
        return ring;
    }

    @Benchmark
    public int[] copyPlain() {
        System.arraycopy(other, 0, ring, 0, ELEMENTS);
        return ring;
    }
}
