package dev.parley.privacy.opendp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example of docs/OPENDP.md compiles, runs, and is the one that the page shows. */
class OpenDpExampleTest {
    // example
    static long privateCount(OpenDpLibrary.Present library, List<String> patients) {
        try (OpenDp dp = OpenDp.open(library, Feature.CONTRIB)) {
            Domain records = dp.domains().vectorDomain(dp.domains().atomDomain(null, null, RustType.STRING));
            Metric addOrRemove = dp.metrics().symmetricDistance();
            Transformation count = dp.transformations().makeCount(records, addOrRemove);
            Measurement noisy = dp.measurements()
                    .makeLaplace(
                            dp.core().transformationOutputDomain(count),
                            dp.core().transformationOutputMetric(count),
                            2.0)
                    .after(count);
            double epsilon = noisy.map(Value.u32(1)).asValue().asDouble(); // 0.5 for one patient more or less
            return epsilon <= 0.5 ? noisy.invoke(Value.of(patients)).asValue().asInt() : -1;
        }
    }
    // end

    /** Laplace noise of scale 2 is beyond 100 with a probability of e^-50. */
    @RequiresOpenDp
    @Test
    void theExampleCounts() {
        assertEquals(1000, privateCount(OpenDpTesting.library(), Collections.nCopies(1000, "someone")), 100);
    }

    @Test
    void thePageShowsIt() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/parley/privacy/opendp/OpenDpExampleTest.java"));
        String page = Files.readString(Path.of("..", "docs", "OPENDP.md"));

        assertEquals(
                between(source, "// example\n", "    // end").stripTrailing().stripIndent(),
                between(page, "```java\n", "```").strip());
        assertTrue(page.contains(OpenDpLibrary.COMMAND), "the page says how to install the library");
    }

    private static String between(String text, String from, String to) {
        int start = text.indexOf(from) + from.length();
        return text.substring(start, text.indexOf(to, start));
    }
}
