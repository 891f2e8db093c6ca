package dev.parley.privacy.opendp;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Data for OpenDP, or from it, with the type that the library knows it by. Immutable: arrays are copied in and out.
 *
 * <p>{@code u32}, {@code u64} and {@code usize} are held in a {@code long}; values of {@code u64} and {@code usize}
 * from 2^63 on are refused.
 */
public final class Value implements Argument {
    private static final long MAX_U32 = 0xFFFF_FFFFL;

    private final RustType type;
    private final Object held;

    /** @param held an immutable value, or an array that no one else holds */
    Value(RustType type, Object held) {
        this.type = type;
        this.held = held;
    }

    public static Value of(boolean value) {
        return new Value(RustType.BOOL, value);
    }

    /** An {@code i32}. */
    public static Value of(int value) {
        return new Value(RustType.I32, value);
    }

    /** An {@code i64}. */
    public static Value of(long value) {
        return new Value(RustType.I64, value);
    }

    /** An {@code f32}; any value, NaN included: the domain it goes into decides. */
    public static Value of(float value) {
        return new Value(RustType.F32, value);
    }

    /** An {@code f64}; any value, NaN included: the domain it goes into decides. */
    public static Value of(double value) {
        return new Value(RustType.F64, value);
    }

    /** @throws IllegalArgumentException if the text holds a NUL, which ends a string in C */
    public static Value of(String value) {
        return new Value(RustType.STRING, requireText(value));
    }

    /** A {@code u32}, the type of distances between datasets: 0 to 2^32 - 1. */
    public static Value u32(long value) {
        if (value < 0 || value > MAX_U32) {
            throw new IllegalArgumentException("a u32 is 0 to 2^32 - 1, got " + value);
        }
        return new Value(RustType.U32, value);
    }

    /** A {@code u64}: 0 to 2^63 - 1. */
    public static Value u64(long value) {
        return new Value(RustType.U64, requireUnsigned("u64", value));
    }

    /** A {@code usize}: 0 to 2^63 - 1. */
    public static Value usize(long value) {
        return new Value(RustType.USIZE, requireUnsigned("usize", value));
    }

    /** A {@code Vec<bool>}. */
    public static Value of(boolean[] values) {
        return new Value(RustType.vec(RustType.BOOL), values.clone());
    }

    /** A {@code Vec<i32>}. */
    public static Value of(int[] values) {
        return new Value(RustType.vec(RustType.I32), values.clone());
    }

    /** A {@code Vec<i64>}. */
    public static Value of(long[] values) {
        return new Value(RustType.vec(RustType.I64), values.clone());
    }

    /** A {@code Vec<f32>}. */
    public static Value of(float[] values) {
        return new Value(RustType.vec(RustType.F32), values.clone());
    }

    /** A {@code Vec<f64>}. */
    public static Value of(double[] values) {
        return new Value(RustType.vec(RustType.F64), values.clone());
    }

    /** A {@code Vec<String>}. */
    public static Value of(List<String> values) {
        return new Value(
                RustType.vec(RustType.STRING),
                values.stream().map(Value::requireText).toList());
    }

    /** A {@code Vec<u32>}: each 0 to 2^32 - 1. */
    public static Value u32s(long... values) {
        for (long value : values) {
            u32(value);
        }
        return new Value(RustType.vec(RustType.U32), values.clone());
    }

    /** A {@code Vec<usize>}: each 0 to 2^63 - 1. */
    public static Value usizes(long... values) {
        for (long value : values) {
            requireUnsigned("usize", value);
        }
        return new Value(RustType.vec(RustType.USIZE), values.clone());
    }

    /**
     * A {@code HashMap} from two vectors of one length.
     *
     * @throws IllegalArgumentException if they are no vectors, or of two lengths
     */
    public static Value map(Value keys, Value values) {
        if (!keys.type.isVec() || !values.type.isVec() || keys.length() != values.length()) {
            throw new IllegalArgumentException(
                    "a map is made of two vectors of one length, got " + keys + " and " + values);
        }
        return new Value(RustType.map(keys.type.atom(), values.type.atom()), List.of(keys, values));
    }

