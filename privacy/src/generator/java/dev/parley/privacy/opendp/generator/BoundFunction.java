package dev.parley.privacy.opendp.generator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** One function of OpenDP as its description gives it, and the Java that calls it. */
final class BoundFunction {
    private static final Map<String, String> RESULTS = Map.ofEntries(
            Map.entry("FfiResult<AnyDomain *>", "Domain domain"),
            Map.entry("FfiResult<AnyMetric *>", "Metric metric"),
            Map.entry("FfiResult<AnyMeasure *>", "Measure measure"),
            Map.entry("FfiResult<AnyTransformation *>", "Transformation transformation"),
            Map.entry("FfiResult<AnyMeasurement *>", "Measurement measurement"),
            Map.entry("FfiResult<AnyOdometer *>", "Odometer odometer"),
            Map.entry("FfiResult<AnyFunction *>", "DpFunction function"),
            Map.entry("FfiResult<AnyObject *>", "Argument argument"),
            Map.entry("FfiResult<char *>", "String text"),
            Map.entry("FfiResult<bool *>", "boolean truth"));

    private final String name;
    private final String symbol;
    private final String description;
    private final List<String> features = new ArrayList<>();
    private final List<BoundArgument> arguments = new ArrayList<>();
    private final String resultType;
    private final TypeExpressions types;

    BoundFunction(JsonNode described) {
        this.name = described.get("name").asText();
        this.symbol = described.get("symbol").asText();
        this.description = described.get("description").asText("");
        described.get("features").forEach(feature -> features.add(feature.asText()));
        described.get("args").forEach(argument -> arguments.add(new BoundArgument(argument)));
        this.resultType = described.get("ret").get("cType").asText();
        this.types = new TypeExpressions(arguments, described.get("derivedTypes"));
    }

    /** Why a function gets no method, if so. */
    static Optional<String> reasonAgainst(JsonNode described) {
        String name = described.get("name").asText();
        String result = described.get("ret").get("cType").asText();
        boolean callback = takes(described, "CallbackFn") || takes(described, "TransitionFn");
        if (!described.get("exported").asBoolean()) {
            return Optional.of("needs polars, which the library is built without");
        } else if (!described.get("deprecated").isNull()) {
            return Optional.of("deprecated by OpenDP");
        } else if (name.endsWith("_free") || isMemory(described)) {
            return Optional.of("memory: the binding calls it itself");
        } else if (callback || takes(described, "ExtrinsicObject *") || result.contains("ExtrinsicObject")) {
            return Optional.of(
                    "takes a function or object of the caller's language, which the library would call back");
        } else if (!RESULTS.containsKey(result)
                && !List.of("double", "uint32_t").contains(result)) {
            throw new IllegalArgumentException("no Java for the result " + result + " of " + name);
        }
        return Optional.empty();
    }

    private static boolean isMemory(JsonNode described) {
        return takes(described, "FfiSlice *")
                || takes(described, "uint8_t *")
                || described.get("ret").get("cType").asText().contains("const ");
    }

    private static boolean takes(JsonNode described, String type) {
        return StreamSupport.stream(described.get("args").spliterator(), false)
                .anyMatch(argument -> argument.get("cType").asText("").equals(type));
    }

    /** {@code make_gaussian} as {@code makeGaussian}. */
    static String camel(String snake, boolean upper) {
        StringBuilder camel = new StringBuilder();
        boolean raise = upper;
        for (char c : snake.replaceFirst("^_+", "").toCharArray()) {
            if (c == '_') {
                raise = true;
            } else {
                camel.append(raise ? Character.toUpperCase(c) : c);
                raise = false;
            }
        }
        return camel.toString();
    }

    private String constant() {
        return name.replaceFirst("^_+", "").toUpperCase(Locale.ROOT);
    }

    private boolean isDirect() {
        return !RESULTS.containsKey(resultType);
    }

