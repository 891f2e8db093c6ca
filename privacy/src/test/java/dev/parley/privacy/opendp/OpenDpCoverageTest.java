package dev.parley.privacy.opendp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every function that OpenDP describes is a method, or has a reason not to be. */
class OpenDpCoverageTest {
    private static final List<Class<?>> MODULES = List.of(
            Accuracy.class,
            Combinators.class,
            Core.class,
            Data.class,
            Domains.class,
            Measurements.class,
            Measures.class,
            Metrics.class,
            Transformations.class);

    /** What the acceptance asks for. */
    private static final int AT_LEAST = 40;

    @Test
    void nothingIsForgotten() throws IOException {
        JsonNode api =
                new ObjectMapper().readTree(Path.of("native", "opendp-api.json").toFile());
        Set<String> described = new HashSet<>();
        api.forEach(module ->
                module.forEach(function -> described.add(function.get("symbol").asText())));

        assertEquals(
                described.size(), bound().size() + UnboundFunctions.reasons().size());
        assertTrue(described.containsAll(UnboundFunctions.reasons().keySet()));
        assertTrue(bound().size() >= AT_LEAST, bound().size() + " functions are bound");
        System.out.println("OpenDP: " + bound().size() + " functions are bound, "
                + UnboundFunctions.reasons().size() + " are not, each with its reason");
    }

    @RequiresOpenDp
    @Test
    void theLibraryHasAllThatIsBound() {
        try (OpenDp dp = OpenDpTesting.open()) {
            // A class of bound functions looks each of them up when it is first used, and fails if one is absent.
            MODULES.forEach(module -> assertTrue(initialised(module), module.getSimpleName()));
            assertEquals(0, dp.openObjects());
        }
    }

    private static boolean initialised(Class<?> module) {
        try {
            return Class.forName(module.getName(), true, module.getClassLoader()) == module;
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> bound() {
        return MODULES.stream()
                .flatMap(module -> Arrays.stream(module.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .map(Method::getName)
                        .map(name -> module.getSimpleName() + "." + name))
                .collect(Collectors.toSet());
    }
}
