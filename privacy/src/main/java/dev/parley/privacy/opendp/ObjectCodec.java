package dev.parley.privacy.opendp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Data in and out. The library reads an {@code FfiSlice} (pointer, length) with a type's name and copies it into an
 * {@code AnyObject}; the way back gives a slice that points into the object, or into small boxes made for it.
 *
 * <p>Those boxes are left to nobody by the library ("there's no way to get a CString without copying, so this leaks");
 * here they are freed. What cannot be: 24 bytes, the header of a vector whose address is lost, for each map or vector
 * of texts that is read.
 */
final class ObjectCodec {
    private static final long POINTER_BYTES = ADDRESS.byteSize();
    private static final RustType ANY = RustType.of("AnyObject");
    private static final RustType UNREADABLE = RustType.of("unreadable");
    private static final Set<String> NUMBERS = Set.of("bool", "i32", "i64", "u32", "u64", "usize", "f32", "f64");
    private static final Set<String> KEYS = Set.of("bool", "i32", "i64", "u32", "u64", "usize", "String");

    private ObjectCodec() {}

    /** Copies a value into the library; the object is the caller's to free. */
    static MemorySegment encode(Arena arena, Value value) {
        RustType type = value.type();
        if (type.isTuple()) {
            return encode(
                    arena,
                    pointers(
                            arena,
                            value.parts().stream()
                                    .map(part -> scalar(arena, part.asValue()))
                                    .toList()),
                    type.arguments().size(),
                    type);
        }
        if (type.name().equals("HashMap")) {
            return encodeAll(arena, value.parts(), type);
        }
        if (!type.isVec()) {
            MemorySegment data = type.equals(RustType.STRING)
                    ? pointers(arena, List.of(arena.allocateFrom(value.asString())))
                    : scalar(arena, value);
            return encode(arena, data, 1, type);
        }
        RustType element = type.arguments().getFirst();
        if (element.isTuple()) {
            return encodeAll(arena, value.parts(), type);
        }
        MemorySegment data = element.equals(RustType.STRING)
                ? pointers(
                        arena,
                        value.asStrings().stream()
                                .map(text -> arena.allocateFrom(text))
                                .toList())
                : elements(arena, value.held(), element);
        return encode(arena, data, value.length(), type);
    }

    /** Copies what lies at a pointer into the library. */
    static MemorySegment encode(Arena arena, MemorySegment data, long length, RustType type) {
        MemorySegment slice = arena.allocate(ADDRESS, 2);
        slice.set(ADDRESS, 0, data);
        slice.set(JAVA_LONG, POINTER_BYTES, length);
        try {
            return Abi.unwrap("slice_as_object", (MemorySegment) Abi.SLICE_AS_OBJECT.invokeExact(
                    (SegmentAllocator) arena, slice, arena.allocateFrom(type.toString())));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Abi.unexpected("slice_as_object", e);
        }
    }

    /** A slice of objects, which the library clones. */
    private static MemorySegment encodeAll(Arena arena, List<Argument> parts, RustType type) {
        List<MemorySegment> objects = new ArrayList<>();
        try {
            for (Argument part : parts) {
                objects.add(encode(arena, part.asValue()));
            }
            return encode(arena, pointers(arena, objects), objects.size(), type);
        } finally {
            objects.forEach(object -> Abi.free(Abi.OBJECT_FREE, object));
        }
    }