    /** The constant that holds the function's handle. */
    String handle() {
        String result = switch (resultType) {
            case "double" -> "ValueLayout.JAVA_DOUBLE";
            case "uint32_t" -> "ValueLayout.JAVA_INT";
            default -> "NativeLibrary.RESULT";
        };
        return "    private static final MethodHandle %s = NativeLibrary.function(%s);\n"
                .formatted(
                        constant(),
                        Stream.concat(
                                        Stream.of("\"" + symbol + "\"", result),
                                        arguments.stream().map(BoundArgument::layout))
                                .collect(Collectors.joining(", ")));
    }

    /** The method with all arguments, and one without those that have defaults. */
    String methods() {
        String all = method();
        return arguments.stream().anyMatch(BoundArgument::hasDefault) ? all + shortMethod() : all;
    }

    private String javaResult() {
        return switch (resultType) {
            case "double" -> "double";
            case "uint32_t" -> "long";
            default -> RESULTS.get(resultType).split(" ")[0];
        };
    }

    private String method() {
        String parameters = arguments.stream().map(BoundArgument::parameter).collect(Collectors.joining(", "));
        String layout = arguments.stream()
                .map(argument -> argument.layOut(types))
                .filter(line -> !line.isEmpty())
                .map(line -> "            " + line + "\n")
                .collect(Collectors.joining());
        String passed = arguments.stream().map(BoundArgument::passed).collect(Collectors.joining(", "));
        return """

                %s    public %s %s(%s) {
                        try (Call call = new Call(session, "%s"%s)) {
                %s            %s
                        } catch (RuntimeException | Error e) {
                            throw e;
                        } catch (Throwable e) {
                            throw Abi.unexpected("%s", e);
                        }
                    }
                """.formatted(
                        javadoc(arguments),
                        javaResult(),
                        camel(name, false),
                        parameters,
                        name,
                        features.stream()
                                .map(feature -> ", Feature."
                                        + feature.toUpperCase(Locale.ROOT).replace('-', '_'))
                                .collect(Collectors.joining()),
                        layout,
                        returned(passed),
                        name);
    }

    private String returned(String passed) {
        if (resultType.equals("double")) {
            return "return (double) " + constant() + ".invokeExact(" + passed + ");";
        }
        if (resultType.equals("uint32_t")) {
            return "return Integer.toUnsignedLong((int) " + constant() + ".invokeExact(" + passed + "));";
        }
        return "return call.%s((MemorySegment) %s.invokeExact(call.allocator()%s));"
                .formatted(RESULTS.get(resultType).split(" ")[1], constant(), passed.isEmpty() ? "" : ", " + passed);
    }

    private String shortMethod() {
        List<BoundArgument> required =
                arguments.stream().filter(argument -> !argument.hasDefault()).toList();
        return """

                %s    public %s %s(%s) {
                        return %s(%s);
                    }
                """.formatted(
                javadoc(required),
                javaResult(),
                camel(name, false),
                required.stream().map(BoundArgument::parameter).collect(Collectors.joining(", ")),
                camel(name, false),
                arguments.stream()
                        .map(argument -> argument.hasDefault() ? argument.defaultValue(types) : argument.javaName())
                        .collect(Collectors.joining(", ")));
    }

    private String javadoc(List<BoundArgument> documented) {
        StringBuilder text = new StringBuilder("    /**\n");
        text.append("     * ").append(escape(firstParagraph(description))).append("\n     *\n");
        text.append("     * <p>{@code ").append(name).append("} in OpenDP.\n");
        documented.stream()
                .filter(argument -> !argument.description().isEmpty())
                .forEach(argument -> text.append("     * @param ")
                        .append(argument.javaName())
                        .append(' ')
                        .append(escape(argument.description()))
                        .append('\n'));
        return text.append("     */\n").toString();
    }

    private static String firstParagraph(String description) {
        String paragraph = description.split("\n\n")[0].strip();
        return paragraph.isEmpty() ? "See OpenDP." : paragraph;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("@", "&#64;")
                .replace("*/", "*&#47;")
                .replace("\\", "&#92;")
                .replace("{", "&#123;")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
