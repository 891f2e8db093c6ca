package dev.parley.privacy.opendp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One call into the library: checks and lays out its arguments, keeps what they point to alive until it ends, and turns
 * the result into what Java holds. Generated code opens one for each call and closes it in the same method.
 */
final class Call implements AutoCloseable {
    /** OpenDP's queryables count references without atomics and share state; one thread at a time may touch any. */
    static final ReentrantLock QUERYABLES = new ReentrantLock();

    private static final RustType MEASUREMENT_POINTER = RustType.of("AnyMeasurementPtr");
    private static final long MAX_U32 = 0xFFFF_FFFFL;

    /** The library divides by one less than this and takes powers of it, unchecked: 0 and 1 end the process. */
    private static final String BRANCHES = "branching_factor";

    private static final long MOST_BRANCHES = 1024;

    /** What it makes answers with an object that the library cannot clone, which it does in compositions: an abort. */
    private static final String FILTER = "make_privacy_filter";

    /** What may be made from a privacy filter all the same: it hands the answer on as it is. */
    private static final Set<String> HAND_ON = Set.of(
            "make_chain_mt", "make_pureDP_to_zCDP", "make_zCDP_to_approxDP", "make_approximate", "make_fix_delta");

    /** Reads the last element of the vector it is given, without asking whether there is one. */
    private static final String EVALUATE = "function_eval";

    private final OpenDp session;
    private final String function;
    private final Arena arena = Arena.ofConfined();
    private final List<NativeHandle> entered = new ArrayList<>(4);
    private final List<MemorySegment> objects = new ArrayList<>(2);
    private boolean locked;
    private boolean filtered;

    /** @throws FeatureDisabledException if the session lacks a feature that the function needs */
    Call(OpenDp session, String function, Feature... needed) {
        session.require(function, needed);
        this.session = session;
        this.function = function;
    }

    /** Where the result is laid out. */
    SegmentAllocator allocator() {
        return arena;
    }

    /** A pointer that stays good until this closes. */
    MemorySegment handle(String name, NativeHandle handle) {
        requireGiven(name, handle);
        MemorySegment address = handle.acquire();
        entered.add(handle);
        filtered |= handle instanceof Measurement measurement && measurement.isFilter();
        return address;
    }

    /** A type's name. */
    MemorySegment type(String name, RustType type) {
        requireGiven(name, type);
        return arena.allocateFrom(type.toString());
    }

    /** A text; NUL is refused. */
    MemorySegment text(String name, String text) {
        requireGiven(name, text);
        return arena.allocateFrom(Value.of(text).asString());
    }

    /** A {@code uint32_t}. */
    int unsigned32(String name, long value) {
        if (name.equals(BRANCHES) && (value < 2 || value > MOST_BRANCHES)) {
            throw new IllegalArgumentException(takes(name) + " from 2 to " + MOST_BRANCHES + ", got " + value);
        }
        if (value < 0 || value > MAX_U32) {
            throw new IllegalArgumentException(takes(name) + " from 0 to 2^32 - 1, got " + value);
        }
        return (int) value;
    }

