package dev.parley.privacy.opendp.generator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * Turns OpenDP's directions for an argument's Rust type ("the atom of the input domain's type") into a Java expression
 * for it, over the method's parameters; {@code null} where only the library can know. An argument of the wrong type is
 * then refused before native code, which for a bare pointer would read whatever lies there.
 */
final class TypeExpressions {
    private static final Map<String, String> CONSTANTS = Map.of(
            "bool", "BOOL", "i32", "I32", "i64", "I64", "u32", "U32", "u64", "U64", "usize", "USIZE", "f32", "F32",
            "f64", "F64", "String", "STRING");

    private final List<BoundArgument> arguments;
    private final Map<String, JsonNode> derived = new HashMap<>();

    TypeExpressions(List<BoundArgument> arguments, JsonNode derivedTypes) {
        this.arguments = arguments;
        derivedTypes.forEach(type -> derived.put(type.get("name").asText(), type.get("rustType")));
    }

    /** The expression, or {@code null}. */
    String of(JsonNode recipe) {
        if (recipe.isNull() || recipe.has("none")) {
            return "null";
        }
        if (recipe.has("name")) {
            return named(recipe.get("name").asText());
        }
        if (recipe.has("function")) {
            return computed(
                    recipe.get("function").asText(), recipe.get("params").get(0));
        }
        List<String> inner = StreamSupport.stream(recipe.get("args").spliterator(), false)
                .map(this::of)
                .toList();
        if (inner.contains("null")) {
            return "null";
        }
        return switch (recipe.get("origin").asText()) {
            case "Option" -> inner.getFirst();
            case "Tuple" -> "RustType.tuple(" + String.join(", ", inner) + ")";
            default -> "RustType.of(\"" + recipe.get("origin").asText() + "\", " + String.join(", ", inner) + ")";
        };
    }

    private String named(String name) {
        if (derived.containsKey(name)) {
            return of(derived.get(name));
        }
        return arguments.stream()
                .filter(argument -> argument.isType() && argument.name().equals(name))
                .map(argument -> "Call.given(\"%s\", %s)".formatted(argument.name(), argument.javaName()))
                .findFirst()
                .orElseGet(() -> CONSTANTS.containsKey(name)
                        ? "RustType." + CONSTANTS.get(name)
                        : "RustType.of(\"" + name + "\")");
    }

    private String computed(String function, JsonNode parameter) {
        String argument = parameter.path("name").asText();
        return switch (function) {
            case "get_atom", "get_atom_or_infer" -> after(of(parameter), ".atom()");
            case "get_value_type" -> after(of(parameter), ".mapValue()");
            case "get_type", "get_carrier_type", "domain_carrier_type" ->
                member(argument, "AnyDomain *", "carrierType()");
            case "get_distance_type" ->
                member(argument, "AnyMetric *", "distanceType()", "AnyMeasure *", "distanceType()");
            case "measure_distance_type" -> member(argument, "AnyMeasure *", "distanceType()");
            case "measurement_input_carrier_type", "transformation_input_carrier_type", "odometer_input_carrier_type" ->
                "Call.given(\"%s\", %s).inputType()".formatted(argument, java(argument));
            case "measurement_input_distance_type", "transformation_input_distance_type" ->
                "Call.given(\"%s\", %s).inputDistanceType()".formatted(argument, java(argument));
            case "measurement_output_distance_type",
                    "transformation_output_distance_type",
                    "odometer_queryable_invoke_type",
                    "odometer_queryable_privacy_loss_type",
                    "queryable_query_type",
                    "parse_or_infer",
                    "odometer_input_metric",
                    "odometer_output_measure" -> "null";
            default ->
                throw new IllegalArgumentException("no Java for the direction $" + function + "(" + parameter + ")");
        };
    }

    private static String after(String expression, String method) {
        return expression.equals("null") ? "null" : expression + method;
    }

    private String java(String argument) {
        return arguments.stream()
                .filter(candidate -> candidate.name().equals(argument))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no argument " + argument))
                .javaName();
    }

    private String member(String argument, String... typeThenMember) {
        for (BoundArgument candidate : arguments) {
            for (int i = 0; i < typeThenMember.length; i += 2) {
                if (candidate.name().equals(argument) && candidate.cType().equals(typeThenMember[i])) {
                    return "Call.given(\"%s\", %s).%s".formatted(argument, candidate.javaName(), typeThenMember[i + 1]);
                }
            }
        }
        return "null";
    }

    /**
     * A default such as {@code float}, {@code L1Distance<int>} or {@code Pairwise<T>}, in Python's words for numbers.
     */
    String ofText(String text) {
        int open = text.indexOf('<');
        if (open < 0) {
            return switch (text) {
                case "int" -> "RustType.I32";
                case "float" -> "RustType.F64";
                default -> defaulted(text);
            };
        }
        String inner = text.substring(open + 1, text.length() - 1);
        return "RustType.of(\"" + text.substring(0, open) + "\", " + ofText(inner) + ")";
    }

    /** A derived type whose direction leads through the very argument that is defaulted is taken from the bounds. */
    private String defaulted(String name) {
        JsonNode direction = derived.get(name);
        if (direction != null && direction.path("function").asText().equals("get_atom_or_infer")) {
            return "Call.boundsType(bounds)";
        }
        return named(name);
    }
}
