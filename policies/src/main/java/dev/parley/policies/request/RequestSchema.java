package dev.parley.policies.request;

import dev.parley.policies.request.ValueType.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The types of all requests, read off their records, so that what is type-checked and what is handed over cannot differ.
 * Every request also has {@code kind}, its own word.
 */
public final class RequestSchema {
    private static final Map<RequestKind, ValueType.Struct> STRUCTS = structs();

    private RequestSchema() {}

    public static ValueType.Struct of(RequestKind kind) {
        ValueType.Struct struct = STRUCTS.get(kind);
        if (struct == null) {
            throw new IllegalStateException("no schema of " + kind);
        }
        return struct;
    }

    private static Map<RequestKind, ValueType.Struct> structs() {
        Map<RequestKind, ValueType.Struct> structs = new EnumMap<>(RequestKind.class);
        for (RequestKind kind : RequestKind.values()) {
            ValueType.Struct bare = struct(kind.type());
            LinkedHashMap<String, Field> fields = new LinkedHashMap<>();
            fields.put("kind", new Field(new ValueType.OneOf(List.of(kind.word())), false, "what is asked for"));
            fields.putAll(bare.fields());
            structs.put(
                    kind,
                    new ValueType.Struct(bare.name(), bare.about(), Collections.unmodifiableSequencedMap(fields)));
        }
        return structs;
    }

    private static ValueType.Struct struct(Class<?> record) {
        LinkedHashMap<String, Field> fields = new LinkedHashMap<>();
        for (RecordComponent component : record.getRecordComponents()) {
            About about = component.getAnnotation(About.class);
            Type type = component.getGenericType();
            boolean optional = type instanceof ParameterizedType generic && generic.getRawType() == Optional.class;
            fields.put(
                    component.getName(),
                    new Field(type(optional ? argument(type) : type), optional, about == null ? "" : about.value()));
        }
        About about = record.getAnnotation(About.class);
        return new ValueType.Struct(
                record.getSimpleName(),
                about == null ? "" : about.value(),
                Collections.unmodifiableSequencedMap(fields));
    }

    private static Type argument(Type generic) {
        return ((ParameterizedType) generic).getActualTypeArguments()[0];
    }

    private static ValueType type(Type type) {
        if (type == boolean.class) {
            return new ValueType.Bool();
        }
        if (type == long.class || type == Long.class) {
            return new ValueType.WholeNumber();
        }
        if (type == double.class || type == Double.class) {
            return new ValueType.Decimal();
        }
        if (type == String.class) {
            return new ValueType.Text();
        }
        if (type == Instant.class) {
            return new ValueType.Moment();
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return new ValueType.ListOf(type(argument(type)));
        }
        if (type instanceof Class<?> known && known.isEnum()) {
            return new ValueType.OneOf(Arrays.stream(known.getEnumConstants())
                    .map(RequestSchema::word)
                    .toList());
        }
        if (type instanceof Class<?> known && known.isRecord()) {
            return struct(known);
        }
        throw new IllegalStateException("a request has no values of type " + type);
    }

    /** How a constant of an enumeration is written in files and policies. */
    static String word(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
