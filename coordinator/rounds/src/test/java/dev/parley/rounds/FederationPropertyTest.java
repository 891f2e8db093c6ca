package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FaultyFederation.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * What holds for a whole federation whatever happens to it. Conditions of not failing: the shell does every effect, and
 * answers each release. Everything else may go wrong.
 */
class FederationPropertyTest {
    @Property(tries = 3000, seed = "20261124")
    void whateverHappensTheFederationKeepsItsPromisesAndEnds(@ForAll long seed) {
        Random random = new Random(seed);
        Promises promises = new Promises();
        FederationSpec spec = randomSpec(random);
        int sites = 1 + random.nextInt(9);

        FaultyFederation world = new FaultyFederation(spec, sites, Faults.random(random), random.nextLong(), promises);
        world.run();

        promises.checkEnd(world.engine.state());
        assertEquals(world.engine.current().hash(), world.engine.state().modelHash());
    }

    @Property(tries = 1000, seed = "20261124")
    void replayOfTheEventsGivesTheSameStateAndTheSameModelBits(@ForAll long seed) {
        Random random = new Random(seed);
        FederationSpec spec = randomSpec(random);
        List<FederationEvent> journal = new ArrayList<>();
        FaultyFederation world = new FaultyFederation(
                spec,
                1 + random.nextInt(9),
                Faults.random(random),
                random.nextLong(),
                (before, event, after, effects) -> journal.add(event));
        world.run();

        FederationEngine replayed = replay(spec, journal, world, random);

        assertEquals(world.engine.state(), replayed.state());
        assertEquals(world.engine.current().hash(), replayed.current().hash());
        assertArrayEquals(
                world.engine.current().safetensors(), replayed.current().safetensors());
    }

    /** Without faults nothing is lost: so the faults above are what the promises are kept against. */
    @Example
    void withoutFaultsEveryRoundReleasesWithEverySite() {
        FederationSpec spec = FederationFixture.spec(
                6, true, CohortRule.everyOneOf(7), new ServerOptimizer.FedAdam(0.1, 0.9, 0.99, 1e-3), 2, 1);
        FaultyFederation world = new FaultyFederation(spec, 7, Faults.none(), 1, (before, event, after, effects) -> {});

        world.run();

        assertEquals(
                new FederationPhase.Ended(new FederationOutcome.Completed()),
                world.engine.state().phase());
        List<CompletedRound> history = world.engine.state().history();
        assertEquals(7, history.size());
        for (CompletedRound round : history) {
            RoundOutcome.Released released = assertInstanceOf(RoundOutcome.Released.class, round.outcome());
            assertEquals(7, released.participation().contributors().size());
            boolean evaluated = round.id().round() == 2
                    || round.id().round() == 4
                    || round.id().round() == 6;
            assertEquals(
                    evaluated ? 7 : 0,
                    released.evaluation().map(counts -> counts.n()).orElse(0L));
        }
    }