    /**
     * A vector of pairs of one type.
     *
     * @throws IllegalArgumentException if it is empty, or an element is no pair of the first one's type
     */
    public static Value pairs(List<Value> pairs) {
        if (pairs.isEmpty()
                || pairs.stream().anyMatch(pair -> !pair.type.isTuple() || !pair.type.equals(pairs.getFirst().type))) {
            throw new IllegalArgumentException("a vector of pairs has at least one, all of one type, got " + pairs);
        }
        return new Value(RustType.vec(pairs.getFirst().type), List.copyOf(pairs));
    }

    /** A pair, such as lower and upper bound, or epsilon and delta. */
    public static Value pair(Value first, Value second) {
        return new Value(RustType.tuple(first.type, second.type), List.of(first, second));
    }

    /** What the library reports; more types than can be made here. */
    public RustType type() {
        return type;
    }

    public boolean asBoolean() {
        return held(Boolean.class);
    }

    public int asInt() {
        return held(Integer.class);
    }

    /** An {@code i32}, {@code i64}, {@code u32}, {@code u64} or {@code usize}. */
    public long asLong() {
        return held instanceof Integer small ? small : held(Long.class);
    }

    public float asFloat() {
        return held(Float.class);
    }

    public double asDouble() {
        return held(Double.class);
    }

    public String asString() {
        return held(String.class);
    }

    public boolean[] asBooleans() {
        return held(boolean[].class).clone();
    }

    public int[] asInts() {
        return held(int[].class).clone();
    }

    public long[] asLongs() {
        return held(long[].class).clone();
    }

    public float[] asFloats() {
        return held(float[].class).clone();
    }

    public double[] asDoubles() {
        return held(double[].class).clone();
    }

    /** The texts of a {@code Vec<String>}. */
    public List<String> asStrings() {
        return elements().stream().map(String.class::cast).toList();
    }

    /** The parts of a tuple, or of a vector of objects such as a composition's answers. */
    public List<Argument> parts() {
        return elements().stream().map(Argument.class::cast).toList();
    }

    /** What an {@code Option} holds. */
    public Optional<Value> asOptional() {
        return ((Optional<?>) held(Optional.class)).map(Value.class::cast);
    }

    /** A {@code HashMap}, keys and values as Java holds them, in no order that means anything. */
    public Map<Object, Object> asMap() {
        if (!type.name().equals("HashMap")) {
            throw new IllegalStateException("a value of type " + type + " is no map; ask for what its type() says");
        }
        Value keys = (Value) elements().get(0);
        Value values = (Value) elements().get(1);
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keys.length(); i++) {
            map.put(keys.element(i), values.element(i));
        }
        return map;
    }

    /** The value itself; an array is not copied. */
    Object held() {
        return held;
    }

    /** Elements of a vector. */
    int length() {
        return held instanceof List<?> list ? list.size() : Array.getLength(held);
    }

    private Object element(int index) {
        return held instanceof List<?> list ? list.get(index) : Array.get(held, index);
    }

    private List<?> elements() {
        return held(List.class);
    }

    private <T> T held(Class<T> wanted) {
        if (!wanted.isInstance(held)) {
            throw new IllegalStateException(
                    "a value of type " + type + " is no " + wanted.getSimpleName() + "; ask for what its type() says");
        }
        return wanted.cast(held);
    }

    private static String requireText(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "text for OpenDP may not hold a NUL, which ends a string in C; got one at character "
                            + text.indexOf('\0'));
        }
        return text;
    }

    private static long requireUnsigned(String type, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("a " + type + " is 0 to 2^63 - 1 here, got " + value);
        }
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value that && type.equals(that.type) && Objects.deepEquals(held, that.held);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, Arrays.deepHashCode(new Object[] {held}));
    }

    /** The type only: the data may be private. */
    @Override
    public String toString() {
        return "Value[" + type + "]";
    }
}
