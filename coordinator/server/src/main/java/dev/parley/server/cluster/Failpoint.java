package dev.parley.server.cluster;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a test has this process die, as suddenly as by SIGKILL: the n-th time that it comes to a named place. For proofs that a
 * coordinator may die anywhere; without the system property {@value #PROPERTY} nothing ever happens.
 */
final class Failpoint {
    /** {@code place:n}, such as {@code after-append:7}; n counts from 1. */
    static final String PROPERTY = "parley.halt-at";

    /** As the shell reports a process that SIGKILL has ended. */
    private static final int KILLED = 137;

    private final @Nullable Place place;
    private long left;

    /** The places. */
    enum Place {
        /** An event has been judged; it is not written. */
        BEFORE_APPEND,
        /** An event is on disk; nobody has been told. */
        AFTER_APPEND,
        /** A version is among the blobs; the journal does not say so. */
        AFTER_STORE,
        /** An update is on disk; the journal does not count it. */
        AFTER_KEEP;

        private String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    private Failpoint(@Nullable Place place, long count) {
        this.place = place;
        this.left = count;
    }

    /** As the property says. */
    static Failpoint ofProperty() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .map(Failpoint::parse)
                .orElseGet(() -> new Failpoint(null, 0));
    }

    private static Failpoint parse(String text) {
        for (Place place : Place.values()) {
            if (text.matches(place.word() + ":[1-9][0-9]{0,8}")) {
                return new Failpoint(
                        place, Long.parseLong(text.substring(place.word().length() + 1)));
            }
        }
        throw new IllegalArgumentException(PROPERTY + " is a place and a number, such as after-append:7, got " + text);
    }

    /** Says that the process is at a place. */
    void at(Place here) {
        if (here == place && countDown() == 0) {
            Runtime.getRuntime().halt(KILLED);
        }
    }

    private synchronized long countDown() {
        return --left;
    }
}
