package dev.parley.server.audit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSignature;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.WitnessName;
import dev.parley.privacy.transparency.WitnessRule;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.transparency.verifier.LogFiles;
import dev.parley.privacy.transparency.verifier.LogVerification;
import dev.parley.privacy.transparency.verifier.Trust;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");

    /** Without forcing: what these tests are about is not the disk's own doing. */
    private static final LogDisk QUICK = new LogDisk() {
        @Override
        public void write(Path folder, Map<String, byte[]> files) throws IOException {
            for (var file : files.entrySet()) {
                Files.createDirectories(folder.resolve(file.getKey()).getParent());
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        }

        @Override
        public void replace(Path file, byte[] bytes) throws IOException {
            Files.write(file, bytes);
        }
    };

    @TempDir
    Path folder;

    private AuditLog open() throws IOException {
        return open(folder, QUICK);
    }

    private static AuditLog open(Path folder, LogDisk disk) throws IOException {
        return AuditLog.open(folder.resolve("audit"), folder.resolve("key"), "parley/test", () -> NOW, disk);
    }

    private static AuditEvent event(int i) {
        return new AuditEvent.SiteEnrolled(ContentHash.of(new byte[] {(byte) i, (byte) (i >> 8)}));
    }

    private static AuditEvent.RoundPlanned planned(int i) {
        ContentHash hash = ContentHash.of(new byte[] {9, (byte) i});
        AuditEvent.Round round = new AuditEvent.Round("ward", i, 0, hash);
        return new AuditEvent.RoundPlanned(
                round, "train", new AuditEvent.PlannedBy(hash, hash, hash), hash, List.of("a", "b"));
    }

    private static AuditEvent.RoundReleased released(int i, int version) {
        AuditEvent.RoundPlanned plan = planned(i);
        return new AuditEvent.RoundReleased(
                plan.round(),
                plan.by().model(),
                ContentHash.of(new byte[] {8, (byte) version}),
                List.of("a"),
                plan.roster());
    }

    private static boolean holds(Path folder, NoteKey key) throws IOException {
        return LogVerification.verify(new LogFiles(folder.resolve("audit")), Trust.in(key)).findings().stream()
                .noneMatch(finding ->
                        finding.about().equals("entries") && finding.toString().startsWith("REFUTED"));
    }

    @Test
    void theFirstStartMakesAKeyThatOnlyItsOwnerReadsAndKeepsIt() throws Exception {
        NoteKey key = open().key();

        assertEquals(key, open().key());
        assertEquals(
                key.toString(),
                Files.readString(folder.resolve("audit/log.pub")).strip());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key"))));
    }

    /** Across every border of tiles, one by one and in batches, with the log opened anew in between. */
    @Test
    void whatIsAppendedIsReadBackAndVerifies() throws Exception {
        NoteSigner signer = signer();
        int count = 0;
        for (int batch : List.of(1, 1, 253, 1, 1, 255, 256, 700, 3)) {
            TileLog log = TileLog.open(folder.resolve("audit"), signer, QUICK);
            List<byte[]> entries = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                entries.add(new AuditEntry(NOW, event(count + i)).toBytes());
            }
            assertEquals(count, log.append(entries));
            count += batch;
            assertEquals(count, log.size());
            assertTrue(holds(folder, log.signer().key()), "of " + count);
            for (int index : List.of(0, count / 2, count - 1)) {
                assertArrayEquals(new AuditEntry(NOW, event(index)).toBytes(), log.entry(index));
            }
        }
        // Partial tiles below a full one are gone, and proofs of the past are made all the same.
        assertFalse(Files.exists(folder.resolve("audit/tile/0/000.p")));
        TileLog log = TileLog.open(folder.resolve("audit"), signer, QUICK);
        ContentHash old = ContentHash.ofDigest(MerkleTree.leafHash(log.entry(0)));
        assertTrue(log.consistency(1, count)
                .proves(old, Checkpoint.parse(log.head().text()).root()));
    }

    private NoteSigner signer() throws IOException {
        NoteKey unused = open().key();
        return new LogKeyFile(folder.resolve("key")).read().orElseThrow();
    }

    /** Fails at the n-th thing that it is asked for, having done half of it. */
    private static final class FailingDisk implements LogDisk {
        private int left;

        FailingDisk(int left) {
            this.left = left;
        }

        @Override
        public void write(Path folder, Map<String, byte[]> files) throws IOException {
            for (var file : files.entrySet()) {
                boolean fails = left-- == 0;
                byte[] bytes = file.getValue();
                QUICK.write(folder, Map.of(file.getKey(), fails ? Arrays.copyOf(bytes, bytes.length / 2) : bytes));
                if (fails) {
                    throw new IOException("the power went");
                }
            }
        }

        @Override
        public void replace(Path file, byte[] bytes) throws IOException {
            if (left-- == 0) {
                throw new IOException("the power went");
            }
            QUICK.replace(file, bytes);
        }
    }

    /**
     * Power goes at each write of an append that fills tiles on two levels: afterwards the log is the one before, and
     * goes on.
     */
    @Test
    void aCrashAtAnyWriteLosesNothingThatWasAppended() throws Exception {
        NoteSigner signer = signer();
        TileLog log = TileLog.open(folder.resolve("audit"), signer, QUICK);
        log.append(batch(0, 250));
        Map<String, byte[]> before = files();
        int writes = 0;
        for (boolean survived = false; !survived; writes++) {
            restore(before);
            TileLog failing = TileLog.open(folder.resolve("audit"), signer, new FailingDisk(writes));
            try {
                failing.append(batch(250, 300));
                survived = true;
            } catch (IOException e) {
                TileLog reopened = TileLog.open(folder.resolve("audit"), signer, QUICK);
                assertEquals(250, reopened.size(), "write " + writes);
                assertTrue(holds(folder, signer.key()), "write " + writes);
                reopened.append(batch(250, 300));
                assertTrue(holds(folder, signer.key()), "appended after write " + writes);
                assertArrayEquals(new AuditEntry(NOW, event(549)).toBytes(), reopened.entry(549));
            }
        }
        assertTrue(writes > 6, "an append of this size has more writes than " + writes);
    }

    private static List<byte[]> batch(int from, int count) {
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new AuditEntry(NOW, event(from + i)).toBytes());
        }
        return entries;
    }

    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (Stream<Path> all = Files.walk(folder.resolve("audit"))) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.resolve("audit").relativize(each).toString(), Files.readAllBytes(each));
            }
        }
        return files;
    }

    private void restore(Map<String, byte[]> files) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("audit"))) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                Files.delete(each);
            }
        }
        QUICK.write(folder.resolve("audit"), files);
    }

    /** A log whose last append may or may not be on the disk takes no more until it has been looked at anew. */
    @Test
    void afterACheckpointThatFailedNothingIsAppended() throws Exception {
        NoteSigner signer = signer();
        TileLog log = TileLog.open(folder.resolve("audit"), signer, new FailingDisk(2));

        assertThrows(IOException.class, () -> log.append(batch(0, 1)));
        assertThrows(IOException.class, () -> log.append(batch(0, 1)));
    }

    @Test
    void aDamagedLogIsNotOpenedAndAChangedEntryIsNotRead() throws Exception {
        NoteSigner signer = signer();
        TileLog log = TileLog.open(folder.resolve("audit"), signer, QUICK);
        log.append(batch(0, 300));
        Map<String, byte[]> whole = files();
        for (String edge : List.of("tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44", "checkpoint")) {
            restore(whole);
            byte[] changed = whole.get(edge).clone();
            changed[changed.length / 3] ^= 1;
            Files.write(folder.resolve("audit").resolve(edge), changed);
            assertThrows(IOException.class, this::open, edge);
            Files.delete(folder.resolve("audit").resolve(edge));
            assertThrows(IOException.class, this::open, edge);
        }
        restore(whole);
        byte[] bundle = whole.get("tile/entries/000").clone();
        bundle[bundle.length / 2] ^= 1;
        Files.write(folder.resolve("audit/tile/entries/000"), bundle);
        IOException refused = assertThrows(IOException.class, () -> log.entry(128));
        assertTrue(String.valueOf(refused.getMessage()).contains("damaged"), refused.getMessage());
    }

    @Test
    void aLogThatIsGoneIsNotBegunAnewUnderItsKey() throws Exception {
        NoteKey unused = open().key();
        restore(Map.of());

        assertThrows(IOException.class, this::open);
    }

    /** As after a crash between entering a release and committing it. */
    @Test
    void whatIsToldAgainIsEnteredOnceAndAnotherAccountIsRefused() throws Exception {
        AuditLog log = open();
        long index = log.enter(released(3, 1));

        assertEquals(index, open().enter(released(3, 1)));
        assertEquals(1, open().size());
        assertThrows(IOException.class, () -> open().enter(released(3, 2)));
        assertEquals(1, open().size());
    }

    /** While one append is at the disk, the same is told twice, and once otherwise: all three are in the next batch. */
    @Test
    void whatIsToldTwiceAtOnceIsEnteredOnceAndAnotherAccountIsRefused() throws Exception {
        CountDownLatch room = new CountDownLatch(1);
        AtomicBoolean held = new AtomicBoolean();
        AuditLog log = open(folder, new LogDisk() {
            @Override
            public void write(Path folder, Map<String, byte[]> files) throws IOException {
                if (held.get()) {
                    try {
                        room.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }
                QUICK.write(folder, files);
            }

            @Override
            public void replace(Path file, byte[] bytes) throws IOException {
                QUICK.replace(file, bytes);
            }
        });
        held.set(true);
        List<FutureTask<Long>> calls = new ArrayList<>();
        for (AuditEvent event : List.of(event(0), released(3, 1), released(3, 1), released(3, 2))) {
            FutureTask<Long> call = new FutureTask<>(() -> log.enter(event));
            Thread thread = new Thread(call);
            thread.start();
            // The first waits for the disk, the others in their order for the first.
            await().until(() -> thread.getState() == Thread.State.WAITING);
            calls.add(call);
        }
        room.countDown();

        assertEquals(0, calls.get(0).get());
        assertEquals(1, calls.get(1).get());
        assertEquals(1, calls.get(2).get());
        ExecutionException refused =
                assertThrows(ExecutionException.class, () -> calls.get(3).get());
        assertTrue(String.valueOf(refused.getMessage()).contains("another account"), refused.getMessage());
        assertEquals(2, log.size());
        assertTrue(holds(folder, log.key()));
    }

    @Test
    void callersAtOnceAreAllEnteredAndShareCommits() throws Exception {
        AuditLog log = open();
        try (ExecutorService callers = Executors.newFixedThreadPool(32)) {
            callers.invokeAll(java.util.stream.IntStream.range(0, 32)
                            .<java.util.concurrent.Callable<Object>>mapToObj(caller -> () -> {
                                for (int i = 0; i < 20; i++) {
                                    log.enter(event(caller * 20 + i));
                                    log.enter(planned(i));
                                }
                                return caller;
                            })
                            .toList())
                    .forEach(done -> assertEquals(java.util.concurrent.Future.State.SUCCESS, done.state()));
        }

        assertEquals(32 * 20 + 20, log.size());
        assertTrue(holds(folder, log.key()));
    }

    /**
     * What a site is shown satisfies a witness, release and all, and its cosignature ends up in the published
     * checkpoint.
     */
    @Test
    void aWitnessFollowsTheLogAndItsCosignatureIsPublished() throws Exception {
        AuditLog log = open();
        SiteIdentityKey identity = SiteIdentityKey.generate(new SecureRandom());
        NoteKey witness = WitnessName.keyOf(identity.identity());
        WitnessRule rule = WitnessRule.beginning(log.key());
        for (int i = 0; i < 5; i++) {
            log.enter(planned(i));
            log.enter(released(i, i));
            AuditLog.Continuation shown = log.since(rule.last().size());
            WitnessRule.Judgement.Accepted accepted =
                    (WitnessRule.Judgement.Accepted) rule.judge(shown.note().toBytes(), shown.path());
            rule = rule.after(accepted);
            AuditLog.ProvedEntry entry =
                    log.release("ward", i, 0, shown.checkpoint().size()).orElseThrow();
            assertTrue(entry.proof()
                    .proves(
                            MerkleTree.leafHash(entry.entry()),
                            shown.checkpoint().root()));
        }
        NoteSignature signature =
                new NoteSigner(witness, identity::signBriefly).sign(rule.last().text(), NOW);

        assertFalse(log.cosigned(
                rule.last().size(), witness, new NoteSignature(witness.name(), witness.id(), new byte[72])));
        assertTrue(log.cosigned(rule.last().size(), witness, signature));
        SignedNote published = SignedNote.parse(new LogFiles(folder.resolve("audit")).checkpoint());
        assertTrue(published.isSignedBy(witness));
        assertTrue(LogVerification.verify(
                        new LogFiles(folder.resolve("audit")),
                        new Trust(Optional.of(log.key()), List.of(witness), 1, Optional.of(published)))
                .findings()
                .stream()
                .anyMatch(finding -> finding.about().equals("witnesses")));
        assertThrows(IllegalArgumentException.class, () -> log.since(1000));
    }
}
