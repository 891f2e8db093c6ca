package dev.parley.agent.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.accounting.DistributedNoise;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.Decision;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.ledger.Spending;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetFileTest {
    private static final Budget BUDGET =
            new Budget(PrivacyUnit.RECORD, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(2), new Delta(1e-5));
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-25T12:00:00Z"));
    private static final NoiseMultiplier NOISE = new NoiseMultiplier(40);

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("budget.ledger");
    }

    private BudgetFile open() throws IOException {
        return BudgetFile.open(file(), BUDGET, CLOCK);
    }

    private static Release release(String what, Mechanism mechanism) {
        return new Release(what, PrivacyUnit.RECORD, mechanism, 1, StatisticalDistance.ZERO);
    }

    private static Release count(int number) {
        return release("count " + number, new Mechanism.Gaussian(NOISE));
    }

    private static void granted(Decision decision) {
        assertInstanceOf(Decision.Granted.class, decision, decision::toString);
    }

    @Test
    void whatWasDebitedIsThereAgain() throws Exception {
        BudgetFile ledger = open();
        for (int i = 0; i < 5; i++) {
            granted(ledger.debit(count(i)));
        }

        BudgetFile again = open();

        assertEquals(ledger.entries(), again.entries());
        assertEquals(ledger.spending().epsilon(), again.spending().epsilon());
        assertEquals("2026-11-25T12:00:00Z", again.entries().getFirst().at());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    /** Files outlive programs: every mechanism has a name and is read back as it was. */
    @Test
    void everyMechanismIsReadBack() throws Exception {
        for (Mechanism mechanism : List.of(
                new Mechanism.Gaussian(NOISE),
                new Mechanism.Laplace(100),
                new Mechanism.DiscreteLaplace(100, 1),
                new Mechanism.DiscreteGaussian(100, 1),
                new Mechanism.Skellam(1e4, 1),
                new Mechanism.PoissonSampled(new SamplingRate(0.01), new Mechanism.Gaussian(NOISE)),
                new Mechanism.FixedSizeSampled(1, 1000, NOISE),
                new Mechanism.MatrixFactorisation(NOISE, 2.5),
                new Mechanism.Distributed(new DistributedNoise(
                        DistributedNoise.Law.SKELLAM, 100, 0.1, 1, 0.01, 1024, new SamplingRate(1))),
                new Mechanism.Stated(new Epsilon(1), new Delta(1e-12)),
                new Mechanism.ZeroConcentrated(1e-3))) {
            Files.deleteIfExists(file());
            NeighbouringRelation relation = mechanism instanceof Mechanism.FixedSizeSampled
                    ? NeighbouringRelation.REPLACE_ONE
                    : NeighbouringRelation.ADD_OR_REMOVE_ONE;
            Budget large = new Budget(PrivacyUnit.RECORD, relation, new Epsilon(1000), new Delta(1e-5));
            Release release =
                    new Release("a release", PrivacyUnit.SUBJECT, mechanism, 1, new StatisticalDistance(0x1p-90));
            granted(BudgetFile.open(file(), large, CLOCK).debit(release));

            BudgetFile again = BudgetFile.open(file(), large, CLOCK);

            assertEquals(release, again.entries().getFirst().release());
        }
        assertEquals(
                Mechanism.class.getPermittedSubclasses().length
                        + Mechanism.Sampled.class.getPermittedSubclasses().length
                        - 1,
                11,
                "a mechanism is new: give it a name in BudgetFile, and a line here");
    }

    /** Power lost after any byte: no debit that was granted is forgotten, and the ledger opens. */
    @Test
    void cutAfterAnyByteItHasEveryDebitThatWasWhole() throws Exception {
        BudgetFile ledger = open();
        for (int i = 0; i < 2; i++) {
            granted(ledger.debit(count(i)));
        }
        byte[] bytes = Files.readAllBytes(file());
        for (int length = 0; length <= bytes.length; length++) {
            Files.write(file(), Arrays.copyOf(bytes, length));
            long whole = new String(Arrays.copyOf(bytes, length), java.nio.charset.StandardCharsets.US_ASCII)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();

            assertEquals(whole, BudgetFile.reading(file(), BUDGET).entries().size(), "read after " + length + " bytes");
            BudgetFile opened = open();

            assertTrue(opened.entries().size() >= whole, "opened after " + length + " bytes");
            if (length % 13 == 0) {
                granted(opened.debit(count(9)));
                assertEquals(opened.entries(), open().entries(), "goes on after " + length + " bytes");
            }
        }
    }

    @Test
    void everyFlippedBitIsNoticedAndNoneTakenForLess() throws Exception {
        BudgetFile ledger = open();
        granted(ledger.debit(count(0)));
        granted(ledger.debit(count(1)));
        byte[] bytes = Files.readAllBytes(file());
        // Of each byte the bit that its place chooses: all eight come up hundreds of times.
        for (int at = 0; at < bytes.length - 1; at++) {
            int bit = 8 * at + at % 8;
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file(), flipped);

            IOException refused = assertThrows(IOException.class, this::open, "bit " + bit);

            assertTrue(String.valueOf(refused.getMessage()).contains("is damaged at entry"), refused.getMessage());
        }
        // The very last byte ends the line; without it the line counts as whole.
        byte[] unended = bytes.clone();
        unended[bytes.length - 1] ^= 1;
        Files.write(file(), Arrays.copyOf(unended, bytes.length - 1));
        assertEquals(2, open().entries().size());
    }

    @Test
    void aLineThatIsRemovedOrExchangedIsNoticed() throws Exception {
        BudgetFile ledger = open();
        for (int i = 0; i < 3; i++) {
            granted(ledger.debit(count(i)));
        }
        List<String> lines = Files.readAllLines(file());
        for (List<String> bent : List.of(
                List.of(lines.get(1), lines.get(2)),
                List.of(lines.get(0), lines.get(2)),
                List.of(lines.get(1), lines.get(0), lines.get(2)),
                List.of(lines.get(0), lines.get(0)))) {
            Files.writeString(file(), String.join("\n", bent) + "\n");

            assertThrows(IOException.class, this::open);
        }
    }

    @Test
    void aThousandDebitsAtOnceAreGrantedAsOneAfterTheOtherAndSurvive() throws Exception {
        long affordable = Spending.none(BUDGET).affordable(count(0));
        BudgetFile ledger = open();
        AtomicInteger granted = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < 1000; i++) {
                int number = i;
                threads.submit(() -> {
                    start.await();
                    if (ledger.debit(count(number)) instanceof Decision.Granted) {
                        granted.incrementAndGet();
                    }
                    return null;
                });
            }
            start.countDown();
        }

        assertEquals(affordable, granted.get());
        assertEquals(granted.get(), open().spending().releases());
        assertTrue(open().spending().epsilon().value() <= 2);
    }

    @Test
    void whatCannotBeWrittenIsNotGrantedNorIsAnythingAfterIt() throws Exception {
        BudgetFile ledger = open();
        granted(ledger.debit(count(0)));
        byte[] kept = Files.readAllBytes(file());
        Files.delete(file());

        assertThrows(IOException.class, () -> ledger.debit(count(1)));
        Files.write(file(), kept);

        IOException refused = assertThrows(IOException.class, () -> ledger.debit(count(2)));
        assertTrue(String.valueOf(refused.getMessage()).contains("start the agent again"), refused.getMessage());
        assertEquals(1, ledger.spending().releases());
    }

    @Test
    void aRefusalWritesNothing() throws Exception {
        BudgetFile ledger = open();
        granted(ledger.debit(count(0)));
        byte[] before = Files.readAllBytes(file());

        Decision decision = ledger.debit(release("too much", new Mechanism.Gaussian(new NoiseMultiplier(0.1))));

        assertInstanceOf(Decision.Refused.class, decision);
        assertEquals(new String(before), Files.readString(file()));
    }

    @Test
    void readingWritesNothing() throws Exception {
        assertEquals(0, BudgetFile.reading(file(), BUDGET).entries().size());
        assertTrue(Files.notExists(file()));
        granted(open().debit(count(0)));

        BudgetFile read = BudgetFile.reading(file(), BUDGET);

        assertThrows(IOException.class, () -> read.debit(count(1)));
        assertEquals(1, open().entries().size());
    }
}
