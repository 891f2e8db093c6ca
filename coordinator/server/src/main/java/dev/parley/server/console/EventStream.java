package dev.parley.server.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.server.console.view.FederationView;
import dev.parley.server.console.view.Reading;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/**
 * Server-sent events: {@code event: federation}, whose data say where the federation stands. Each event replaces those before, so
 * changes that come faster than {@link #PACE} are told together, and a caller that was away hears the newest: with {@code
 * Last-Event-ID} at once if it has missed anything, else at the next change.
 */
final class EventStream {
    /** Faster than this nobody can look. */
    private static final Duration PACE = Duration.ofMillis(200);
    /** How soon a stream notices that the console closes or that its session has ended. */
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** Comments in between keep proxies from cutting a quiet stream. */
    private static final int LOOKS_TO_COMMENT = 15;

    private static final int MOST_STREAMS = 256;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Reading reading;
    /** Numbers start anew with the process; those of an earlier one must not be taken for ours. */
    private final String epoch = UUID.randomUUID().toString().substring(0, 8);

    private final Semaphore places = new Semaphore(MOST_STREAMS);
    private volatile boolean closing;

    EventStream(Reading reading) {
        this.reading = reading;
    }

    /** Whether the caller may still listen; asked every second. */
    interface StillWelcome {
        boolean yes() throws SQLException;
    }

    /** Holds the calling thread until the caller leaves or the console closes. */
    void serve(Context ctx, StillWelcome welcome) throws IOException, SQLException {
        if (!places.tryAcquire()) {
            throw new Problem(
                    503,
                    "Too many listeners",
                    "Already " + MOST_STREAMS + " streams are open; ask /federation instead.");
        }
        try {
            ctx.res().setContentType("text/event-stream;charset=utf-8");
            ctx.res().setHeader("Cache-Control", "no-store");
            ctx.res().setHeader("X-Accel-Buffering", "no");
            tell(ctx.res().getOutputStream(), known(ctx.header("Last-Event-ID")), welcome);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    private void tell(OutputStream out, long lastKnown, StillWelcome welcome)
            throws IOException, SQLException, InterruptedException {
        long known = lastKnown;
        int quiet = 0;
        write(out, "retry: 2000\n\n");
        while (!closing && welcome.yes()) {
            long now = reading.record().awaitChange(known, LOOK);
            if (now > known) {
                known = now;
                quiet = 0;
                write(out, "id: " + epoch + "-" + now + "\nevent: federation\ndata: " + data(now) + "\n\n");
                Thread.sleep(PACE);
            } else if (++quiet % LOOKS_TO_COMMENT == 0) {
                write(out, ": still here\n\n");
            }
        }
    }

    /** A new caller hears the present state at once. */
    private long known(@org.jspecify.annotations.Nullable String lastEventId) {
        if (lastEventId == null || !lastEventId.matches(epoch + "-\\d{1,18}")) {
            return -1;
        }
        return Long.parseLong(lastEventId.substring(epoch.length() + 1));
    }

    private String data(long sequence) throws IOException {
        FederationView federation = reading.federation();
        return JSON.writeValueAsString(JSON.createObjectNode()
                .put("sequence", sequence)
                .put("phase", federation.phase())
                .put("round", federation.round())
                .put("attached", federation.attached())
                .put("released", federation.released())
                .put("ended", federation.outcome() != null)
                .put("sentence", federation.sentence()));
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    void close() {
        closing = true;
    }
}
