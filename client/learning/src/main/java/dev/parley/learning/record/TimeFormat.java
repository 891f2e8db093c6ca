package dev.parley.learning.record;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;

/** How a time column writes an instant. */
enum TimeFormat {
    /** ISO 8601 with T or a blank; without an offset it is UTC, a date alone is its midnight. */
    ISO("a time such as 2026-01-31T08:30:00Z") {
        @Override
        Instant parse(String cell) {
            String text = cell.length() > 10 && cell.charAt(10) == ' ' ? cell.replaceFirst(" ", "T") : cell;
            DateTimeFormatter format =
                    text.length() > 10 ? DateTimeFormatter.ISO_DATE_TIME : DateTimeFormatter.ISO_LOCAL_DATE;
            TemporalAccessor parsed =
                    format.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
            return switch (parsed) {
                case OffsetDateTime known -> known.toInstant();
                case LocalDateTime local -> local.toInstant(ZoneOffset.UTC);
                case LocalDate day -> day.atStartOfDay().toInstant(ZoneOffset.UTC);
                default -> throw new DateTimeException("not a time");
            };
        }
    },
    EPOCH_SECONDS("seconds since 1970-01-01T00:00:00Z") {
        @Override
        Instant parse(String cell) {
            double seconds = Double.parseDouble(cell);
            if (!(Math.abs(seconds) <= MOST_SECONDS)) {
                throw new DateTimeException("not a time");
            }
            long whole = (long) Math.floor(seconds);
            return Instant.ofEpochSecond(whole, Math.round((seconds - whole) * 1e9));
        }
    };

    /** The year 9999, so that milliseconds given as seconds are noticed. */
    private static final double MOST_SECONDS = 253_402_300_799.0;

    private final String expected;

    TimeFormat(String expected) {
        this.expected = expected;
    }

    abstract Instant parse(String cell);

    /** The time in a cell. */
    Instant read(String cell, String where) throws RowFault {
        try {
            return parse(cell);
        } catch (DateTimeException | NumberFormatException e) {
            throw new RowFault(RowFault.Rule.TIME_FORMAT, where, expected, RowFault.shown(cell));
        }
    }
}
