package dev.parley.agent.storage;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.BudgetLedger;
import dev.parley.privacy.dp.ledger.Decision;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.ledger.ReleaseFormat;
import dev.parley.privacy.dp.ledger.Spending;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A site's own ledger, which nobody else can reset: one line for each debit, appended and forced to disk before the release
 * that it pays for is computed.
 *
 * <p>A line is {@code HASH JSON}, where HASH is the SHA-256 of the line before it (64 zeros for the first) and the JSON. So a
 * line that is changed, removed from the middle or put elsewhere is noticed. An old copy of the whole file is not: it has
 * forgotten what came after it, and must never be put back.
 *
 * <p>A last line without its end was being written when the power went: its debit was never granted. It is kept if it is
 * whole all the same, and dropped if not.
 */
public final class BudgetFile implements BudgetLedger {
    private static final String FIRST = "0".repeat(64);
    private static final JsonMapper JSON = ReleaseFormat.JSON;

    /** One line. */
    public record Entry(String at, Release release) {}

    private final Path file;
    private final InstantSource clock;
    private final List<Entry> entries;
    private Spending spending;
    private String head;
    private boolean torn;

    private BudgetFile(Path file, InstantSource clock, List<Entry> entries, Spending spending, String head) {
        this.file = file;
        this.clock = clock;
        this.entries = entries;
        this.spending = spending;
        this.head = head;
    }

    /**
     * Opens the ledger, or begins one where there is none.
     *
     * @throws IOException if it cannot be read or is damaged. A site must not go on without it, so it is not mended by
     *     itself
     */
    public static BudgetFile open(Path file, Budget budget, InstantSource clock) throws IOException {
        if (PrivateFiles.isMissing(file)) {
            PrivateFiles.write(file, new byte[0]);
        }
        PrivateFiles.requirePrivate(file);
        BudgetFile ledger = new BudgetFile(file, clock, new ArrayList<>(), Spending.none(budget), FIRST);
        byte[] bytes = Files.readAllBytes(file);
        int from = ledger.replay(bytes);
        if (from < bytes.length) {
            ledger.mend(Arrays.copyOfRange(bytes, from, bytes.length), from);
        }
        return ledger;
    }

    /**
     * What the ledger says, while another process may be writing it. Nothing is mended.
     *
     * @throws IOException if it cannot be read or is damaged
     */
    public static BudgetFile reading(Path file, Budget budget) throws IOException {
        BudgetFile ledger =
                new BudgetFile(file, InstantSource.system(), new ArrayList<>(), Spending.none(budget), FIRST);
        // Not to be written through: what is appended meanwhile is not known here.
        ledger.torn = true;
        if (!PrivateFiles.isMissing(file)) {
            int unused = ledger.replay(Files.readAllBytes(file));
        }
        return ledger;
    }

    /** @return where an unfinished last line begins; the length if there is none */
    private int replay(byte[] bytes) throws IOException {
        int from = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                take(new String(bytes, from, at - from, StandardCharsets.UTF_8));
                from = at + 1;
            }
        }
        return from;
    }

    private void mend(byte[] tail, int from) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (isWhole(tail)) {
                channel.position(channel.size());
                writeAll(channel, new byte[] {'\n'});
            } else {
                channel.truncate(from);
            }
            channel.force(true);
        }
    }

    private boolean isWhole(byte[] line) {
        try {
            take(new String(line, StandardCharsets.UTF_8));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void take(String line) throws IOException {
        if (line.length() < FIRST.length() + 1 || line.charAt(FIRST.length()) != ' ') {
            throw damaged(null);
        }
        String json = line.substring(FIRST.length() + 1);
        String hash = line.substring(0, FIRST.length());
        if (!hash.equals(hash(head, json))) {
            throw damaged(null);
        }
        Entry entry;
        try {
            entry = JSON.readValue(json, Entry.class);
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(e);
        }
        entries.add(entry);
        spending = spending.with(entry.release());
        head = hash;
    }

    private IOException damaged(@Nullable Exception cause) {
        return new IOException(
                file + " is damaged at entry " + (entries.size() + 1)
                        + ". It says what this site's records have told already; without it no private round may be joined."
                        + " Ask whoever keeps this computer what happened to the disk; an old copy does not help, it has"
                        + " forgotten what came after it",
                cause);
    }

    private static String hash(String previous, String json) {
        return ContentHash.of((previous + json).getBytes(StandardCharsets.UTF_8))
                .hex();
    }

    @Override
    public synchronized Decision debit(Release release) throws IOException {
        Decision decision = spending.judge(release);
        if (decision instanceof Decision.Granted) {
            append(new Entry(Instant.ofEpochMilli(clock.millis()).toString(), release));
        }
        return decision;
    }

    private void append(Entry entry) throws IOException {
        if (torn) {
            throw new IOException(file + " could not be written before; start the agent again when its disk has room");
        }
        String json = JSON.writeValueAsString(entry);
        String hash = hash(head, json);
        byte[] line = (hash + " " + json + "\n").getBytes(StandardCharsets.UTF_8);
        // Until it is known to be on the disk, nothing may follow it there.
        torn = true;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            writeAll(channel, line);
            channel.force(true);
        }
        torn = false;
        entries.add(entry);
        spending = spending.with(entry.release());
        head = hash;
    }

    private static void writeAll(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    @Override
    public synchronized Spending spending() {
        return spending;
    }

    /** Every debit, oldest first. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }
}
