package dev.parley.server.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.server.console.view.ApiProblem;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The API's description as OpenAPI 3.1, made from the routes that are registered and the records that are sent, so that it cannot
 * fall behind them.
 */
final class OpenApi {
    private static final Pattern PARAMETER = Pattern.compile("\\{([a-z]+)}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, ObjectNode> schemas = new TreeMap<>();

    private OpenApi() {}

    static ObjectNode document(List<Route> routes) {
        return new OpenApi().write(routes);
    }

    private ObjectNode write(List<Route> routes) {
        ObjectNode root = JSON.createObjectNode().put("openapi", "3.1.0");
        root.putObject("info")
                .put("title", "Parley coordinator")
                .put("version", "1")
                .put("description", "What the console shows and does, for scripts. See docs/CONSOLE.md.");
        ObjectNode paths = root.putObject("paths");
        for (Route route : routes) {
            ObjectNode path = paths.withObjectProperty(route.path());
            operation(path.putObject(route.method().name().toLowerCase(Locale.ROOT)), route);
        }
        ObjectNode components = root.putObject("components");
        schema(ApiProblem.class);
        ObjectNode all = components.putObject("schemas");
        schemas.forEach(all::set);
        components
                .putObject("securitySchemes")
                .putObject("apiKey")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "An API key of the console: parleykey.ID.SECRET");
        return root;
    }

    private void operation(ObjectNode operation, Route route) {
        operation.put("summary", route.summary());
        operation.put("operationId", operationId(route));
        switch (route.access()) {
            case Access.Everyone everyone -> operation.putArray("security");
            case Access.Needs needs -> {
                operation.putArray("security").addObject().putArray("apiKey");
                operation.put("x-permission", needs.permission().name());
            }
        }
        parameters(operation, route);
        route.request()
                .ifPresent(body ->
                        content(operation.putObject("requestBody").put("required", true), Route.JSON, reference(body)));
        ObjectNode responses = operation.putObject("responses");
        ObjectNode success =
                responses.putObject(Integer.toString(route.success())).put("description", route.summary());
        if (route.answer() != Void.class) {
            content(success, route.media(), route.list() ? page(route.answer()) : reference(route.answer()));
        } else if (route.success() != 204) {
            success.putObject("content").putObject(route.media());
        }
        content(
                responses.putObject("default").put("description", "An error as RFC 9457 writes it"),
                "application/problem+json",
                reference(ApiProblem.class));
    }

    private static String operationId(Route route) {
        return route.method().name().toLowerCase(Locale.ROOT)
                + route.path().substring(ApiRoutes.ROOT.length()).replaceAll("[^A-Za-z0-9]+", "-");
    }

    private static void parameters(ObjectNode operation, Route route) {
        var parameters = operation.putArray("parameters");
        Matcher names = PARAMETER.matcher(route.path());
        while (names.find()) {
            parameter(parameters.addObject(), names.group(1), "path", true, "string");
        }
        if (route.list()) {
            parameter(parameters.addObject(), "limit", "query", false, "integer");
            parameter(parameters.addObject(), "cursor", "query", false, "string");
        }
        if (route.request().isPresent()) {
            parameter(parameters.addObject(), "Idempotency-Key", "header", false, "string");
        }
        if (route.media().equals("text/event-stream")) {
            parameter(parameters.addObject(), "Last-Event-ID", "header", false, "string");
        }
    }

    private static void parameter(ObjectNode node, String name, String in, boolean required, String type) {
        node.put("name", name).put("in", in).put("required", required);
        node.putObject("schema").put("type", type);
    }

    private static void content(ObjectNode in, String media, ObjectNode schema) {
        in.putObject("content").putObject(media).set("schema", schema);
    }

    private ObjectNode page(Class<?> item) {
        ObjectNode page = JSON.createObjectNode().put("type", "object");
        ObjectNode properties = page.putObject("properties");
        properties.putObject("items").put("type", "array").set("items", reference(item));
        properties.putObject("next").putArray("type").add("string").add("null");
        page.putArray("required").add("items").add("next");
        return page;
    }

    private ObjectNode reference(Class<?> record) {
        schema(record);
        return JSON.createObjectNode().put("$ref", "#/components/schemas/" + record.getSimpleName());
    }

    private void schema(Class<?> record) {
        if (schemas.containsKey(record.getSimpleName())) {
            return;
        }
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        schemas.put(record.getSimpleName(), schema);
        ObjectNode properties = schema.putObject("properties");
        var required = schema.putArray("required");
        boolean request = ApiRequests.class.equals(record.getDeclaringClass());
        for (RecordComponent component : record.getRecordComponents()) {
            properties.set(component.getName(), type(component.getGenericType(), component.getAnnotatedType()));
            if (!request) {
                required.add(component.getName());
            }
        }
        schema.put("additionalProperties", false);
    }

    private ObjectNode type(Type type, AnnotatedType annotated) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            ObjectNode array = JSON.createObjectNode().put("type", "array");
            Class<?> item = (Class<?>) list.getActualTypeArguments()[0];
            array.set("items", reference(item));
            return array;
        }
        Class<?> of = (Class<?>) type;
        boolean nullable = annotated.isAnnotationPresent(Nullable.class);
        if (of.isRecord()) {
            if (!nullable) {
                return reference(of);
            }
            ObjectNode either = JSON.createObjectNode();
            var options = either.putArray("anyOf");
            options.add(reference(of));
            options.addObject().put("type", "null");
            return either;
        }
        ObjectNode plain = JSON.createObjectNode();
        if (nullable) {
            plain.putArray("type").add(word(of)).add("null");
        } else {
            plain.put("type", word(of));
        }
        return plain;
    }

    private static String word(Class<?> type) {
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "integer";
        }
        if (type == double.class || type == Double.class) {
            return "number";
        }
        if (type == boolean.class) {
            return "boolean";
        }
        if (type == String.class) {
            return "string";
        }
        throw new IllegalStateException("the API's description knows no " + type);
    }
}
