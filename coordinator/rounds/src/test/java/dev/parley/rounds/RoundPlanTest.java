package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RoundPlanTest {
    private static final ContentHash ONES = new ContentHash("11".repeat(32));

    /** Every field of the message, in protobuf's wire format, worked out by hand from protobuf.dev's "Encoding". */
    @Test
    void canonicalBytesAreTheContractsMessage() {
        String expected = "0a01" + "66" // 1: federation "f"
                + "1003" // 2: round
                + "1801" // 3: attempt
                + "2002" // 4: task, train
                + "2802" // 5: training_round
                + "3005" // 6: training_rounds
                + ("3a20" + "11".repeat(32)) // 7: model_hash
                + ("4220" + "22".repeat(32)) // 8: layout_hash
                + ("4a20" + "33".repeat(32)) // 9: learning_hash
                + ("5220" + "44".repeat(32)) // 10: policy_hash
                + "5a01" + "61" // 11: cohort "a"
                + "5a01" + "62" // 11: cohort "b"
                + "61" + "000000000000f83f" // 12: clip_norm 1.5
                + "70ac02" // 14: example_cap 300
                + "79" + "000000000000e03f" // 15: proximal_mu 0.5
                + "800101" // 16: noise, none
                + "9001ffffffffffffffffff01" // 18: seed -1
                + "9801f885ece7a034" // 19: deadline_epoch_millis
                + ("a20120" + "55".repeat(32)) // 20: roster_hash
                + "aa0108" // 21: secure_aggregation, 8 bytes
                + "0814" // 21.1: bits 20
                + "1002" // 21.2: threshold
                + "1801" // 21.3: colluding
                + "2006" // 21.4: degree
                + "b00101"; // 22: evaluated

        assertEquals(expected, HexFormat.of().formatHex(plan().canonicalBytes()));
        assertEquals(ContentHash.of(HexFormat.of().parseHex(expected)), plan().hash());
    }

    @Test
    void defaultsAreLeftOutAsProto3Prescribes() {
        RoundPlan plain = new RoundPlan(
                new FederationName("f"),
                new RoundId(0, 0),
                new Task.AgreeStatistics(),
                ONES,
                ONES,
                ONES,
                ONES,
                List.of(new SiteName("a"), new SiteName("b")),
                ONES,
                new ClipNorm(1),
                1,
                0,
                new UpdateNoise.None(),
                masking(20, 2, 0, 0),
                false,
                0,
                Instant.EPOCH);

        String hex = HexFormat.of().formatHex(plain.canonicalBytes());

        String hashes = "3a20" + ONES + "4220" + ONES + "4a20" + ONES + "5220" + ONES;
        assertEquals(
                "0a0166" + "2001" + hashes + "5a0161" + "5a0162" + "61000000000000f03f" + "7001" + "800101" + "a20120"
                        + ONES + "aa0104" + "0814" + "1002",
                hex);
    }

    /** Field 16 is 2, and field 23 comes last. */
    @Test
    void noiseThatSitesAddTogetherIsInTheBytes() {
        RoundPlan noised = noised(1.5, 3);

        String hex = HexFormat.of().formatHex(noised.canonicalBytes());

        assertTrue(hex.contains("7001" + "79000000000000e03f" + "800102"), hex);
        assertTrue(hex.endsWith("ba010b" + "09000000000000f83f" + "1003"), hex);
        assertNotEquals(noised.hash(), noised(1.5, 4).hash());
        assertNotEquals(noised.hash(), noised(1.25, 3).hash());
    }

    @Test
    void underNoiseEverySiteWeighsOne() {
        RoundPlan p = noised(1, 2);

        assertEquals(
                new UpdateNoise.DistributedGaussian(new NoiseMultiplier(1), 2),
                p.encoding(10).noise());
        assertThrows(
                IllegalArgumentException.class,
                () -> new UpdateRule(
                        new ClipNorm(1),
                        new ClipNorm(1),
                        2,
                        0,
                        p.noise(),
                        FederationFixture.spec().update().masking()));
    }

    @Test
    void everyFieldChangesTheHash() {
        RoundPlan p = plan();
        ContentHash other = new ContentHash("ff".repeat(32));
        List<RoundPlan> plans = new ArrayList<>(List.of(p));
        plans.add(with(new FederationName("g"), p.id(), p.task(), p.modelHash(), p.cohort()));
        plans.add(with(p.federation(), new RoundId(4, 1), p.task(), p.modelHash(), p.cohort()));
        plans.add(with(p.federation(), new RoundId(3, 2), p.task(), p.modelHash(), p.cohort()));
        plans.add(with(p.federation(), p.id(), new Task.Train(3, 5), p.modelHash(), p.cohort()));
        plans.add(with(p.federation(), p.id(), new Task.Train(2, 6), p.modelHash(), p.cohort()));
        plans.add(with(p.federation(), p.id(), new Task.AgreeStatistics(), p.modelHash(), p.cohort()));
        plans.add(with(p.federation(), p.id(), p.task(), other, p.cohort()));
        plans.add(with(p.federation(), p.id(), p.task(), p.modelHash(), List.of(new SiteName("a"), new SiteName("c"))));
        plans.add(with(
                p.federation(),
                p.id(),
                p.task(),
                p.modelHash(),
                List.of(new SiteName("a"), new SiteName("ab"), new SiteName("b"))));
        plans.add(numbers(1.25, 300, 0.5, -1, p.deadline()));
        plans.add(numbers(1.5, 301, 0.5, -1, p.deadline()));
        plans.add(numbers(1.5, 300, 0.25, -1, p.deadline()));
        plans.add(numbers(1.5, 300, 0.5, 1, p.deadline()));
        plans.add(numbers(1.5, 300, 0.5, -1, p.deadline().plusMillis(1)));
        plans.add(summed(other, p.masking(), true));
        plans.add(summed(p.roster(), masking(21, 2, 1, 6), true));
        plans.add(summed(p.roster(), masking(20, 3, 1, 6), true));
        plans.add(summed(p.roster(), masking(20, 2, 0, 6), true));
        plans.add(summed(p.roster(), masking(20, 2, 1, 0), true));
        plans.add(summed(p.roster(), p.masking(), false));

        Set<ContentHash> hashes = new LinkedHashSet<>();
        plans.forEach(plan -> hashes.add(plan.hash()));

        assertEquals(plans.size(), hashes.size());
    }

    @Test
    void aCohortIsAscendingWithoutRepetitionAndMoreThanOneSite() {
        for (List<SiteName> wrong : List.of(
                List.of(new SiteName("b"), new SiteName("a")),
                List.of(new SiteName("a"), new SiteName("a")),
                List.of(new SiteName("a")),
                List.<SiteName>of())) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> with(new FederationName("f"), new RoundId(0, 0), new Task.Train(0, 1), ONES, wrong));
        }
        assertThrows(IllegalArgumentException.class, () -> numbers(1.5, 300, 0.5, -1, Instant.EPOCH.plusNanos(1)));
    }

    @Test
    void aSubmissionIdIsReadAsItIsWritten() {
        SubmissionId id = plan().submissionOf(new SiteName("ward-3"));

        assertEquals("f/3/1/ward-3", id.toString());
        assertEquals(id, SubmissionId.parse(id.toString()));
        for (String wrong : List.of(
                "",
                "f/3/1",
                "f/3/1/a/b",
                "f/03/1/a",
                "f/+3/1/a",
                "f/-1/1/a",
                "f//1/a",
                "f/3/1/",
                "F/3/1/a",
                "f/3/1/../x",
                "f/99999999/1/a",
                "f/\u0663/1/a",
                "x".repeat(300))) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> SubmissionId.parse(wrong), wrong);
            assertTrue(refused.getMessage().length() < 300, refused.getMessage());
        }
    }

    /** Seven sites in three groups of two, two and three; whoever is lost is missing in one of them. */
    @Test
    void theSmallestSumIsThatOfTheSmallestGroup() {
        List<SiteName> cohort =
                Stream.of("a", "b", "c", "d", "e", "f", "g").map(SiteName::new).toList();
        RoundPlan one = grouped(cohort, 1);
        RoundPlan three = grouped(cohort, 3);
        SharingGraph sums = three.sums();
        int largest = IntStream.range(0, 3)
                .boxed()
                .max(Comparator.comparing(group -> members(sums, cohort, group).size()))
                .orElseThrow();

        assertEquals(7, one.smallestSum(new TreeSet<>(cohort)));
        assertEquals(2, three.smallestSum(new TreeSet<>(cohort)));
        Set<SiteName> withoutSmallGroups = members(sums, cohort, largest);
        assertEquals(3, three.smallestSum(withoutSmallGroups), "a group that nobody is in was not opened");
        assertThrows(IllegalArgumentException.class, () -> three.smallestSum(Set.of()));
    }

    private static SortedSet<SiteName> members(SharingGraph sums, List<SiteName> cohort, int group) {
        return IntStream.range(0, cohort.size())
                .filter(i -> sums.component(i) == group)
                .mapToObj(cohort::get)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static RoundPlan grouped(List<SiteName> cohort, int groups) {
        Draft draft = new Draft();
        draft.cohort = cohort;
        draft.masking = new UpdateMasking(new RingModulus(20), SecureSumTerms.grouped(cohort.size(), 0, groups));
        return draft.build();
    }

    /** The plan of these tests, to be changed in a field or two. */
    private static final class Draft {
        private FederationName federation = new FederationName("f");
        private RoundId id = new RoundId(3, 1);
        private Task task = new Task.Train(2, 5);
        private ContentHash model = ONES;
        private List<SiteName> cohort = List.of(new SiteName("a"), new SiteName("b"));
        private ContentHash roster = new ContentHash("55".repeat(32));
        private ClipNorm clipNorm = new ClipNorm(1.5);
        private long exampleCap = 300;
        private double proximalMu = 0.5;
        private UpdateNoise noise = new UpdateNoise.None();
        private UpdateMasking masking = masking(20, 2, 1, 6);
        private boolean evaluated = true;
        private long seed = -1;
        private Instant deadline = Instant.ofEpochMilli(1_795_514_106_616L);

        private RoundPlan build() {
            return new RoundPlan(
                    federation,
                    id,
                    task,
                    model,
                    new ContentHash("22".repeat(32)),
                    new ContentHash("33".repeat(32)),
                    new ContentHash("44".repeat(32)),
                    cohort,
                    roster,
                    clipNorm,
                    exampleCap,
                    proximalMu,
                    noise,
                    masking,
                    evaluated,
                    seed,
                    deadline);
        }
    }

    private static RoundPlan plan() {
        return new Draft().build();
    }

    private static RoundPlan numbers(double clipNorm, long exampleCap, double proximalMu, long seed, Instant deadline) {
        Draft draft = new Draft();
        draft.clipNorm = new ClipNorm(clipNorm);
        draft.exampleCap = exampleCap;
        draft.proximalMu = proximalMu;
        draft.seed = seed;
        draft.deadline = deadline;
        return draft.build();
    }

    private static RoundPlan with(
            FederationName federation, RoundId id, Task task, ContentHash modelHash, List<SiteName> cohort) {
        Draft draft = new Draft();
        draft.federation = federation;
        draft.id = id;
        draft.task = task;
        draft.model = modelHash;
        draft.cohort = cohort;
        return draft.build();
    }

    private static RoundPlan noised(double multiplier, int shares) {
        Draft draft = new Draft();
        draft.exampleCap = 1;
        draft.noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(multiplier), shares);
        return draft.build();
    }

    private static RoundPlan summed(ContentHash roster, UpdateMasking masking, boolean evaluated) {
        Draft draft = new Draft();
        draft.roster = roster;
        draft.masking = masking;
        draft.evaluated = evaluated;
        return draft.build();
    }

    private static UpdateMasking masking(int bits, int threshold, int colluding, int degree) {
        return new UpdateMasking(new RingModulus(bits), new SecureSumTerms(threshold, colluding, degree));
    }
}
