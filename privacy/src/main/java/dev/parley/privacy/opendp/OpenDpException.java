package dev.parley.privacy.opendp;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * OpenDP refused: its own error, carried over. Nothing was released and the objects of the call are as before.
 *
 * <p>The message is OpenDP's and may name values that were passed in; those given to {@code invoke} are private, so log
 * the {@link #variant} rather than the message of an error that came from one.
 */
public final class OpenDpException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String variant;
    private final String function;

    OpenDpException(String function, String variant, @Nullable String message) {
        super("OpenDP's " + function + " refused (" + variant + "): "
                + Objects.requireNonNullElse(message, "no message"));
        this.variant = variant;
        this.function = function;
    }

    /**
     * OpenDP's kind of error, such as {@code MakeMeasurement}, {@code FailedMap}, {@code DomainMismatch} or
     * {@code FFI}.
     */
    public String variant() {
        return variant;
    }

    /** OpenDP's name of the function that refused. */
    public String function() {
        return function;
    }
}
