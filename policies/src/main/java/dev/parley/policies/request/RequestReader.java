package dev.parley.policies.request;

import dev.parley.policies.document.Fields;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a request that somebody wrote down, as YAML or JSON. */
public final class RequestReader {
    private RequestReader() {}

    /** @throws RefusedException if it is no request, with the place and the rule */
    public static GovernedRequest read(Yaml document) throws RefusedException {
        Fields fields = Fields.of(document, "a request");
        RequestKind kind = Fields.choice(fields.requireScalar("kind"), RequestKind.byWord());
        Object values = ValueReader.read(document, RequestSchema.of(kind), "request");
        return kind.type().cast(build(kind.type(), (Map<?, ?>) values));
    }

    private static Object build(Class<?> record, Map<?, ?> values) {
        RecordComponent[] components = record.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] arguments = Arrays.stream(components)
                .map(component -> convert(component.getGenericType(), values.get(component.getName())))
                .toArray();
        try {
            Constructor<?> constructor = record.getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException("every record has its canonical constructor", e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("a value that fits the schema fits the record " + record, e);
        }
    }

    private static Object convert(Type type, @Nullable Object value) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
            return Optional.ofNullable(value).map(given -> convert(generic.getActualTypeArguments()[0], given));
        }
        if (value == null) {
            throw new IllegalStateException("the schema lets no required value be absent");
        }
        if (type instanceof ParameterizedType generic && value instanceof List<?> list) {
            Type element = generic.getActualTypeArguments()[0];
            return list.stream().map(item -> convert(element, item)).toList();
        }
        if (type instanceof Class<?> known && known.isRecord()) {
            return build(known, (Map<?, ?>) value);
        }
        if (type instanceof Class<?> known && known.isEnum()) {
            return Arrays.stream(known.getEnumConstants())
                    .filter(constant -> RequestSchema.word(constant).equals(value))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchElementException("the schema lets no other word pass"));
        }
        return value;
    }
}
