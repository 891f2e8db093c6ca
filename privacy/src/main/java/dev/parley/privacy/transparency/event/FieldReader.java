package dev.parley.privacy.transparency.event;

import dev.parley.privacy.update.ContentHash;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Takes an object apart. What is missing, of another type or left over is an {@link IllegalArgumentException} that
 * names it.
 */
final class FieldReader {
    private final String what;
    private final SortedMap<String, JsonValue> left;

    FieldReader(String what, JsonValue value) {
        if (!(value instanceof JsonValue.Fields fields)) {
            throw new IllegalArgumentException(what + " is a JSON object");
        }
        this.what = what;
        this.left = new TreeMap<>(fields.members());
    }

    String text(String name) {
        return text(name, take(name));
    }

    ContentHash hash(String name) {
        return new ContentHash(text(name));
    }

    long whole(String name) {
        if (take(name) instanceof JsonValue.Whole whole) {
            return whole.value();
        }
        throw wrong(name, "a whole number");
    }

    int count(String name) {
        long value = whole(name);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw wrong(name, "a count");
        }
        return (int) value;
    }

    List<JsonValue> list(String name) {
        if (take(name) instanceof JsonValue.ListOf list) {
            return list.values();
        }
        throw wrong(name, "a list");
    }

    List<String> texts(String name) {
        return list(name).stream().map(each -> text(name, each)).toList();
    }

    SortedMap<String, String> textsByName(String name) {
        SortedMap<String, String> texts = new TreeMap<>();
        if (take(name) instanceof JsonValue.Fields fields) {
            fields.members().forEach((key, value) -> texts.put(key, text(name, value)));
            return Collections.unmodifiableSortedMap(texts);
        }
        throw wrong(name, "an object");
    }

    FieldReader object(String name) {
        return new FieldReader(what + "." + name, take(name));
    }

    JsonValue take(String name) {
        JsonValue value = left.remove(name);
        if (value == null) {
            throw new IllegalArgumentException(what + " has no '" + name + "'");
        }
        return value;
    }

    /** To be called last. */
    <T> T done(T result) {
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(what + " has more than it should: " + left.keySet());
        }
        return result;
    }

    private String text(String name, JsonValue value) {
        if (value instanceof JsonValue.Text text) {
            return text.value();
        }
        throw wrong(name, "a text");
    }

    private IllegalArgumentException wrong(String name, String expected) {
        return new IllegalArgumentException(what + "." + name + " is not " + expected);
    }
}
