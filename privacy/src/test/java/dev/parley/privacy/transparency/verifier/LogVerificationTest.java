package dev.parley.privacy.transparency.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.TileAddress;
import dev.parley.privacy.transparency.verifier.Report.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LogVerificationTest {
    /** Flips every bit of the region instead of a sample; about ten minutes on two cores. */
    private static final boolean EXHAUSTIVE = Boolean.getBoolean("parley.audit.exhaustive");

    private static final int REGION_BYTES = 64 << 10;
    private static final long SEED = 20261201;

    private static boolean holds(LogSource log) {
        return holds(log, Trust.in(WrittenLog.KEY));
    }

    private static boolean holds(LogSource log, Trust trust) {
        try {
            return LogVerification.verify(log, trust).holds();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The smallest log whose files have at least 64 KiB. */
    private static WrittenLog region() {
        return WrittenLog.of(WrittenLog.story(150));
    }

    @Test
    void anHonestLogHolds() throws Exception {
        for (int size : List.of(0, 1, 2, 255, 256, 257, 513, 66_000)) {
            Report report = LogVerification.verify(
                    WrittenLog.of(size == 0 ? List.of() : WrittenLog.story(size)), Trust.in(WrittenLog.KEY));
            assertTrue(report.holds(), () -> size + ": " + report.findings());
        }
    }

    @Test
    void everyFlippedBitIsFound() {
        WrittenLog log = region();
        List<String> paths = log.files().keySet().stream().sorted().toList();
        long bytes =
                log.files().values().stream().mapToLong(file -> file.length).sum();
        assertTrue(bytes >= REGION_BYTES, "the region has only " + bytes + " bytes");
        for (String path : paths) {
            byte[] file = log.files().get(path);
            long bits = (long) file.length * Byte.SIZE;
            SplittableRandom random = new SplittableRandom(SEED);
            LongStream tried = EXHAUSTIVE
                    ? LongStream.range(0, bits)
                    : LongStream.range(0, bits).filter(bit -> random.nextInt(160) == 0);
            long[] missed = Arrays.stream(tried.toArray())
                    .parallel()
                    .filter(bit -> holds(log.with(path, WrittenLog.flipped(file, bit))))
                    .toArray();
            assertEquals(0, missed.length, () -> path + ", seed " + SEED + ", bits " + Arrays.toString(missed));
        }
    }

    @Test
    void everyTruncationIsFound() {
        WrittenLog log = region();
        for (String path : log.files().keySet()) {
            assertFalse(holds(log.without(path)), path);
            byte[] file = log.files().get(path);
            for (int length = 0; length < file.length; length += length < 300 || file.length - length < 300 ? 1 : 97) {
                int cut = length;
                assertFalse(holds(log.with(path, Arrays.copyOf(file, cut))), () -> path + " cut to " + cut);
            }
        }
    }

    /** Every two entries swapped, in bundles whose tiles are written anew to fit: only the signature tells. */
    @Test
    void everySwapIsFoundAlsoWhereTheTilesFit() {
        List<byte[]> entries = WrittenLog.story(40);
        WrittenLog log = WrittenLog.of(entries);
        for (int i = 0; i < entries.size(); i++) {
            for (int j = i + 1; j < entries.size(); j++) {
                List<byte[]> swapped = new ArrayList<>(entries);
                Collections.swap(swapped, i, j);
                WrittenLog forged = WrittenLog.of(swapped)
                        .with(LogFiles.CHECKPOINT, log.files().get(LogFiles.CHECKPOINT));
                assertFalse(holds(forged), i + " and " + j);
            }
        }
    }

    /** A log that is signed anew is whole in itself; who kept a checkpoint from before finds it out. */
    @Test
    void rollbackAndForkAreFoundByWhoKeptACheckpoint() throws Exception {
        List<byte[]> entries = WrittenLog.story(40);
        SignedNote kept = SignedNote.parse(WrittenLog.of(entries).checkpoint());
        Trust since = new Trust(Optional.of(WrittenLog.KEY), List.of(), 0, Optional.of(kept));
        for (int size = 1; size < 60; size++) {
            List<byte[]> longer = WrittenLog.story(size);
            assertEquals(size >= 40, holds(WrittenLog.of(longer), since), "an honest log of " + size);
            List<byte[]> forked = new ArrayList<>(longer);
            forked.remove(Math.min(5, size - 1));
            assertFalse(!forked.isEmpty() && holds(WrittenLog.of(forked), since), "a fork of " + size);
        }
    }

    @Test
    void entriesThatContradictEachOtherAreFound() throws Exception {
        List<byte[]> entries = WrittenLog.story(10);
        for (List<Integer> order : List.of(
                List.of(0, 2, 1, 3), // released before it is planned
                List.of(0, 1, 2, 2), // released twice
                List.of(0, 1, 1), // planned twice
                List.of(0, 4), // from a version that is not in force
                List.of(0, 1, 3))) { // scored without a release
            List<byte[]> told = order.stream().map(entries::get).toList();
            Report report = LogVerification.verify(WrittenLog.of(told), Trust.in(WrittenLog.KEY));
            assertEquals(
                    List.of("history"),
                    report.findings().stream()
                            .filter(finding -> finding.verdict() == Verdict.REFUTED)
                            .map(Report.Finding::about)
                            .toList(),
                    order.toString());
        }
        List<byte[]> unreadable = List.of("{\"at\": 1}".getBytes());
        assertFalse(holds(WrittenLog.of(unreadable)));
    }

    /** Entries, tiles and the signature each speak for the log by themselves: none of the three is taken from another. */
    @Test
    void aChangedEntryAChangedTileAndALogWrittenAnewAreFound() {
        WrittenLog log = region();
        assertTrue(holds(log));
        TileAddress bundle = TileAddress.bundleOf(0, 150);
        TileAddress leaves = TileAddress.hashesAt(0, 0, 150);
        byte[] entries = log.files().get(bundle.path());
        byte[] hashes = log.files().get(leaves.path());

        assertFalse(holds(log.with(bundle.path(), WrittenLog.flipped(entries, 5000))));
        assertFalse(holds(log.with(leaves.path(), WrittenLog.flipped(hashes, 99))));
        List<byte[]> other = WrittenLog.story(150);
        Collections.swap(other, 3, 4);
        assertFalse(
                holds(WrittenLog.of(other).with(LogFiles.CHECKPOINT, log.files().get(LogFiles.CHECKPOINT))));
    }

    @Test
    void aCheckpointByAnotherKeyIsNotTheLogs() throws Exception {
        WrittenLog log = region();
        Checkpoint checkpoint =
                Checkpoint.parse(SignedNote.parse(log.checkpoint()).text());
        SignedNote renamed =
                WrittenLog.signed(new Checkpoint("another.example/log", checkpoint.size(), checkpoint.root()));

        assertFalse(holds(log.with(LogFiles.CHECKPOINT, renamed.toBytes())));
    }
}
