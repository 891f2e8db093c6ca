package dev.parley.sim.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/** The C library's allocator, from which the engine takes its tensors and graphs. */
final class NativeHeap {
    /** struct mallinfo2 of glibc 2.33 and newer: ten sizes. */
    private static final MemoryLayout MALLINFO2 = MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);

    private static final long MAPPED = 4L * Long.BYTES;
    private static final long IN_USE = 7L * Long.BYTES;
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("mallinfo2"),
                    FunctionDescriptor.of(MemoryLayout.structLayout(MALLINFO2)));

    private NativeHeap() {}

    /** Handed out and not got back, over all of the allocator's arenas. */
    static long bytesInUse() {
        try (Arena arena = Arena.ofConfined()) {
            var info = (MemorySegment) CALL.invokeExact((SegmentAllocator) arena);
            return info.get(ValueLayout.JAVA_LONG, IN_USE) + info.get(ValueLayout.JAVA_LONG, MAPPED);
        } catch (Throwable e) {
            throw new IllegalStateException("mallinfo2 of the C library could not be called", e);
        }
    }

    /**
     * The highest of as many readings as a second thread takes while the work runs. A peak between two readings is
     * missed, so the work should repeat itself often.
     */
    static long peakDuring(Runnable work) {
        var done = new AtomicBoolean();
        long[] peak = {0};
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                peak[0] = Math.max(peak[0], bytesInUse());
            }
        });
        try {
            work.run();
        } finally {
            done.set(true);
            join(reader);
        }
        return peak[0];
    }

    private static void join(Thread reader) {
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
