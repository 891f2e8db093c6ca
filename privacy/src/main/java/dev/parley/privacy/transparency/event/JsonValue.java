package dev.parley.privacy.transparency.event;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * JSON in one form only: no white space, members ascending by UTF-16 code units, whole numbers, and in texts no escape
 * but those that JSON demands. It is what RFC 8785 (JCS) writes of the same value; there are no fractions, so that no
 * two readers can round differently. Two equal values have equal bytes, and {@link #parse} refuses all other bytes.
 */
public sealed interface JsonValue {
    /** A text without unpaired surrogates. */
    record Text(String value) implements JsonValue {
        public Text {
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
                throw new IllegalArgumentException("a text has an unpaired surrogate");
            }
        }
    }

    /** A whole number that a double holds exactly. */
    record Whole(long value) implements JsonValue {
        /** 2^53 - 1, as in RFC 7493. */
        public static final long MAX = (1L << 53) - 1;

        public Whole {
            if (value < -MAX || value > MAX) {
                throw new IllegalArgumentException("a number is within +-" + MAX + ", got " + value);
            }
        }
    }

    record Truth(boolean value) implements JsonValue {}

    record ListOf(List<JsonValue> values) implements JsonValue {
        public ListOf {
            values = List.copyOf(values);
        }
    }

    /** An object. */
    record Fields(SortedMap<String, JsonValue> members) implements JsonValue {
        public Fields {
            members.keySet().forEach(Text::new);
            members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
        }
    }

    /** The one form, in UTF-8. */
    default byte[] toBytes() {
        StringBuilder out = new StringBuilder();
        JsonWriter.write(this, out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException unless the bytes are exactly what {@link #toBytes} writes of some value */
    static JsonValue parse(byte[] bytes) {
        return JsonReader.read(bytes);
    }
}
