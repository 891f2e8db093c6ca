package dev.parley.server.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Set;
import java.util.StringJoiner;
import org.slf4j.event.KeyValuePair;

/** Prints a line's fields, {@code key=value}, those on the list only; the others show as their name and "withheld". */
public final class AllowedFields extends ClassicConverter {
    private static final Set<String> ALLOWED = Set.of(
            "about",
            "account",
            "address",
            "attempt",
            "bytes",
            "contributions",
            "federation",
            "fingerprint",
            "incident",
            "millis",
            "model",
            "outcome",
            "phase",
            "port",
            "reason",
            "request",
            "round",
            "site",
            "sites",
            "status",
            "task",
            "until",
            "verdict");
    private static final int MAX_VALUE_CHARACTERS = 200;

    @Override
    public String convert(ILoggingEvent event) {
        if (event.getKeyValuePairs() == null) {
            return "";
        }
        StringJoiner fields = new StringJoiner(" ");
        for (KeyValuePair pair : event.getKeyValuePairs()) {
            fields.add(pair.key + "=" + (ALLOWED.contains(pair.key) ? shown(pair.value) : "(withheld)"));
        }
        return fields.toString();
    }

    private static String shown(Object value) {
        String text = String.valueOf(value).replaceAll("\\p{Cntrl}", " ");
        String bounded = text.length() > MAX_VALUE_CHARACTERS ? text.substring(0, MAX_VALUE_CHARACTERS) + "..." : text;
        return bounded.indexOf(' ') >= 0 ? "\"" + bounded.replace('"', '\'') + "\"" : bounded;
    }
}
