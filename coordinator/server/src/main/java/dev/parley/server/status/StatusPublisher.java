package dev.parley.server.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the newest status, and only the newest: when statuses come faster than they can be written, those between are left
 * out. The last one before {@link #close} is always written. Publishing returns at once.
 */
public final class StatusPublisher implements AutoCloseable {
    /** Fast enough for an eye, slow enough that progress reports of many sites cost nothing. */
    private static final Duration PACE = Duration.ofMillis(200);

    private static final Logger LOG = LoggerFactory.getLogger(StatusPublisher.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Optional<PrintStream> lines;
    private final LongSupplier upBytes;
    private final LongSupplier downBytes;
    private final Supplier<List<GovernanceNote>> notes;
    private final AtomicReference<@Nullable FederationStatus> newest = new AtomicReference<>();
    private final Thread writer;
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * @param file written atomically at each change
     * @param lines also gets each status as one line of JSON, if present
     * @param upBytes message bytes received from sites so far
     * @param downBytes message bytes sent to sites so far
     * @param notes what the policies had against something, oldest first
     */
    public StatusPublisher(
            Path file,
            Optional<PrintStream> lines,
            LongSupplier upBytes,
            LongSupplier downBytes,
            Supplier<List<GovernanceNote>> notes) {
        this.file = file;
        this.lines = lines;
        this.upBytes = upBytes;
        this.downBytes = downBytes;
        this.notes = notes;
        this.writer = Thread.ofVirtual().name("status-publisher").start(this::run);
    }

    public void publish(FederationStatus status) {
        newest.set(status);
    }

    /** Writes what is outstanding, then stops. */
    @Override
    public void close() {
        closing.countDown();
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            do {
                writeNewest();
            } while (!closing.await(PACE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writeNewest();
    }

    private void writeNewest() {
        FederationStatus status = newest.getAndSet(null);
        if (status == null) {
            return;
        }
        try {
            String line = json(status);
            lines.ifPresent(out -> {
                out.println(line);
                out.flush();
            });
            DurableFiles.write(file, (line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.atError().setCause(e).log("status.json could not be written; is the disk full?");
        }
    }

    private String json(FederationStatus status) throws JsonProcessingException {
        ObjectNode node = JSON.valueToTree(status);
        node.putObject("bytes").put("up", upBytes.getAsLong()).put("down", downBytes.getAsLong());
        node.set("governance", JSON.valueToTree(notes.get()));
        node.put("written", Instant.now().toString());
        return JSON.writeValueAsString(node);
    }
}