    /** A {@code double}. NaN is no setting of any function, and ends the process in some. */
    double number(String name, double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(takes(name) + " as a number, got NaN");
        }
        return value;
    }

    /** A {@code size_t}. */
    long size(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(takes(name) + " from 0 on, got " + value);
        }
        return value;
    }

    /** A pointer to an {@code i32} or null. */
    MemorySegment optionalInt(@Nullable Integer value) {
        return value == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_INT, value);
    }

    /** A pointer to a {@code u32} or null. */
    MemorySegment optionalUnsigned32(String name, @Nullable Long value) {
        return value == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_INT, unsigned32(name, value));
    }

    /** A pointer to a number of a type that native code takes for granted, so it must be known here. */
    MemorySegment scalar(String name, Value value, RustType expected) {
        requireGiven(name, value);
        requireType(name, value.type(), expected);
        if (value.held() instanceof Double || value.held() instanceof Float) {
            requireUsable(name, ((Number) value.held()).doubleValue());
        }
        return ObjectCodec.scalar(arena, value);
    }

    MemorySegment optionalScalar(String name, @Nullable Value value, RustType expected) {
        return value == null ? MemorySegment.NULL : scalar(name, value, expected);
    }

    /**
     * Data that Java holds. Not an object of the library's: it clones what it is given, and ends the process where it
     * cannot.
     *
     * @param expected its type, or null where only the library can know
     */
    MemorySegment object(String name, Argument argument, @Nullable RustType expected) {
        requireGiven(name, argument);
        if (!(argument instanceof Value value)) {
            throw new IllegalArgumentException(takes(name) + " as a value of Java's, got a "
                    + argument.getClass().getSimpleName());
        }
        if (expected != null) {
            requireType(name, value.type(), expected);
        }
        if (function.equals(EVALUATE) && value.type().isVec() && value.length() == 0) {
            throw new IllegalArgumentException(takes(name) + " with at least one element, got an empty vector");
        }
        return made(ObjectCodec.encode(arena, value));
    }

    /** A queryable or a privacy profile. */
    MemorySegment held(String name, Argument argument) {
        requireGiven(name, argument);
        if (!(argument instanceof NativeObject object)) {
            throw new IllegalArgumentException(takes(name) + " as an object that the library holds, got a "
                    + argument.getClass().getSimpleName());
        }
        if (!locked) {
            QUERYABLES.lock();
            locked = true;
        }
        return handle(name, object);
    }

    /** What a queryable is asked: a value, or a measurement that it shall run. */
    MemorySegment query(String name, Argument argument) {
        if (argument instanceof Measurement measurement) {
            MemorySegment pointer = handle(name, measurement);
            requireUnfiltered(name);
            return made(ObjectCodec.encode(arena, pointer, 1, MEASUREMENT_POINTER));
        }
        return object(name, argument, null);
    }

    MemorySegment optionalObject(String name, @Nullable Argument argument, @Nullable RustType expected) {
        return argument == null ? MemorySegment.NULL : object(name, argument, expected);
    }

    /** Several measurements as one object. */
    MemorySegment measurements(String name, List<Measurement> measurements) {
        requireGiven(name, measurements);
        MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, measurements.size()));
        for (int i = 0; i < measurements.size(); i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, handle(name, measurements.get(i)));
        }
        requireUnfiltered(name);
        return made(ObjectCodec.encode(arena, pointers, measurements.size(), RustType.vec(MEASUREMENT_POINTER)));
    }

    Domain domain(MemorySegment result) {
        return session.kept(new Domain(session, Abi.unwrap(function, result)));
    }

    Metric metric(MemorySegment result) {
        return session.kept(new Metric(session, Abi.unwrap(function, result)));
    }

    Measure measure(MemorySegment result) {
        return session.kept(new Measure(session, Abi.unwrap(function, result)));
    }

    Transformation transformation(MemorySegment result) {
        return session.kept(new Transformation(session, Abi.unwrap(function, result)));
    }

    Measurement measurement(MemorySegment result) {
        if (filtered && !HAND_ON.contains(function)) {
            Abi.free(Abi.MEASUREMENT_FREE, Abi.unwrap(function, result));
            requireUnfiltered("a measurement");
        }
        return session.kept(
                new Measurement(session, Abi.unwrap(function, result), filtered || function.equals(FILTER)));
    }

    Odometer odometer(MemorySegment result) {
        return session.kept(new Odometer(session, Abi.unwrap(function, result)));
    }

    DpFunction function(MemorySegment result) {
        return session.kept(new DpFunction(session, Abi.unwrap(function, result)));
    }

    /** A text, freed once read. */
    String text(MemorySegment result) {
        return Abi.takeText(Abi.unwrap(function, result));
    }

    /** A truth value, freed once read. */
    @SuppressWarnings("restricted") // a pointer to one byte
    boolean truth(MemorySegment result) {
        MemorySegment pointer = Abi.unwrap(function, result);
        try {
            return pointer.reinterpret(1).get(ValueLayout.JAVA_BYTE, 0) != 0;
        } finally {
            Abi.free(Abi.BOOL_FREE, pointer);
        }
    }

    /** Data: read and freed where Java can hold it, else kept as an object of the library's. */
    Argument argument(MemorySegment result) {
        MemorySegment object = Abi.unwrap(function, result);
        boolean keep = false;
        try {
            RustType type = ObjectCodec.typeOf(object);
            if (ObjectCodec.canRead(type)) {
                return ObjectCodec.decode(object, type);
            }
            keep = true;
            return session.kept(new NativeObject(session, object, type));
        } finally {
            if (!keep) {
                Abi.free(Abi.OBJECT_FREE, object);
            }
        }
    }

    /** What a later argument's type follows from. */
    static <T> T given(String name, @Nullable T argument) {
        if (argument == null) {
            throw new IllegalArgumentException("OpenDP takes " + name + " here and got null");
        }
        return argument;
    }

    /** The type of a pair of bounds, where nothing else says it. */
    static RustType boundsType(@Nullable Argument bounds) {
        if (!(bounds instanceof Value value) || !value.type().isTuple()) {
            throw new IllegalArgumentException("OpenDP takes bounds as a pair of numbers, Value.pair(lower, upper)");
        }
        return value.type().arguments().getFirst();
    }

    /** Turns what a downcall might throw into a broken promise of this binding. */
    RuntimeException unexpected(Throwable cause) {
        return Abi.unexpected(function, cause);
    }

    /** Frees what was laid out and lets go of the handles. */
    @Override
    public void close() {
        try {
            objects.forEach(object -> Abi.free(Abi.OBJECT_FREE, object));
        } finally {
            entered.forEach(NativeHandle::release);
            if (locked) {
                QUERYABLES.unlock();
            }
            arena.close();
        }
    }

    private MemorySegment made(MemorySegment object) {
        objects.add(object);
        return object;
    }

    /** With others, conversions between scale and accuracy may look for an answer for ever. */
    private void requireUsable(String name, double number) {
        if (!Double.isFinite(number) || (name.equals("alpha") && !(number > 0 && number < 1))) {
            throw new IllegalArgumentException(
                    takes(name) + (name.equals("alpha") ? " in (0, 1)" : " as a finite number") + ", got " + number);
        }
    }

    private void requireUnfiltered(String name) {
        if (filtered) {
            throw new IllegalArgumentException(takes(name)
                    + " without privacy filters: OpenDP cannot clone their answers; invoke the filter by itself");
        }
    }

    private void requireGiven(String name, @Nullable Object argument) {
        if (argument == null) {
            throw new IllegalArgumentException(takes(name) + " and got null");
        }
    }

    private void requireType(String name, RustType got, RustType expected) {
        if (!got.equals(expected)) {
            throw new IllegalArgumentException(takes(name) + " of type " + expected + ", got one of type " + got);
        }
    }

    private String takes(String name) {
        return "OpenDP's " + function + " takes " + name;
    }
}