    /** The mixture must reach what it is meant to reach, or the properties above prove little. */
    @Example
    void theFaultsReachEveryKindOfEnd() {
        Set<String> seen = new HashSet<>();
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            FaultyFederation world = new FaultyFederation(
                    randomSpec(random),
                    1 + random.nextInt(9),
                    Faults.random(random),
                    random.nextLong(),
                    (before, event, after, effects) -> effects.forEach(effect -> {
                        seen.add(effect.getClass().getSimpleName());
                        if (effect instanceof Effect.RejectSubmission rejected) {
                            seen.add(rejected.rejection().name());
                        }
                    }));
            world.run();
            FederationPhase.Ended ended =
                    (FederationPhase.Ended) world.engine.state().phase();
            seen.add(ended.outcome().getClass().getSimpleName());
            world.engine.state().history().forEach(round -> seen.add(describe(round.outcome())));
        }
        assertTrue(
                seen.containsAll(Set.of(
                        "Invite",
                        "StartCollecting",
                        "Accumulate",
                        "RejectSubmission",
                        "Release",
                        "RequestEvaluation",
                        "RejectEvaluation",
                        "CloseRound",
                        "ScheduleTick",
                        "EndFederation",
                        "LATE",
                        "DUPLICATE",
                        "NOT_IN_COHORT",
                        "REFUSED_BEFORE",
                        "WRONG_PLAN",
                        "Completed",
                        "AttemptsExhausted",
                        "TooFewSites",
                        "Released",
                        "TooFew INVITING",
                        "TooFew COLLECTING",
                        "ReleaseFailed")),
                () -> "only " + seen);
    }

    private static String describe(RoundOutcome outcome) {
        return outcome instanceof RoundOutcome.TooFew tooFew
                ? "TooFew " + tooFew.during()
                : outcome.getClass().getSimpleName();
    }

    /** Feeds the journal to a fresh engine; the updates of a round are added all at once, in another order. */
    private static FederationEngine replay(
            FederationSpec spec, List<FederationEvent> journal, FaultyFederation world, Random random) {
        FederationEngine engine = new FederationEngine(spec, FederationFixture.MODEL);
        List<Effect.Accumulate> waiting = new ArrayList<>();
        for (FederationEvent event : journal) {
            for (Effect effect : engine.handle(event)) {
                if (effect instanceof Effect.Accumulate accumulate) {
                    waiting.add(random.nextInt(waiting.size() + 1), accumulate);
                } else if (effect instanceof Effect.Release release) {
                    waiting.forEach(update -> engine.accumulate(update, world.held(update.contentHash())));
                    waiting.clear();
                    engine.release(release);
                }
            }
        }
        return engine;
    }

    private static FederationSpec randomSpec(Random random) {
        int quorum = 1 + random.nextInt(3);
        int minimum = quorum + random.nextInt(2);
        int starting = minimum + random.nextInt(2);
        CohortRule cohort = new CohortRule(starting, minimum, starting + random.nextInt(4), quorum);
        ServerOptimizer optimizer = switch (random.nextInt(3)) {
            case 0 -> new ServerOptimizer.FedAvg();
            case 1 -> new ServerOptimizer.FedAvg(0.7, 0.9);
            default -> new ServerOptimizer.FedAdam(0.1, 0.9, 0.99, 1e-3);
        };
        return FederationFixture.spec(
                1 + random.nextInt(4),
                random.nextBoolean(),
                cohort,
                optimizer,
                1 + random.nextInt(3),
                1 + random.nextInt(4));
    }

    /** Watches every transition of one run. */
    private static final class Promises implements FaultyFederation.Observer {
        private final Map<RoundId, Integer> releases = new TreeMap<>();
        private final Map<Integer, ContentHash> versions = new TreeMap<>();
        private final Set<SubmissionId> counted = new HashSet<>();
        private int ends;
        private Instant last = FederationFixture.T0;

        @Override
        public void onEvent(
                FederationState before, FederationEvent event, FederationState after, List<Effect> effects) {
            effects.forEach(effect -> check(effect, after));
            checkModel(before, event, after);
            checkBounds(after);
            checkRepetition(event, after);
            if (!(before.phase() instanceof FederationPhase.Ended)) {
                last = event.at();
            }
        }

        private void check(Effect effect, FederationState after) {
            switch (effect) {
                case Effect.Accumulate accumulate ->
                    assertTrue(counted.add(accumulate.submission()), () -> "counted twice: " + accumulate);
                case Effect.Release release -> checkRelease(release, after.spec());
                case Effect.CloseRound closed -> {
                    if (closed.outcome() instanceof RoundOutcome.Released released) {
                        ContentHash other = versions.put(closed.plan().id().round(), released.version());
                        assertEquals(
                                null, other, "two versions of " + closed.plan().id());
                        assertTrue(releases.containsKey(closed.plan().id()), "released without a release");
                    }
                }
                case Effect.EndFederation end -> assertEquals(1, ++ends);
                case Effect.Invite invite ->
                    assertTrue(invite.plan().cohort().containsAll(invite.sites()), "invited beside the cohort");
                case Effect.StartCollecting unused -> {}
                case Effect.RejectSubmission unused -> {}
                case Effect.RequestEvaluation unused -> {}
                case Effect.RejectEvaluation unused -> {}
                case Effect.ScheduleTick unused -> {}
            }
        }

        private void checkRelease(Effect.Release release, FederationSpec spec) {
            RoundPlan plan = release.plan();
            assertEquals(1, releases.merge(plan.id(), 1, Integer::sum), () -> "released twice: " + plan.id());
            assertTrue(plan.cohort().containsAll(release.contributors()));
            assertTrue(release.contributors().size() >= spec.cohort().quorum());
            long accumulated =
                    counted.stream().filter(id -> id.round().equals(plan.id())).count();
            assertEquals(accumulated, release.contributors().size(), "contributors are those who were counted");
            release.contributors().forEach(site -> assertTrue(counted.contains(plan.submissionOf(site))));
        }

        private static void checkModel(FederationState before, FederationEvent event, FederationState after) {
            if (!before.modelHash().equals(after.modelHash())) {
                RoundEvent.ReleaseCommitted commit = assertInstanceOf(RoundEvent.ReleaseCommitted.class, event);
                assertEquals(commit.version(), after.modelHash());
                RoundState round = assertInstanceOf(FederationPhase.Running.class, before.phase())
                        .round();
                assertEquals(round.plan().id(), commit.round(), "a version of another round came into force");
            }
        }

        /** Memory: bounded by the sites, one cohort, and the attempts. */
        private static void checkBounds(FederationState state) {
            FederationSpec spec = state.spec();
            assertTrue(state.attached().size() <= 9);
            assertTrue(state.history().size() <= spec.totalRounds() * spec.maxAttempts());
            if (state.phase() instanceof FederationPhase.Running running) {
                assertTrue(
                        running.round().plan().cohort().size() <= spec.cohort().maximum());
                if (running.round() instanceof RoundState.Open open) {
                    assertEquals(
                            Set.copyOf(open.plan().cohort()), open.standings().keySet());
                }
            }
            assertTrue(state.outstanding().size() <= 2);
        }

        /** The same event again changes nothing, and asks for nothing but what may be said twice. */
        private static void checkRepetition(FederationEvent event, FederationState after) {
            Transition<FederationState> again = after.on(event);
            assertEquals(after, again.state(), () -> "twice: " + event);
            for (Effect effect : again.effects()) {
                assertTrue(
                        effect instanceof Effect.RejectSubmission
                                || (event instanceof RoundEvent.Tick && effect instanceof Effect.ScheduleTick),
                        () -> "twice: " + event + " led to " + effect);
            }
        }

        void checkEnd(FederationState state) {
            FederationSpec spec = state.spec();
            assertInstanceOf(FederationPhase.Ended.class, state.phase());
            assertEquals(1, ends);
            RoundTimes times = spec.times();
            Duration attempt = times.gathering()
                    .plus(times.invitation())
                    .plus(times.collecting())
                    .plus(times.evaluating())
                    .plusSeconds(2);
            Duration most = attempt.multipliedBy((long) spec.totalRounds() * spec.maxAttempts() + 1);
            assertTrue(
                    Duration.between(FederationFixture.T0, last).compareTo(most) <= 0,
                    () -> "ended at " + last + ", later than " + most + " after its start");
            long released = state.history().stream()
                    .filter(round -> round.outcome() instanceof RoundOutcome.Released)
                    .count();
            assertEquals(versions.size(), released);
            boolean completed = state.phase().equals(new FederationPhase.Ended(new FederationOutcome.Completed()));
            assertEquals(completed, released == spec.totalRounds());
        }
    }
}
