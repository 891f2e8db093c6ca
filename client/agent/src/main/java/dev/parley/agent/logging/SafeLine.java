package dev.parley.agent.logging;

import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * Prints a log event as the sentence that stands in the program (placeholders unfilled), the listed fields, and an
 * exception's classes and places without its messages, which may quote what was being read.
 */
public final class SafeLine extends ThrowableHandlingConverter {
    private static final Set<String> FIELDS = Set.of(
            "attempt",
            "blob",
            "bytes",
            "failures",
            "federation",
            "outcome",
            "plan",
            "reason",
            "records",
            "round",
            "rule",
            "site",
            "sites",
            "until",
            "withheld");
    private static final int MAX_VALUE_CHARACTERS = 200;
    private static final int MAX_FRAMES = 25;
    private static final int MAX_CAUSES = 5;

    @Override
    public String convert(ILoggingEvent event) {
        StringBuilder line = new StringBuilder();
        if (event.getMessage() != null) {
            line.append(event.getMessage().replaceAll("\\p{Cntrl}", " "));
        }
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                line.append(' ')
                        .append(pair.key)
                        .append('=')
                        .append(FIELDS.contains(pair.key) ? shown(pair.value) : "(withheld)");
            }
        }
        outline(event.getThrowableProxy(), line);
        return line.toString();
    }

    private static String shown(Object value) {
        String text = String.valueOf(value).replaceAll("\\p{Cntrl}", " ");
        String bounded = text.length() > MAX_VALUE_CHARACTERS ? text.substring(0, MAX_VALUE_CHARACTERS) + "..." : text;
        return bounded.indexOf(' ') >= 0 ? '"' + bounded.replace('"', '\'') + '"' : bounded;
    }

    private static void outline(@org.jspecify.annotations.Nullable IThrowableProxy thrown, StringBuilder line) {
        IThrowableProxy failure = thrown;
        for (int depth = 0; failure != null && depth < MAX_CAUSES; depth++) {
            line.append(System.lineSeparator())
                    .append(depth == 0 ? "  " : "  caused by ")
                    .append(failure.getClassName());
            StackTraceElementProxy[] frames = failure.getStackTraceElementProxyArray();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                line.append(System.lineSeparator()).append("    at ").append(frames[i].getStackTraceElement());
            }
            failure = failure.getCause();
        }
    }
}
