package dev.parley.policies.request;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A request as expressions see it: blocks are maps, in which what is absent has no key. */
public final class RequestValues {
    private int values;

    private RequestValues() {}

    /** @throws TooLargeException if the request exceeds {@link ValueLimits} */
    public static Map<String, Object> of(GovernedRequest request) throws TooLargeException {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("kind", request.kind().word());
        values.putAll(new RequestValues().block((Record) request));
        return Collections.unmodifiableMap(values);
    }

    /** The request is larger than a policy may look at. */
    public static final class TooLargeException extends Exception {
        TooLargeException(String message) {
            super(message);
        }
    }

    private Map<String, Object> block(Record record) throws TooLargeException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = read(record, component);
            if (value instanceof Optional<?> optional) {
                if (optional.isPresent()) {
                    values.put(component.getName(), value(optional.get()));
                }
            } else {
                values.put(component.getName(), value(value));
            }
        }
        return Collections.unmodifiableMap(values);
    }

    private Object value(Object value) throws TooLargeException {
        if (++values > ValueLimits.MAX_VALUES) {
            throw new TooLargeException("the request has more than " + ValueLimits.MAX_VALUES + " values");
        }
        return switch (value) {
            case Record record -> block(record);
            case List<?> list -> list(list);
            case Enum<?> constant -> RequestSchema.word(constant);
            case String text -> text(text);
            case Double number -> number(number);
            default -> value;
        };
    }

    private List<Object> list(List<?> list) throws TooLargeException {
        if (list.size() > ValueLimits.MAX_ELEMENTS) {
            throw new TooLargeException("a list of the request has " + list.size() + " elements, at most "
                    + ValueLimits.MAX_ELEMENTS + " are looked at");
        }
        List<Object> values = new ArrayList<>(list.size());
        for (Object element : list) {
            values.add(value(element));
        }
        return Collections.unmodifiableList(values);
    }

    private static String text(String text) throws TooLargeException {
        if (text.length() > ValueLimits.MAX_CHARACTERS) {
            throw new TooLargeException("a text of the request has " + text.length() + " characters, at most "
                    + ValueLimits.MAX_CHARACTERS + " are looked at");
        }
        return text;
    }

    private static Double number(Double number) throws TooLargeException {
        if (!Double.isFinite(number)) {
            throw new TooLargeException("a number of the request is " + number + "; policies compare finite ones");
        }
        return number;
    }

    private static Object read(Record record, RecordComponent component) {
        try {
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("accessors of a public record are public", e);
        }
    }
}
