package dev.parley.privacy.opendp.generator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes one Java class for each module of OpenDP, with one method for each function that can be called safely from
 * Java, and a list of the others with the reason.
 *
 * <p>Usage: {@code BindingGenerator opendp-api.json FOLDER_OF_GENERATED_SOURCES}.
 */
public final class BindingGenerator {
    private static final Map<String, String> MODULES = Map.of(
            "accuracy", "Conversions between the scale of noise and the half width of a confidence interval.",
            "combinators", "Chaining, composition, changes of measure, odometers and filters.",
            "core",
                    "Running transformations, measurements, odometers and queryables, and asking for their maps and parts.",
            "data", "Privacy profiles, read at an epsilon or a delta.",
            "domains", "Sets of values.",
            "measurements", "Mechanisms: randomised functions with a proof of their privacy.",
            "measures", "Kinds of privacy loss.",
            "metrics", "Distances between values.",
            "transformations", "Deterministic functions of data with a proof of their stability.");

    private BindingGenerator() {}

    /** Writes all classes. */
    public static void main(String[] arguments) throws IOException {
        JsonNode api = new ObjectMapper().readTree(Path.of(arguments[0]).toFile());
        Path folder = Files.createDirectories(Path.of(arguments[1])
                .resolve("dev")
                .resolve("parley")
                .resolve("privacy")
                .resolve("opendp"));
        Map<String, String> unbound = new TreeMap<>();
        for (Map.Entry<String, JsonNode> module : api.properties()) {
            List<BoundFunction> bound = new ArrayList<>();
            for (JsonNode described : module.getValue()) {
                Optional<String> reason = BoundFunction.reasonAgainst(described);
                if (reason.isPresent()) {
                    unbound.put(described.get("symbol").asText(), reason.get());
                } else {
                    bound.add(new BoundFunction(described));
                }
            }
            if (!bound.isEmpty()) {
                String name = BoundFunction.camel(module.getKey(), true);
                write(folder.resolve(name + ".java"), moduleClass(name, MODULES.get(module.getKey()), bound));
            }
        }
        write(folder.resolve("UnboundFunctions.java"), unboundClass(unbound));
    }

    /** Leaves a file alone that says the same: its new time would have every module compiled again in each build. */
    private static void write(Path file, String source) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).equals(source)) {
            Files.writeString(file, source);
        }
    }

    private static String moduleClass(String name, String purpose, List<BoundFunction> functions) {
        return """
                package dev.parley.privacy.opendp;

                import java.lang.foreign.MemorySegment;
                import java.lang.foreign.ValueLayout;
                import java.lang.invoke.MethodHandle;
                import java.util.List;
                import javax.annotation.processing.Generated;
                import org.jspecify.annotations.Nullable;

                /**
                 * %s Generated from OpenDP's own description; arguments are checked before native code sees them.
                 *
                 * <p>Every method throws {@link OpenDpException} if OpenDP refuses, {@link FeatureDisabledException} if
                 * the session lacks a feature flag, {@link IllegalArgumentException} if an argument is null or of the
                 * wrong type, and {@link IllegalStateException} if an argument or the session is closed.
                 */
                @Generated("dev.parley.privacy.opendp.generator.BindingGenerator")
                @SuppressWarnings("unused")
                public final class %s {
                %s
                    private final OpenDp session;

                    %s(OpenDp session) {
                        this.session = session;
                    }
                %s}
                """.formatted(
                        purpose,
                        name,
                        functions.stream().map(BoundFunction::handle).collect(Collectors.joining()),
                        name,
                        functions.stream().map(BoundFunction::methods).collect(Collectors.joining()));
    }

    private static String unboundClass(Map<String, String> unbound) {
        return """
                package dev.parley.privacy.opendp;

                import java.util.Map;
                import javax.annotation.processing.Generated;

                /** OpenDP's functions that have no method here, by their names in C, with the reason. */
                @Generated("dev.parley.privacy.opendp.generator.BindingGenerator")
                public final class UnboundFunctions {
                    private static final Map<String, String> REASONS = Map.ofEntries(
                %s);

                    private UnboundFunctions() {}

                    /** The reason for each. */
                    public static Map<String, String> reasons() {
                        return REASONS;
                    }
                }
                """.formatted(unbound.entrySet().stream()
                .map(entry -> "            Map.entry(\"%s\", \"%s\")".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(",\n")));
    }
}
