package dev.parley.policies.rule;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Values as people read them in messages and traces; the same value always in the same words, of bounded length. */
final class Shown {
    private static final int MAX_CHARACTERS = 200;
    private static final int MAX_ELEMENTS = 8;
    private static final int MAX_DEPTH = 3;

    private Shown() {}

    static String of(Object value) {
        String text = text(value, 0);
        return text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "..." : text;
    }

    private static String text(Object value, int depth) {
        if (depth >= MAX_DEPTH && (value instanceof List<?> || value instanceof Map<?, ?>)) {
            return "...";
        }
        return switch (value) {
            case String text ->
                "'" + (text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "..." : text) + "'";
            case Duration span -> span(span);
            case List<?> list ->
                list.stream()
                        .limit(MAX_ELEMENTS)
                        .map(element -> text(element, depth + 1))
                        .collect(Collectors.joining(
                                ", ", "[", list.size() > MAX_ELEMENTS ? ", ... " + list.size() + " in all]" : "]"));
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .limit(MAX_ELEMENTS)
                        .map(entry -> entry.getKey() + ": " + text(entry.getValue(), depth + 1))
                        .collect(Collectors.joining(", ", "{", "}"));
            default -> String.valueOf(value);
        };
    }

    private static String span(Duration span) {
        if (span.toMillis() % 1000 != 0) {
            return span.toMillis() + " ms";
        }
        if (span.toSeconds() % 86_400 == 0) {
            return span.toDays() + " d";
        }
        return span.toSeconds() % 3600 == 0 ? span.toHours() + " h" : span.toSeconds() + " s";
    }
}
