package dev.parley.agent.logging;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class SafeLineTest {
    private static final String CANARY = "canary-patient-4711";

    private static String line(String sentence, Throwable failure, KeyValuePair... fields) {
        LoggingEvent event = new LoggingEvent(
                "test", new LoggerContext().getLogger("test"), Level.INFO, sentence, failure, new Object[] {CANARY});
        event.setKeyValuePairs(List.of(fields));
        return new SafeLine().convert(event);
    }

    @Test
    void showsListedFieldsAndNoOthers() {
        String line = line(
                "a round has ended {}",
                null,
                new KeyValuePair("round", 3),
                new KeyValuePair("note", CANARY),
                new KeyValuePair("reason", "two\nlines"));

        assertTrue(line.startsWith("a round has ended {} round=3 note=(withheld)"), line);
        assertTrue(line.contains("reason=\"two lines\""), line);
        assertFalse(line.contains(CANARY), line);
    }

    @Test
    void showsWhereAFailureWasButNotWhatItQuoted() {
        String line =
                line("broke", new IllegalStateException(CANARY, new IllegalArgumentException("row 3: " + CANARY)));

        assertTrue(line.contains("java.lang.IllegalStateException"), line);
        assertTrue(line.contains("caused by java.lang.IllegalArgumentException"), line);
        assertTrue(line.contains("SafeLineTest"), line);
        assertFalse(line.contains(CANARY), line);
    }
}
