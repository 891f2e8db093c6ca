package dev.parley.privacy.transparency.event;

import dev.parley.privacy.update.ContentHash;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Puts an object together. */
final class FieldWriter {
    private final SortedMap<String, JsonValue> members = new TreeMap<>();

    FieldWriter text(String name, String value) {
        return put(name, new JsonValue.Text(value));
    }

    FieldWriter hash(String name, ContentHash value) {
        return text(name, value.hex());
    }

    FieldWriter whole(String name, long value) {
        return put(name, new JsonValue.Whole(value));
    }

    FieldWriter texts(String name, List<String> values) {
        return put(
                name,
                new JsonValue.ListOf(
                        values.stream().<JsonValue>map(JsonValue.Text::new).toList()));
    }

    FieldWriter texts(String name, SortedMap<String, String> values) {
        FieldWriter inner = new FieldWriter();
        values.forEach(inner::text);
        return put(name, inner.done());
    }

    FieldWriter put(String name, JsonValue value) {
        members.put(name, value);
        return this;
    }

    JsonValue.Fields done() {
        return new JsonValue.Fields(members);
    }
}
