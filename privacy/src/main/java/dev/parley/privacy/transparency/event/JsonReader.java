package dev.parley.privacy.transparency.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Reads the one form. The grammar is read plainly, and then the value is written again and compared: so the reader
 * need not know every way in which a form can be another one.
 */
final class JsonReader {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_DIGITS = 16;

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    static JsonValue read(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("JSON of " + bytes.length + " bytes, at most " + MAX_BYTES);
        }
        JsonReader reader;
        try {
            reader = new JsonReader(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("JSON is UTF-8", e);
        }
        JsonValue value = reader.value(0);
        if (reader.at != reader.text.length()) {
            throw reader.unexpected("the end");
        }
        if (!Arrays.equals(value.toBytes(), bytes)) {
            throw new IllegalArgumentException("the JSON is not in its canonical form (RFC 8785)");
        }
        return value;
    }

    private JsonValue value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("JSON is nested deeper than " + MAX_DEPTH);
        }
        return switch (peek()) {
            case '{' -> fields(depth);
            case '[' -> list(depth);
            case '"' -> new JsonValue.Text(quoted());
            case 't' -> word("true", new JsonValue.Truth(true));
            case 'f' -> word("false", new JsonValue.Truth(false));
            default -> whole();
        };
    }

    private JsonValue fields(int depth) {
        TreeMap<String, JsonValue> members = new TreeMap<>();
        expect('{');
        while (peek() != '}') {
            if (!members.isEmpty()) {
                expect(',');
            }
            String name = quoted();
            expect(':');
            if (members.put(name, value(depth + 1)) != null) {
                throw new IllegalArgumentException("the member '" + name + "' is there twice");
            }
        }
        expect('}');
        return new JsonValue.Fields(members);
    }

    private JsonValue list(int depth) {
        List<JsonValue> values = new ArrayList<>();
        expect('[');
        while (peek() != ']') {
            if (!values.isEmpty()) {
                expect(',');
            }
            values.add(value(depth + 1));
        }
        expect(']');
        return new JsonValue.ListOf(values);
    }

    private JsonValue whole() {
        int from = at;
        if (peek() == '-') {
            at++;
        }
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9' && at - from <= MAX_DIGITS) {
            at++;
        }
        try {
            return new JsonValue.Whole(Long.parseLong(text.substring(from, at)));
        } catch (NumberFormatException e) {
            throw unexpected("a value", e);
        }
    }

    private String quoted() {
        StringBuilder out = new StringBuilder();
        expect('"');
        while (peek() != '"') {
            char c = text.charAt(at++);
            out.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return out.toString();
    }

    private char escaped() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\' -> c;
            case 'b' -> '\b';
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'f' -> '\f';
            case 'r' -> '\r';
            case 'u' -> {
                int to = Math.min(at + 4, text.length());
                try {
                    char code = (char) Integer.parseInt(text.substring(at, to), 16);
                    at = to;
                    yield code;
                } catch (NumberFormatException e) {
                    throw unexpected("four hexadecimal digits", e);
                }
            }
            default -> throw unexpected("an escape");
        };
    }

    private JsonValue word(String word, JsonValue value) {
        if (!text.startsWith(word, at)) {
            throw unexpected(word);
        }
        at += word.length();
        return value;
    }

    private char peek() {
        if (at >= text.length()) {
            throw unexpected("more");
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected("'" + c + "'");
        }
        at++;
    }

    private IllegalArgumentException unexpected(String expected) {
        return new IllegalArgumentException("JSON at character " + at + ": expected " + expected);
    }

    private IllegalArgumentException unexpected(String expected, NumberFormatException cause) {
        return new IllegalArgumentException("JSON at character " + at + ": expected " + expected, cause);
    }
}