    /** A number in memory, as wide as its type. */
    static MemorySegment scalar(Arena arena, Value value) {
        return switch (value.type().name()) {
            case "bool" -> arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) (value.asBoolean() ? 1 : 0));
            case "i32" -> arena.allocateFrom(JAVA_INT, value.asInt());
            case "u32" -> arena.allocateFrom(JAVA_INT, (int) value.asLong());
            case "i64", "u64", "usize" -> arena.allocateFrom(JAVA_LONG, value.asLong());
            case "f32" -> arena.allocateFrom(JAVA_FLOAT, value.asFloat());
            case "f64" -> arena.allocateFrom(JAVA_DOUBLE, value.asDouble());
            default ->
                throw new IllegalArgumentException(
                        "expected a number (" + NUMBERS + ") in this place, got a value of type " + value.type());
        };
    }

    /** Elements side by side; an empty vector still needs an address that is not null. */
    private static MemorySegment elements(Arena arena, Object held, RustType element) {
        if (held instanceof double[] values && values.length > 0) {
            return arena.allocateFrom(JAVA_DOUBLE, values);
        } else if (held instanceof float[] values && values.length > 0) {
            return arena.allocateFrom(JAVA_FLOAT, values);
        } else if (held instanceof int[] values && values.length > 0) {
            return arena.allocateFrom(JAVA_INT, values);
        } else if (held instanceof long[] values && values.length > 0) {
            return element.equals(RustType.U32) ? narrowed(arena, values) : arena.allocateFrom(JAVA_LONG, values);
        } else if (held instanceof boolean[] values && values.length > 0) {
            MemorySegment data = arena.allocate(values.length);
            for (int i = 0; i < values.length; i++) {
                data.set(JAVA_BOOLEAN, i, values[i]);
            }
            return data;
        }
        return arena.allocate(JAVA_LONG);
    }

    private static MemorySegment narrowed(Arena arena, long[] values) {
        MemorySegment data = arena.allocate(JAVA_INT, values.length);
        for (int i = 0; i < values.length; i++) {
            data.setAtIndex(JAVA_INT, i, (int) values[i]);
        }
        return data;
    }

    private static MemorySegment pointers(Arena arena, List<MemorySegment> targets) {
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, targets.size()));
        for (int i = 0; i < targets.size(); i++) {
            pointers.setAtIndex(ADDRESS, i, targets.get(i));
        }
        return pointers;
    }

    /** The type of an object; {@code unreadable} if the library gives it a name that is none of its own types'. */
    static RustType typeOf(MemorySegment object) {
        String text = Abi.takeText(Abi.call("object_type", Abi.OBJECT_TYPE, object));
        try {
            return RustType.parse(text);
        } catch (IllegalArgumentException e) {
            return UNREADABLE;
        }
    }

    /** Whether {@link #decode} knows the type. What it does not know stays an object of the library's. */
    static boolean canRead(RustType type) {
        if (type.isTuple()) {
            return type.arguments().size() <= 3 && type.arguments().stream().allMatch(ObjectCodec::isPart);
        }
        return switch (type.name()) {
            case "Vec" ->
                isPart(type.arguments().getFirst())
                        || type.arguments().getFirst().equals(RustType.STRING);
            case "Option" ->
                type.arguments().getFirst().equals(ANY)
                        || (type.arguments().getFirst().isTuple()
                                && canRead(type.arguments().getFirst()));
            case "HashMap" ->
                KEYS.contains(type.arguments().get(0).name())
                        && NUMBERS.contains(type.arguments().get(1).name());
            default -> type.equals(RustType.STRING) || NUMBERS.contains(type.name());
        };
    }

    private static boolean isPart(RustType type) {
        return type.equals(ANY) || (type.arguments().isEmpty() && NUMBERS.contains(type.name()));
    }

    /**
     * Copies an object's data into Java; the object stays as it is.
     *
     * @throws IllegalStateException if it holds an object that only the library can read
     */
    @SuppressWarnings("restricted") // an FfiSlice: pointer and length
    static Value decode(MemorySegment object, RustType type) {
        MemorySegment header = Abi.call("object_as_slice", Abi.OBJECT_AS_SLICE, object);
        try {
            MemorySegment slice = header.reinterpret(2 * POINTER_BYTES);
            MemorySegment data = slice.get(ADDRESS, 0);
            long length = slice.get(JAVA_LONG, POINTER_BYTES);
            if (type.isTuple()) {
                return tuple(data, type);
            }
            return switch (type.name()) {
                case "Vec" -> vector(header, data, Math.toIntExact(length), type);
                case "Option" -> option(data, length, type);
                case "HashMap" -> map(data, type);
                case "String" -> string(data);
                default -> number(data, type);
            };
        } finally {
            Abi.free(Abi.SLICE_FREE, header);
        }
    }

    private static Value part(MemorySegment pointer, RustType type) {
        if (!type.equals(ANY)) {
            return number(pointer, type);
        }
        RustType inner = typeOf(pointer);
        if (!canRead(inner)) {
            throw new IllegalStateException("OpenDP's answer holds an object of type " + inner
                    + " inside another, which cannot be taken out; compose adaptively to get at it");
        }
        return decode(pointer, inner);
    }

    @SuppressWarnings("restricted") // as wide as the type says
    private static Value number(MemorySegment pointer, RustType type) {
        MemorySegment data = pointer.reinterpret(Long.BYTES);
        return new Value(
                type,
                switch (type.name()) {
                    case "bool" -> data.get(JAVA_BOOLEAN, 0);
                    case "i32" -> data.get(JAVA_INT, 0);
                    case "u32" -> Integer.toUnsignedLong(data.get(JAVA_INT, 0));
                    case "i64" -> data.get(JAVA_LONG, 0);
                    case "u64", "usize" -> nonNegative(data.get(JAVA_LONG, 0), type);
                    case "f32" -> data.get(JAVA_FLOAT, 0);
                    case "f64" -> data.get(JAVA_DOUBLE, 0);
                    default -> throw new IllegalStateException(type + " was taken for a number");
                });
    }

    private static long nonNegative(long value, RustType type) {
        if (value < 0) {
            throw new ArithmeticException("OpenDP gave a " + type + " of 2^63 or more, which a long cannot hold");
        }
        return value;
    }

    /** An array of pointers, boxed for this slice, to the parts inside the object. */
    @SuppressWarnings("restricted") // as many pointers as the tuple has parts
    private static Value tuple(MemorySegment box, RustType type) {
        try {
            MemorySegment pointers = box.reinterpret(type.arguments().size() * POINTER_BYTES);
            List<Value> parts = new ArrayList<>();
            for (int i = 0; i < type.arguments().size(); i++) {
                parts.add(part(pointers.getAtIndex(ADDRESS, i), type.arguments().get(i)));
            }
            return new Value(type, List.copyOf(parts));
        } finally {
            Abi.free(Abi.TEXT_FREE, box);
        }
    }

    private static Value option(MemorySegment data, long length, RustType type) {
        if (length == 0) {
            return new Value(type, Optional.empty());
        }
        RustType inner = type.arguments().getFirst();
        return new Value(type, Optional.of(inner.isTuple() ? tuple(data, inner) : part(data, inner)));
    }

    @SuppressWarnings("restricted") // a box of one pointer to the text, both made for this slice
    private static Value string(MemorySegment box) {
        MemorySegment text = box.reinterpret(POINTER_BYTES).get(ADDRESS, 0);
        Abi.free(Abi.TEXT_FREE, box);
        return new Value(RustType.STRING, Abi.takeText(text));
    }

    @SuppressWarnings("restricted") // two objects, for keys and values, in a box, all made for this slice
    private static Value map(MemorySegment box, RustType type) {
        MemorySegment pointers = box.reinterpret(2 * POINTER_BYTES);
        MemorySegment keys = pointers.getAtIndex(ADDRESS, 0);
        MemorySegment values = pointers.getAtIndex(ADDRESS, 1);
        try {
            return new Value(
                    type,
                    List.of(
                            decode(keys, RustType.vec(type.arguments().get(0))),
                            decode(values, RustType.vec(type.arguments().get(1)))));
        } finally {
            Abi.free(Abi.OBJECT_FREE, keys);
            Abi.free(Abi.OBJECT_FREE, values);
            Abi.free(Abi.TEXT_FREE, box);
        }
    }

    private static Value vector(MemorySegment header, MemorySegment data, int length, RustType type) {
        RustType element = type.arguments().getFirst();
        if (element.equals(RustType.STRING)) {
            return strings(data, length);
        }
        if (element.equals(ANY)) {
            return objects(header, type);
        }
        return new Value(
                type,
                switch (element.name()) {
                    case "bool" -> {
                        boolean[] values = new boolean[length];
                        MemorySegment bytes = sized(data, ValueLayout.JAVA_BYTE, length);
                        for (int i = 0; i < length; i++) {
                            values[i] = bytes.get(ValueLayout.JAVA_BYTE, i) != 0;
                        }
                        yield values;
                    }
                    case "i32" -> sized(data, JAVA_INT, length).toArray(JAVA_INT);
                    case "f32" -> sized(data, JAVA_FLOAT, length).toArray(JAVA_FLOAT);
                    case "f64" -> sized(data, JAVA_DOUBLE, length).toArray(JAVA_DOUBLE);
                    case "i64" -> sized(data, JAVA_LONG, length).toArray(JAVA_LONG);
                    case "u32" -> {
                        long[] values = new long[length];
                        MemorySegment ints = sized(data, JAVA_INT, length);
                        for (int i = 0; i < length; i++) {
                            values[i] = Integer.toUnsignedLong(ints.getAtIndex(JAVA_INT, i));
                        }
                        yield values;
                    }
                    default -> {
                        long[] values = sized(data, JAVA_LONG, length).toArray(JAVA_LONG);
                        for (long value : values) {
                            nonNegative(value, element);
                        }
                        yield values;
                    }
                });
    }

    /** Texts copied for this slice, in a buffer made for it. */
    private static Value strings(MemorySegment buffer, int length) {
        MemorySegment pointers = sized(buffer, ADDRESS, length);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            texts.add(Abi.takeText(pointers.getAtIndex(ADDRESS, i)));
        }
        if (length > 0) {
            Abi.free(Abi.TEXT_FREE, buffer);
        }
        return new Value(RustType.vec(RustType.STRING), List.copyOf(texts));
    }

    /** Objects side by side; a second slice, made for this, points to each. */
    @SuppressWarnings("restricted") // an FfiSlice: pointer and length
    private static Value objects(MemorySegment slice, RustType type) {
        MemorySegment header = Abi.call("ffislice_of_anyobjectptrs", Abi.POINTERS_OF_OBJECTS, slice);
        MemorySegment read = header.reinterpret(2 * POINTER_BYTES);
        MemorySegment buffer = read.get(ADDRESS, 0);
        int length = Math.toIntExact(read.get(JAVA_LONG, POINTER_BYTES));
        try {
            MemorySegment pointers = sized(buffer, ADDRESS, length);
            List<Value> parts = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                parts.add(part(pointers.getAtIndex(ADDRESS, i), ANY));
            }
            return new Value(type, List.copyOf(parts));
        } finally {
            if (length > 0) {
                Abi.free(Abi.TEXT_FREE, buffer);
            }
            Abi.free(Abi.SLICE_FREE, header);
        }
    }

    @SuppressWarnings("restricted") // the length is the library's own
    private static MemorySegment sized(MemorySegment data, ValueLayout element, int length) {
        return data.reinterpret(length * element.byteSize());
    }
}
