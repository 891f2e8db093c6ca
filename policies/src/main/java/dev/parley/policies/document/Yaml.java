package dev.parley.policies.document;

import java.util.List;
import java.util.SequencedMap;

/** A value of a YAML file. */
public sealed interface Yaml {
    Place place();

    /** What it is, for errors. */
    default String kind() {
        return switch (this) {
            case Scalar scalar -> "one value";
            case Items items -> "a list";
            case Mapping mapping -> "a block of 'key: value' lines";
        };
    }

    /**
     * One word, number or text.
     *
     * @param plain without quotes and not a block of text, so that it may stand for something other than text
     * @param source where each of its characters stands
     */
    record Scalar(String value, boolean plain, Place place, ScalarSource source) implements Yaml {
        /** Nothing was written, or {@code null}. */
        public boolean absent() {
            return plain && (value.isEmpty() || value.equals("null") || value.equals("~"));
        }

        /** Where the character at an index of {@link #value} stands; the end of the value for a larger index. */
        public Place at(int index) {
            return source.at(index);
        }
    }

    /** A list. */
    record Items(List<Yaml> values, Place place) implements Yaml {
        public Items {
            values = List.copyOf(values);
        }
    }

    /**
     * Keys with values, in the file's order.
     *
     * @param entries an unmodifiable map
     */
    record Mapping(SequencedMap<String, Entry> entries, Place place) implements Yaml {}

    /** @param key where the key stands */
    record Entry(Place key, Yaml value) {}
}
