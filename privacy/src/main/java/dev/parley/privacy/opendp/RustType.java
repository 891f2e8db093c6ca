package dev.parley.privacy.opendp;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A type as OpenDP's C interface names it: {@code f64}, {@code Vec<i32>}, {@code (f64, f64)}, {@code L1Distance<f64>}.
 *
 * @param name the outermost name, or empty for a tuple
 * @param arguments the types in it
 */
public record RustType(String name, List<RustType> arguments) {
    public static final RustType BOOL = atom("bool");
    public static final RustType I32 = atom("i32");
    public static final RustType I64 = atom("i64");
    public static final RustType U32 = atom("u32");
    public static final RustType U64 = atom("u64");
    public static final RustType USIZE = atom("usize");
    public static final RustType F32 = atom("f32");
    public static final RustType F64 = atom("f64");
    public static final RustType STRING = atom("String");

    public RustType {
        arguments = List.copyOf(arguments);
        if (name.isEmpty() && arguments.isEmpty()) {
            throw new IllegalArgumentException("a type has a name, or is a tuple of types");
        }
        if (!name.isEmpty() && !name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == ':')) {
            throw new IllegalArgumentException("a type's name has letters, digits, _ and :, got \"" + name + "\"");
        }
    }

    private static RustType atom(String name) {
        return new RustType(name, List.of());
    }

    /** {@code Vec<element>}. */
    public static RustType vec(RustType element) {
        return new RustType("Vec", List.of(element));
    }

    /** {@code (first, second, ...)}. */
    public static RustType tuple(RustType... parts) {
        return new RustType("", List.of(parts));
    }

    /** {@code HashMap<key, value>}. */
    public static RustType map(RustType key, RustType value) {
        return new RustType("HashMap", List.of(key, value));
    }

    /** {@code name<argument>}, such as {@code L1Distance<f64>}. */
    public static RustType of(String name, RustType... arguments) {
        return new RustType(name, List.of(arguments));
    }

    /**
     * Reads a type as the library writes it.
     *
     * @throws IllegalArgumentException if the text is no type
     */
    public static RustType parse(String text) {
        Reader reader = new Reader(text);
        RustType type = reader.type();
        if (reader.at < text.length()) {
            throw reader.refusal();
        }
        return type;
    }

    /** True for {@code Vec<...>}. */
    public boolean isVec() {
        return name.equals("Vec");
    }

    /** True for {@code (..., ...)}. */
    public boolean isTuple() {
        return name.isEmpty();
    }

    /** The innermost type of a type with one argument at each level: {@code i32} of {@code Vec<Option<i32>>}. */
    public RustType atom() {
        if (arguments.isEmpty()) {
            return this;
        }
        if (arguments.size() != 1) {
            throw new IllegalArgumentException(this + " has no one atom: it holds " + arguments.size() + " types");
        }
        return arguments.getFirst().atom();
    }

    /** The type of a map's values. */
    public RustType mapValue() {
        if (!name.equals("HashMap") || arguments.size() != 2) {
            throw new IllegalArgumentException("expected HashMap<key, value>, got " + this);
        }
        return arguments.get(1);
    }

    @Override
    public String toString() {
        if (isTuple()) {
            return arguments.stream().map(RustType::toString).collect(Collectors.joining(", ", "(", ")"));
        }
        return arguments.isEmpty()
                ? name
                : arguments.stream().map(RustType::toString).collect(Collectors.joining(", ", name + "<", ">"));
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        RustType type() {
            if (take('(')) {
                return new RustType("", list(')'));
            }
            int from = at;
            while (at < text.length()
                    && (Character.isLetterOrDigit(text.charAt(at)) || "_:".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            if (at == from) {
                throw refusal();
            }
            String name = text.substring(from, at);
            return new RustType(name, take('<') ? list('>') : List.of());
        }

        private List<RustType> list(char end) {
            List<RustType> types = new ArrayList<>();
            do {
                types.add(type());
            } while (take(','));
            if (!take(end)) {
                throw refusal();
            }
            return types;
        }

        private boolean take(char wanted) {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            if (at < text.length() && text.charAt(at) == wanted) {
                at++;
                while (at < text.length() && text.charAt(at) == ' ') {
                    at++;
                }
                return true;
            }
            return false;
        }

        IllegalArgumentException refusal() {
            return new IllegalArgumentException("expected a type such as f64, Vec<i32> or (f64, f64), got \"" + text
                    + "\", which breaks off at character " + at);
        }
    }
}
