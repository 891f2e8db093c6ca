package dev.parley.policies.request;

import java.util.List;
import java.util.SequencedMap;

/** The type of a value that a policy sees. */
public sealed interface ValueType {
    record Bool() implements ValueType {}

    /** 64 bits, signed. */
    record WholeNumber() implements ValueType {}

    /** Finite, double precision. */
    record Decimal() implements ValueType {}

    record Text() implements ValueType {}

    /** A moment. */
    record Moment() implements ValueType {}

    /** A length of time. */
    record Span() implements ValueType {}

    /** Text that is one of a few words. */
    record OneOf(List<String> words) implements ValueType {
        public OneOf {
            words = List.copyOf(words);
        }
    }

    /** At most {@link ValueLimits#MAX_ELEMENTS} elements. */
    record ListOf(ValueType element) implements ValueType {}

    /**
     * A block of named values.
     *
     * @param fields an unmodifiable map, in the order in which they are shown
     */
    record Struct(String name, String about, SequencedMap<String, Field> fields) implements ValueType {}

    /** @param optional whether the value may be absent */
    record Field(ValueType type, boolean optional, String about) {}

    /** As policies and errors write it. */
    default String word() {
        return switch (this) {
            case Bool type -> "bool";
            case WholeNumber type -> "int";
            case Decimal type -> "double";
            case Text type -> "string";
            case Moment type -> "timestamp";
            case Span type -> "duration";
            case OneOf type -> String.join("|", type.words());
            case ListOf type -> "list<" + type.element().word() + ">";
            case Struct type -> type.name();
        };
    }
}
