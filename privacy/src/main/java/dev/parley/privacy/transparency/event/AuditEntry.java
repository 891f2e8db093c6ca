package dev.parley.privacy.transparency.event;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/**
 * One entry of the log: when, and what. Its bytes, in the canonical form, are what the leaf's hash is over.
 *
 * @param at the coordinator's clock, in whole milliseconds
 */
public record AuditEntry(Instant at, AuditEvent event) {
    /** Of this form of entries. */
    private static final long VERSION = 1;

    public AuditEntry {
        at = at.truncatedTo(ChronoUnit.MILLIS);
    }

    public byte[] toBytes() {
        return new FieldWriter()
                .text("at", at.toString())
                .put("event", event.fields())
                .text("type", event.type())
                .whole("v", VERSION)
                .done()
                .toBytes();
    }

    /** @throws IllegalArgumentException unless the bytes are exactly what {@link #toBytes} writes of some entry */
    public static AuditEntry parse(byte[] bytes) {
        FieldReader reader = new FieldReader("entry", JsonValue.parse(bytes));
        long version = reader.whole("v");
        if (version != VERSION) {
            throw new IllegalArgumentException("an entry of form " + version + "; this program reads form " + VERSION);
        }
        String at = reader.text("at");
        try {
            AuditEntry entry =
                    new AuditEntry(Instant.parse(at), AuditEvent.read(reader.text("type"), reader.take("event")));
            if (!entry.at().toString().equals(at)) {
                throw new IllegalArgumentException("entry.at is not written in its one form: " + at);
            }
            return reader.done(entry);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("entry.at is no time", e);
        }
    }
}
