package dev.parley.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second implementation, in Python and from the specification alone, comes to the same bytes as the vectors. */
class IndependentRecomputationTest {
    private static final String SCRIPT = "src/test/python/secagg_vector.py";
    private static final VectorFile SESSION = new VectorFile("session.json");

    @TempDir
    private Path folder;

    private record Ended(int code, String output) {}

    @BeforeAll
    static void requirePython() throws IOException, InterruptedException {
        assumeTrue(isThere("python3"), "python3 is not installed");
    }

    private static boolean isThere(String program) throws InterruptedException {
        try {
            return new ProcessBuilder(program, "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void pythonComesToTheSameBytes() throws IOException, InterruptedException {
        Ended ended = python(SESSION.path(), new VectorFile("primitives.json").path());

        assertEquals(0, ended.code(), ended.output());
        assertTrue(ended.output().contains("OK   opened sum"), ended.output());
    }

    /** The comparison can fail: one element of the sum is changed. */
    @Test
    void aChangedVectorIsNoticed() throws IOException, InterruptedException {
        ObjectNode changed = (ObjectNode) SESSION.read();
        changed.withArray("sum").set(0, changed.required("sum").get(0).intValue() ^ 1);
        Path file = Files.writeString(folder.resolve("changed.json"), changed.toString());

        Ended ended = python(file);

        assertNotEquals(0, ended.code(), ended.output());
        assertTrue(ended.output().contains("DIFF opened sum"), ended.output());
    }

    private Ended python(Path... vectors) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", SCRIPT));
        Arrays.stream(vectors).map(Path::toString).forEach(command::add);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the recomputation takes longer than two minutes");
        }
        return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
