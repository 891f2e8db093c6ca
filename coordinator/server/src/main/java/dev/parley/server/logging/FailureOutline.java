package dev.parley.server.logging;

import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;

/** Prints an exception's classes and places, never its messages, which may quote what was being read. */
public final class FailureOutline extends ThrowableHandlingConverter {
    private static final int MAX_FRAMES = 25;
    private static final int MAX_CAUSES = 5;

    @Override
    public String convert(ILoggingEvent event) {
        StringBuilder outline = new StringBuilder();
        IThrowableProxy failure = event.getThrowableProxy();
        for (int depth = 0; failure != null && depth < MAX_CAUSES; depth++) {
            outline.append(depth == 0 ? "  " : "  caused by ")
                    .append(failure.getClassName())
                    .append(System.lineSeparator());
            StackTraceElementProxy[] frames = failure.getStackTraceElementProxyArray();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                outline.append("    at ")
                        .append(frames[i].getStackTraceElement())
                        .append(System.lineSeparator());
            }
            failure = failure.getCause();
        }
        return outline.toString();
    }
}
