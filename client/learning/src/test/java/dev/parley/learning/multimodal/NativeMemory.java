package dev.parley.learning.multimodal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What the C library's allocator has handed out and not got back, over all its arenas: the engine's tensors and graphs,
 * and the JVM's own bookkeeping. Exact where the resident set is not, since freed pages stay resident.
 */
final class NativeMemory {
    /** struct mallinfo2 of glibc 2.33 and newer: ten sizes. */
    private static final MemoryLayout MALLINFO2 = MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);

    private static final long MAPPED = 4L * Long.BYTES;
    private static final long IN_USE = 7L * Long.BYTES;
    private static final MethodHandle CALL = handle();

    private NativeMemory() {}

    private static MethodHandle handle() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("mallinfo2"),
                FunctionDescriptor.of(MemoryLayout.structLayout(MALLINFO2)));
    }

    static long bytesInUse() {
        try (Arena arena = Arena.ofConfined()) {
            var info = (MemorySegment) CALL.invokeExact((SegmentAllocator) arena);
            return info.get(ValueLayout.JAVA_LONG, IN_USE) + info.get(ValueLayout.JAVA_LONG, MAPPED);
        } catch (Throwable e) {
            throw new IllegalStateException("mallinfo2 of the C library could not be called", e);
        }
    }
}
