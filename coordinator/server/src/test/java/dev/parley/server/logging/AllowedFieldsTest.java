package dev.parley.server.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class AllowedFieldsTest {
    private static final String CANARY = "canary-8731-patient";

    @Test
    void letsNothingThroughThatIsNotOnTheList() {
        PrintStream realError = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
            CoordinatorLogging.apply();
            Logger log = LoggerFactory.getLogger("dev.parley.test");
            log.atInfo()
                    .addKeyValue("site", "north")
                    .addKeyValue("record", CANARY)
                    .setCause(new IllegalStateException(CANARY, new RuntimeException(CANARY)))
                    .log("something happened");
            log.info("an argument: {}", CANARY);
            log.atInfo().addKeyValue("reason", "two\nlines").log("a forged line?");
        } finally {
            System.setErr(realError);
            CoordinatorLogging.apply();
        }
        String lines = captured.toString(StandardCharsets.UTF_8);
        assertFalse(lines.contains(CANARY), lines);
        assertTrue(lines.contains("something happened site=north record=(withheld)"), lines);
        assertTrue(lines.contains("java.lang.IllegalStateException"), lines);
        assertTrue(lines.contains("caused by java.lang.RuntimeException"), lines);
        assertEquals(
                1, lines.lines().filter(line -> line.contains("a forged line?")).count());
        assertTrue(lines.contains("reason=\"two lines\""), lines);
    }
}
