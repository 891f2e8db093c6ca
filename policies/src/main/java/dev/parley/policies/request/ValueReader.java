package dev.parley.policies.request;

import dev.parley.policies.document.Fields;
import dev.parley.policies.document.NearestWord;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.request.ValueType.Field;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what somebody wrote as a value of a type: {@code Boolean}, {@code Long}, {@code Double}, {@code String},
 * {@link Instant}, {@link Duration}, {@code List}, or {@code Map} for a block, in which what was not given is absent.
 */
public final class ValueReader {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,9})\\s*(ms|s|min|h|d)");

    private ValueReader() {}

    /** @throws RefusedException if the value is of another type or larger than {@link ValueLimits} */
    public static Object read(Yaml value, ValueType type, String what) throws RefusedException {
        return switch (type) {
            case ValueType.Struct struct -> struct(value, struct, what);
            case ValueType.ListOf list -> list(value, list, what);
            default -> scalar(Fields.scalar(value, what), type, what);
        };
    }

    private static Map<String, Object> struct(Yaml value, ValueType.Struct struct, String what)
            throws RefusedException {
        Fields fields = Fields.of(value, what);
        Map<String, Object> read = new LinkedHashMap<>();
        List<RefusedException.Problem> missing = new ArrayList<>();
        for (Map.Entry<String, Field> entry : struct.fields().entrySet()) {
            Optional<Yaml> given = fields.get(entry.getKey());
            if (given.isPresent()) {
                read.put(entry.getKey(), read(given.get(), entry.getValue().type(), what + "." + entry.getKey()));
            } else if (!entry.getValue().optional()) {
                missing.add(new RefusedException.Problem(
                        fields.place(),
                        what + " needs '" + entry.getKey() + "' ("
                                + entry.getValue().type().word() + "): "
                                + entry.getValue().about()));
            }
        }
        fields.refuseOthers();
        if (!missing.isEmpty()) {
            throw new RefusedException(missing);
        }
        return read;
    }

    private static List<Object> list(Yaml value, ValueType.ListOf type, String what) throws RefusedException {
        if (!(value instanceof Yaml.Items items)) {
            throw new RefusedException(value.place(), what + " is a list, got " + value.kind());
        }
        if (items.values().size() > ValueLimits.MAX_ELEMENTS) {
            throw new RefusedException(
                    value.place(),
                    what + " has " + items.values().size() + " elements, at most " + ValueLimits.MAX_ELEMENTS);
        }
        List<Object> read = new ArrayList<>();
        for (Yaml item : items.values()) {
            read.add(read(item, type.element(), what + "[" + read.size() + "]"));
        }
        return read;
    }

    private static Object scalar(Yaml.Scalar scalar, ValueType type, String what) throws RefusedException {
        String value = scalar.value();
        try {
            return switch (type) {
                case ValueType.Bool bool ->
                    switch (value) {
                        case "true" -> true;
                        case "false" -> false;
                        default -> throw new IllegalArgumentException("true or false");
                    };
                case ValueType.WholeNumber number -> Long.parseLong(value.replace("_", ""));
                case ValueType.Decimal decimal -> decimal(value);
                case ValueType.Moment moment -> Instant.parse(value);
                case ValueType.Span span -> span(value);
                case ValueType.Text text -> text(value);
                case ValueType.OneOf words -> word(value, words);
                case ValueType.ListOf list -> throw new IllegalArgumentException("a list");
                case ValueType.Struct struct -> throw new IllegalArgumentException("a block");
            };
        } catch (NumberFormatException | DateTimeException e) {
            throw new RefusedException(
                    scalar.place(), what + " is " + expected(type) + ", got '" + Fields.shown(value) + "'");
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    scalar.place(), what + " is " + e.getMessage() + ", got '" + Fields.shown(value) + "'");
        }
    }

    private static String expected(ValueType type) {
        return switch (type) {
            case ValueType.WholeNumber number -> "a whole number of at most 64 bits";
            case ValueType.Decimal decimal -> "a number such as 0.05";
            case ValueType.Moment moment -> "a moment such as 2026-11-24T10:00:00Z";
            default -> "of type " + type.word();
        };
    }

    private static Double decimal(String value) {
        // BigDecimal takes decimal notation only: no NaN, no hexadecimal, no trailing 'd'. Its exponent is bounded
        // first.
        if (!value.matches("[+-]?[0-9]{0,40}[.]?[0-9]{0,40}([eE][+-]?[0-9]{1,3})?")) {
            throw new NumberFormatException();
        }
        double number = new BigDecimal(value).doubleValue();
        if (!Double.isFinite(number)) {
            throw new NumberFormatException();
        }
        return number;
    }

    private static Duration span(String value) {
        Matcher matcher = SPAN.matcher(value.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a length of time such as 500 ms, 30 s, 10 min, 12 h or 30 d");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "min" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    private static String text(String value) {
        if (value.length() > ValueLimits.MAX_CHARACTERS) {
            throw new IllegalArgumentException("text of at most " + ValueLimits.MAX_CHARACTERS + " characters");
        }
        return value;
    }

    private static String word(String value, ValueType.OneOf words) {
        if (!words.words().contains(value)) {
            throw new IllegalArgumentException(
                    "one of " + String.join(", ", words.words()) + NearestWord.hint(value, words.words()));
        }
        return value;
    }
}
