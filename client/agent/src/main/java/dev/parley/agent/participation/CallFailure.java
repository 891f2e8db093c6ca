package dev.parley.agent.participation;

import dev.parley.agent.identity.PinnedAuthority;
import io.grpc.Status;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;

/** Why a call to the coordinator failed, by what can be done about it. */
public sealed interface CallFailure {
    /** One line for people. */
    String reason();

    /** Trying again may help: no connection, an overloaded or stopping coordinator. */
    record Passing(String reason) implements CallFailure {}

    /** What is held at one end does not fit: ask again how much is held, and go on from there. */
    record OutOfStep(String reason) implements CallFailure {}

    /** The server is not the one that this site trusts. */
    record Untrusted(String reason) implements CallFailure {}

    /** The coordinator will not: trying the same again cannot help. */
    record Refused(Status.Code code, String reason) implements CallFailure {}

    /** Sorts what a gRPC call threw. */
    static CallFailure of(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        String said = line(status.getDescription());
        return switch (status.getCode()) {
            case UNAVAILABLE -> unavailable(status, said);
            case DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN, CANCELLED, OK ->
                new Passing(said.isEmpty() ? status.getCode().name() : said);
            case OUT_OF_RANGE, DATA_LOSS -> new OutOfStep(said);
            case ABORTED,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    UNIMPLEMENTED ->
                new Refused(status.getCode(), said.isEmpty() ? status.getCode().name() : said);
        };
    }

    private static CallFailure unavailable(Status status, String said) {
        String deepest = "";
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof PinnedAuthority.UntrustedServerException untrusted) {
                return new Untrusted(line(untrusted.getMessage()));
            }
            if (cause instanceof CertificateException || cause instanceof SSLException && isHandshake(cause)) {
                deepest = line(cause.getMessage());
            } else if (deepest.isEmpty() && cause.getCause() == null) {
                said = line(cause.getMessage());
            }
        }
        return deepest.isEmpty()
                ? new Passing(said)
                : new Untrusted("the server's certificate does not hold: " + deepest);
    }

    private static boolean isHandshake(Throwable cause) {
        return cause instanceof javax.net.ssl.SSLHandshakeException
                || cause instanceof javax.net.ssl.SSLPeerUnverifiedException;
    }

    private static String line(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
