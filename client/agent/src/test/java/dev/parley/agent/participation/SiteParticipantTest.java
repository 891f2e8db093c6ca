package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.egress.SiteRules;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.learning.training.NoiseOrigin;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.BudgetLedger;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateNoise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SiteParticipantTest {
    static final SiteRules OPEN = new SiteRules(
            false,
            Set.of("hospital"),
            Set.of("research"),
            SumPeers.FLOORS,
            100,
            true,
            SiteRules.CAREFUL_NOISE,
            Optional.empty(),
            Set.of());

    private static final int HELD_OUT = 4;

    private static SiteParticipant participant(String site, Learner learner, SiteRules rules, int records) {
        return new SiteParticipant(
                site,
                learner,
                Assignments.LEARNING,
                ConsentedRecords.select(ShiftLearner.records(records, "research"), "research"),
                ConsentedRecords.select(ShiftLearner.records(HELD_OUT, "research"), "research"),
                rules);
    }

    private static int[] train(SiteParticipant participant, Assignment assignment) {
        return UnmaskedElements.of(
                assertInstanceOf(
                                Participation.Contributed.class,
                                participant.participate(assignment, Assignments.MODEL, StepListener.NONE))
                        .update(),
                assignment.masking().modulus());
    }

    private static ParameterVector decoded(int[] elements, Assignment assignment) {
        return assignment
                .encoding(ShiftLearner.LAYOUT.size())
                .decode(elements, 1, ShiftLearner.LAYOUT)
                .update();
    }

    private static Participation.Declined declined(SiteParticipant participant, Assignment assignment) {
        return assertInstanceOf(
                Participation.Declined.class, participant.participate(assignment, Assignments.MODEL, (step, steps) -> {
                    throw new AssertionError("a declined round must not train");
                }));
    }

    @Test
    void givesTheSameBytesOnEveryThread() throws Exception {
        SiteParticipant participant = participant("north", ShiftLearner.honest(), OPEN, 12);
        int[] expected = train(participant, Assignments.good());

        List<Future<int[]>> runs = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 32; i++) {
                Callable<int[]> run = () -> train(participant, Assignments.good());
                runs.add(threads.submit(run));
            }
        }

        for (Future<int[]> run : runs) {
            assertArrayEquals(expected, run.get());
        }
    }

    @Test
    void trainsTheSameInARepeatedAttempt() {
        SiteParticipant participant = participant("north", ShiftLearner.honest(), OPEN, 12);
        Assignments.Draft repeated = new Assignments.Draft();
        repeated.attempt = 3;

        // The rotation and the rounding are another attempt's; the update is the same but for one step of the ring.
        assertArrayEquals(
                decoded(train(participant, Assignments.good()), Assignments.good())
                        .toArray(),
                decoded(train(participant, repeated.build()), repeated.build()).toArray(),
                1e-4f);
    }

    @Test
    void trainsDifferentlyInAnotherRoundAtAnotherSiteOrForAnotherSeed() {
        int[] base = train(participant("north", ShiftLearner.honest(), OPEN, 12), Assignments.good());
        Assignments.Draft otherRound = new Assignments.Draft();
        otherRound.round = 3;
        Assignments.Draft otherSeed = new Assignments.Draft();
        otherSeed.seed = 43;

        assertFalse(
                Arrays.equals(base, train(participant("north", ShiftLearner.honest(), OPEN, 12), otherRound.build())));
        assertFalse(
                Arrays.equals(base, train(participant("north", ShiftLearner.honest(), OPEN, 12), otherSeed.build())));
        assertFalse(
                Arrays.equals(base, train(participant("south", ShiftLearner.honest(), OPEN, 12), Assignments.good())));
    }

    @Test
    void derivesTheSeedAsWrittenDown() {
        // sha256("parley-site-seed-v1" | 42 as 8 bytes | 2 as 4 bytes | "north"), computed with another program
        assertEquals(SEED_OF_42_2_NORTH, SiteSeed.derive(42, 2, "north"));
    }

    private static final long SEED_OF_42_2_NORTH = 8081749687110968734L;

    @Test
    void boundsTheUpdate() {
        Assignments.Draft draft = new Assignments.Draft();
        draft.clipNorm = new ClipNorm(0.25);
        SiteParticipant participant = participant("north", ShiftLearner.honest(), OPEN, 100);

        Participation.Contributed contributed = assertInstanceOf(
                Participation.Contributed.class,
                participant.participate(draft.build(), Assignments.MODEL, StepListener.NONE));

        double norm = decoded(
                        UnmaskedElements.of(
                                contributed.update(), draft.build().masking().modulus()),
                        draft.build())
                .norm();
        assertTrue(norm <= 0.25 + 1e-5, "norm " + norm);
        assertTrue(norm > 0.249, "norm " + norm);
        assertTrue(contributed.local().clipped());
    }

    @Test
    void contributesItsMomentsInAStatisticsRound() {
        Assignments.Draft draft = new Assignments.Draft();
        draft.task = new Assignment.Task.AgreeStatistics();
        draft.clipNorm = new ClipNorm(1000);
        SiteParticipant participant = participant("north", ShiftLearner.honest(), OPEN, 12);

        draft.masking = new UpdateMasking(new RingModulus(32), SecureSumTerms.full(3, 0));

        int[] update = train(participant, draft.build());

        assertEquals(12, decoded(update, draft.build()).block("statistics.mean")[0], 1e-3);
    }

    @Test
    void releasesNothingThatDiverged() {
        SiteParticipant participant = participant("north", ShiftLearner.diverging(), OPEN, 12);

        Participation.Diverged diverged = assertInstanceOf(
                Participation.Diverged.class,
                participant.participate(Assignments.good(), Assignments.MODEL, StepListener.NONE));

        assertTrue(diverged.reason().contains("learning rate"), diverged.reason());
    }

    @Test
    void endsWhenTheListenerThrows() {
        SiteParticipant participant = participant("north", ShiftLearner.honest(), OPEN, 12);

        assertThrows(
                IllegalStateException.class,
                () -> participant.participate(Assignments.good(), Assignments.MODEL, (step, steps) -> {
                    throw new IllegalStateException("closed");
                }));
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal("paused", rules("paused"), draft -> {}),
                refusal("federations", OPEN, draft -> draft.federation = "plant"),
                refusal("cohort", OPEN, draft -> draft.cohort = List.of("east", "south", "west")),
                refusal("cohort", OPEN, draft -> draft.cohort = List.of("north", "north", "west")),
                refusal("minimum-cohort", OPEN, draft -> draft.cohort = List.of("east", "north")),
                refusal("allow-unnoised", rules("noised"), draft -> {}),
                refusal("minimum-survivors", OPEN, draft -> noised(draft, 1, 100)),
                refusal("minimum-noise", OPEN, draft -> noised(draft, 0.9, 1)),
                refusal("plan", OPEN, draft -> noised(draft, 1e9, 1)),
                refusal("maximum-rounds", OPEN, draft -> draft.round = 100),
                refusal("learning-documents", rules("documents"), draft -> {}),
                refusal("plan", OPEN, draft -> draft.learning = ContentHash.of(new byte[] {1})),
                refusal("plan", OPEN, draft -> draft.layout = ContentHash.of(new byte[] {1})),
                refusal("plan", OPEN, draft -> draft.model = ContentHash.of(new byte[] {1})));
    }

    private static void noised(Assignments.Draft draft, double multiplier, int shares) {
        draft.exampleCap = 1;
        draft.noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(multiplier), shares);
    }

    private interface Change {
        void to(Assignments.Draft draft);
    }

    private static Arguments refusal(String rule, SiteRules rules, Change change) {
        Assignments.Draft draft = new Assignments.Draft();
        change.to(draft);
        return Arguments.of(rule, rules, draft.build());
    }

    private static SiteRules rules(String strictness) {
        return new SiteRules(
                strictness.equals("paused"),
                Set.of("hospital"),
                Set.of("research"),
                SumPeers.FLOORS,
                100,
                !strictness.equals("noised"),
                SiteRules.CAREFUL_NOISE,
                Optional.empty(),
                strictness.equals("documents") ? Set.of(ContentHash.of(new byte[] {7})) : Set.of());
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("refusals")
    void refusesBeforeTrainingAndNamesTheRule(String rule, SiteRules rules, Assignment assignment) {
        Participation.Declined declined = declined(participant("north", ShiftLearner.honest(), rules, 12), assignment);

        assertEquals(rule, declined.refusal().rule(), declined.refusal().reason());
    }

    /** Another attempt is another sum with another share of noise. */
    @Test
    void everyAttemptAtASumUnderNoiseIsPaidForUntilTheBudgetIsSpent() {
        Budget budget =
                new Budget(PrivacyUnit.SITE, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(7), new Delta(1e-5));
        BudgetLedger ledger = BudgetLedger.inMemory(budget);
        SiteParticipant participant =
                sharing(ShiftLearner.honest(), new NoiseShare(NoiseOrigin.SECURE, Optional.of(ledger)));
        Assignments.Draft draft = new Assignments.Draft();
        noised(draft, 1, 1);

        for (int attempt = 0; attempt < 2; attempt++) {
            draft.attempt = attempt;
            assertInstanceOf(
                    Participation.Contributed.class,
                    participant.participate(draft.build(), Assignments.MODEL, StepListener.NONE));
        }
        draft.attempt = 2;
        Participation.Declined declined = declined(participant, draft.build());

        assertEquals("budget", declined.refusal().rule());
        assertTrue(
                declined.refusal().reason().contains("per site"),
                declined.refusal().reason());
        // Twice a multiplier of 1 costs as much as once 1 / sqrt(2): epsilon 6.57 at delta 1e-5.
        assertEquals(6.57, ledger.spending().epsilon().value(), 0.01);
        assertEquals(2, ledger.spending().releases());
    }

    /** A site that left the round would tell of its records. */
    @Test
    void trainingThatDivergedCountsAsNoChangeUnderNoise() {
        Assignments.Draft draft = new Assignments.Draft();
        noised(draft, 1, 1);
        NoiseShare foretold = new NoiseShare(InsecureNoiseSource::replaying, Optional.empty());
        Assignment assignment = draft.build();

        int[] diverged = train(sharing(ShiftLearner.diverging(), foretold), assignment);
        int[] honest = train(sharing(ShiftLearner.honest(), foretold), assignment);
        int[] again = train(sharing(ShiftLearner.honest(), foretold), assignment);

        assertArrayEquals(honest, again, "one door to noise that repeats");
        assertFalse(Arrays.equals(honest, diverged));
        assertFalse(Arrays.equals(honest, train(sharing(ShiftLearner.honest(), NoiseShare.SECURE), assignment)));
        assertInstanceOf(
                Participation.Diverged.class,
                participant("north", ShiftLearner.diverging(), OPEN, 12)
                        .participate(Assignments.good(), Assignments.MODEL, StepListener.NONE));
    }

    private static SiteParticipant sharing(Learner learner, NoiseShare share) {
        return new SiteParticipant(
                "north",
                learner,
                Assignments.LEARNING,
                ConsentedRecords.select(ShiftLearner.records(12, "research"), "research"),
                ConsentedRecords.select(List.of(), "research"),
                OPEN,
                share);
    }

    @Test
    void refusesWithoutConsentedRecords() {
        SiteParticipant participant = new SiteParticipant(
                "north",
                ShiftLearner.honest(),
                Assignments.LEARNING,
                ConsentedRecords.select(ShiftLearner.records(12, "care"), "research"),
                ConsentedRecords.select(List.of(), "research"),
                OPEN);

        assertEquals(
                "consent", declined(participant, Assignments.good()).refusal().rule());
    }

    @Test
    void scoresOnlyConsentedHeldOutRecords() {
        List<SiteRecord> heldOut = new ArrayList<>(ShiftLearner.records(HELD_OUT, "research"));
        heldOut.addAll(ShiftLearner.records(3, "care"));
        SiteParticipant participant = new SiteParticipant(
                "north",
                ShiftLearner.honest(),
                Assignments.LEARNING,
                ConsentedRecords.select(List.of(), "research"),
                ConsentedRecords.select(heldOut, "research"),
                OPEN);

        EvaluationCounts counts = participant.evaluate(Assignments.MODEL.parameters());

        // Of the labels 0, 1, 0, 1 the model of zeros is sure of class 1 from the second record on.
        assertEquals(HELD_OUT, counts.n());
        assertEquals(0.75, counts.metrics().orElseThrow().accuracy(), 1e-12);
    }

    @Test
    void scoresNothingAtASiteWithoutHeldOutRecords() {
        SiteParticipant participant = new SiteParticipant(
                "north",
                ShiftLearner.honest(),
                Assignments.LEARNING,
                ConsentedRecords.select(List.of(), "research"),
                ConsentedRecords.select(List.of(), "research"),
                OPEN);

        assertEquals(0, participant.evaluate(Assignments.MODEL.parameters()).n());
    }

    @Test
    void refusesStatisticsThatTheModelDoesNotUse() {
        Assignments.Draft draft = new Assignments.Draft();
        draft.task = new Assignment.Task.AgreeStatistics();

        Participation.Declined declined =
                declined(participant("north", ShiftLearner.withoutStatistics(), OPEN, 12), draft.build());

        assertEquals("plan", declined.refusal().rule());
    }

    @Test
    void refusesAModelOfAnotherLayoutEvenUnderTheRightHash() {
        AddressedModel other =
                AddressedModel.of(ParameterVector.zeros(ParameterLayout.of(List.of(Block.of("trap.weight", 2)))));
        Assignments.Draft draft = new Assignments.Draft();
        draft.model = other.hash();

        Participation participation = participant("north", ShiftLearner.honest(), OPEN, 12)
                .participate(draft.build(), other, StepListener.NONE);

        assertInstanceOf(Participation.Declined.class, participation);
    }
}
