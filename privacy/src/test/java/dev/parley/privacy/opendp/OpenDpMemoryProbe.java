package dev.parley.privacy.opendp;

import static dev.parley.privacy.opendp.RustType.F64;
import static dev.parley.privacy.opendp.RustType.I32;
import static dev.parley.privacy.opendp.RustType.STRING;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The program of {@link OpenDpMemoryTest}: makes native calls and prints by how many bytes a round of them, in the middle
 * of seven windows, what malloc has handed out has grown ({@code mallinfo2}; resident memory would mix in Java's heap).
 */
final class OpenDpMemoryProbe {
    /**
     * At least so many native calls are in {@link #use}: makers, maps, runs, types asked for, data in and out, freeing.
     */
    static final int CALLS_IN_A_ROUND = 40;

    /**
     * What is not freed grows in every window; the compiler's memory, of which the machine gives back megabytes some seconds
     * after the compiler has come to rest, is in one or two of them. Hence the median.
     */
    private static final int WINDOWS = 7;

    private static final MemoryLayout MALLINFO2 =
            MemoryLayout.structLayout(MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG));
    private static final int MAPPED = 4; // hblkhd
    private static final int HANDED_OUT = 7; // uordblks

    private static final Map<String, Consumer<OpenDp>> ROUNDS =
            Map.of("use", OpenDpMemoryProbe::use, "leak", OpenDpMemoryProbe::leak);

    private OpenDpMemoryProbe() {}

    /** Arguments: use or leak; how many rounds first; how many rounds that are looked at. */
    public static void main(String[] arguments) throws Throwable {
        Consumer<OpenDp> round = ROUNDS.get(arguments[0]);
        int warming = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        try (OpenDp dp = OpenDpTesting.open()) {
            repeat(round, dp, warming); // tables of the library fill, and Java's compiler has nothing left to do
            double[] grown = new double[WINDOWS];
            for (int i = 0; i < WINDOWS; i++) {
                long before = handedOut();
                repeat(round, dp, rounds / WINDOWS);
                grown[i] = (handedOut() - before) / (double) (rounds / WINDOWS);
            }
            Arrays.sort(grown);
            System.out.println(grown[WINDOWS / 2]);
        }
    }

    private static void repeat(Consumer<OpenDp> round, OpenDp dp, int rounds) {
        for (int i = 0; i < rounds; i++) {
            round.accept(dp);
        }
    }

    /** Objects of every kind that statistics make; numbers, texts, vectors and pairs in and out; errors. */
    private static void use(OpenDp dp) {
        try (Domain domain = dp.domains().atomDomain(null, Value.of(false), I32);
                Domain vector = dp.domains().vectorDomain(domain, Value.of(3));
                Metric metric = dp.metrics().l1Distance(I32);
                Measurement noise = dp.measurements().makeLaplace(vector, metric, 1.0)) {
            noise.invoke(Value.of(new int[] {1, 2, 3}));
            noise.map(Value.of(1));
            dp.domains().domainDebug(domain);
            dp.accuracy().laplacianScaleToAccuracy(Value.of(1.0), Value.of(0.05), F64);
        }
        try (Domain texts = dp.domains().atomDomain(null, Value.of(false), STRING);
                Measurement response =
                        dp.measurements().makeRandomizedResponse(Value.of(List.of("a", "b")), 0.75, STRING)) {
            dp.domains().member(texts, Value.of("a"));
            response.invoke(Value.of("b"));
        }
        try (Domain bounded = dp.domains().atomDomain(Value.pair(Value.of(1.0), Value.of(2.0)), Value.of(false), F64)) {
            dp.domains().atomDomainGetBoundsClosed(bounded);
        }
        errors(dp);
    }

    /** Errors of the library's, and refusals before it. */
    private static void errors(OpenDp dp) {
        try (Domain domain = dp.domains().atomDomain(null, Value.of(false), I32);
                Metric metric = dp.metrics().absoluteDistance(I32)) {
            refused(() -> dp.measurements().makeLaplace(domain, metric, -1.0));
            refused(() -> dp.domains().member(domain, Value.of(1.0)));
        }
    }

    private static void refused(Runnable call) {
        try {
            call.run();
        } catch (OpenDpException | IllegalArgumentException expected) {
            return;
        }
        throw new AssertionError("the call should have been refused");
    }

    /** As {@link #use}, with one small object that is not closed. */
    private static void leak(OpenDp dp) {
        use(dp);
        dp.metrics().symmetricDistance();
    }

    @SuppressWarnings("restricted") // mallinfo2 of glibc 2.33 and later: ten size_t, by value
    private static long handedOut() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle mallinfo2 = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(MALLINFO2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
            return info.getAtIndex(ValueLayout.JAVA_LONG, HANDED_OUT) + info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED);
        }
    }
}
