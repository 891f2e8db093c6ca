package dev.parley.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** As much of JSON Schema as the API's description uses. */
final class Schemas {
    private Schemas() {}

    /** Fails if {@code value} is not what {@code schema} says. */
    static void check(JsonNode document, JsonNode schema, JsonNode value, String place) {
        if (schema.has("$ref")) {
            check(document, document.at(schema.path("$ref").asText().substring(1)), value, place);
            return;
        }
        if (schema.has("anyOf")) {
            if (!value.isNull()) {
                check(document, schema.path("anyOf").get(0), value, place);
            }
            return;
        }
        String types = schema.path("type").toString();
        assertTrue(types.contains("\"" + type(value) + "\""), place + " is " + value + ", expected " + types);
        for (JsonNode required : schema.path("required")) {
            assertTrue(value.has(required.asText()), place + " lacks " + required);
        }
        if (value.isObject()) {
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                JsonNode known = schema.path("properties").path(field.getKey());
                assertTrue(!known.isMissingNode(), place + " has the unknown field " + field.getKey());
                check(document, known, field.getValue(), place + "." + field.getKey());
            }
        }
        for (JsonNode item : value.isArray() ? value : schema.path("none")) {
            check(document, schema.path("items"), item, place + "[]");
        }
    }

    private static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL -> "null";
            case BOOLEAN -> "boolean";
            case STRING -> "string";
            case ARRAY -> "array";
            case OBJECT -> "object";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            default -> "nothing";
        };
    }
}
