package dev.parley.privacy.opendp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The few functions that everything else stands on: errors, texts, freeing, and data in and out.
 *
 * <p>Every pointer in an Ok result is the caller's to free; arguments are borrowed or cloned. A pointer made by the
 * library goes back through the library: {@code str_free} drops a box of one byte, and its allocator is malloc, which
 * does not ask for the size; the library itself frees its strings so. {@link ObjectCodec} relies on it for the small
 * boxes that {@code object_as_slice} leaves behind, and the test of native memory would show if it were wrong.
 */
final class Abi {
    static final MethodHandle OBJECT_TYPE = unary("opendp_data__object_type");
    static final MethodHandle OBJECT_AS_SLICE = unary("opendp_data__object_as_slice");
    static final MethodHandle POINTERS_OF_OBJECTS = unary("opendp_data__ffislice_of_anyobjectptrs");
    static final MethodHandle SLICE_AS_OBJECT =
            NativeLibrary.function("opendp_data__slice_as_object", NativeLibrary.RESULT, ADDRESS, ADDRESS);

    static final MethodHandle OBJECT_FREE = unary("opendp_data__object_free");
    static final MethodHandle SLICE_FREE = unary("opendp_data__slice_free");
    static final MethodHandle TEXT_FREE = unary("opendp_data__str_free");
    static final MethodHandle BOOL_FREE = unary("opendp_data__bool_free");
    static final MethodHandle DOMAIN_FREE = unary("opendp_domains___domain_free");
    static final MethodHandle METRIC_FREE = unary("opendp_metrics___metric_free");
    static final MethodHandle MEASURE_FREE = unary("opendp_measures___measure_free");
    static final MethodHandle FUNCTION_FREE = unary("opendp_core___function_free");
    static final MethodHandle TRANSFORMATION_FREE = unary("opendp_core___transformation_free");
    static final MethodHandle MEASUREMENT_FREE = unary("opendp_core___measurement_free");
    static final MethodHandle ODOMETER_FREE = unary("opendp_core___odometer_free");

    static final MethodHandle DOMAIN_CARRIER_TYPE = unary("opendp_domains__domain_carrier_type");
    static final MethodHandle METRIC_DISTANCE_TYPE = unary("opendp_metrics__metric_distance_type");
    static final MethodHandle MEASURE_DISTANCE_TYPE = unary("opendp_measures__measure_distance_type");
    static final MethodHandle TRANSFORMATION_INPUT_CARRIER_TYPE =
            unary("opendp_core__transformation_input_carrier_type");
    static final MethodHandle TRANSFORMATION_INPUT_DISTANCE_TYPE =
            unary("opendp_core__transformation_input_distance_type");
    static final MethodHandle MEASUREMENT_INPUT_CARRIER_TYPE = unary("opendp_core__measurement_input_carrier_type");
    static final MethodHandle MEASUREMENT_INPUT_DISTANCE_TYPE = unary("opendp_core__measurement_input_distance_type");
    static final MethodHandle ODOMETER_INPUT_CARRIER_TYPE = unary("opendp_core__odometer_input_carrier_type");

    private static final MethodHandle ERROR_FREE =
            NativeLibrary.function("opendp_core___error_free", JAVA_BOOLEAN, ADDRESS);

    private static final long POINTER_BYTES = ADDRESS.byteSize();

    private Abi() {}

    private static MethodHandle unary(String name) {
        return NativeLibrary.function(name, NativeLibrary.RESULT, ADDRESS);
    }

    /** Calls a function of one pointer; what it makes is the caller's to free. */
    static MemorySegment call(String name, MethodHandle function, MemorySegment argument) {
        try (Arena arena = Arena.ofConfined()) {
            return unwrap(name, (MemorySegment) function.invokeExact((SegmentAllocator) arena, argument));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(name, e);
        }
    }

    /** Gives a pointer back. */
    static void free(MethodHandle function, MemorySegment pointer) {
        call("free", function, pointer);
    }

    /** A type that one pointer's object reports. */
    static RustType type(MethodHandle function, MemorySegment pointer) {
        return RustType.parse(takeText(call("type", function, pointer)));
    }

    /** The pointer of an Ok result; an error is read, freed and thrown. */
    static MemorySegment unwrap(String name, MemorySegment result) {
        MemorySegment pointer = result.get(ADDRESS, POINTER_BYTES);
        if (result.get(JAVA_INT, 0) == 0) {
            return pointer;
        }
        throw error(name, pointer);
    }

    @SuppressWarnings("restricted") // FfiError is three pointers: variant, message or null, backtrace
    private static OpenDpException error(String name, MemorySegment pointer) {
        try {
            MemorySegment error = pointer.reinterpret(3 * POINTER_BYTES);
            String variant = text(error.get(ADDRESS, 0));
            MemorySegment message = error.get(ADDRESS, POINTER_BYTES);
            return new OpenDpException(name, variant, message.address() == 0 ? null : text(message));
        } finally {
            try {
                boolean freed = (boolean) ERROR_FREE.invokeExact(pointer);
                assert freed : "the library made this error itself";
            } catch (Throwable e) {
                throw unexpected("_error_free", e);
            }
        }
    }

    /** Reads a text of the library's, which stays the library's. */
    @SuppressWarnings("restricted") // the library ends its texts with a NUL
    static String text(MemorySegment pointer) {
        return pointer.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Reads a text and frees it. */
    static String takeText(MemorySegment pointer) {
        try {
            return text(pointer);
        } finally {
            free(TEXT_FREE, pointer);
        }
    }

    /** No downcall throws; what would is a broken promise of this binding. */
    static IllegalStateException unexpected(String name, @Nullable Throwable cause) {
        return new IllegalStateException(
                "the call of OpenDP's " + name + " failed before it reached the library", cause);
    }
}
