package dev.parley.server.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Prints the sentence as it stands in the program, placeholders unfilled: an argument could be anything. */
public final class FixedSentence extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        String sentence = event.getMessage();
        return sentence == null ? "" : sentence.replaceAll("\\p{Cntrl}", " ");
    }
}
