package dev.parley.rounds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.AggregatorState;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.rounds.FaultyFederation.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * What holds for a whole federation whatever happens to it. Conditions of not failing: the shell does every effect, and
 * answers each release. Everything else may go wrong.
 */
class FederationPropertyTest {
    private static final int MOST_SITES = 6;

    @Property(tries = 1500, seed = "20261124", edgeCases = EdgeCasesMode.NONE)
    void whateverHappensTheFederationKeepsItsPromisesAndEnds(@ForAll long seed) {
        Random random = new Random(seed);
        Promises promises = new Promises();
        FederationSpec spec = randomSpec(random);
        FaultyFederation world = promises.watch(spec, sites(random), Faults.random(random), random.nextLong());

        world.run();

        promises.checkEnd(world.engine.state());
        assertEquals(world.engine.current().hash(), world.engine.state().modelHash());
    }

    /** Whatever it was doing, a federation that hears of no site any more ends by ticks and answers to releases. */
    @Property(tries = 400, seed = "20261124", edgeCases = EdgeCasesMode.NONE)
    void aFederationEndsByTicksAlone(@ForAll long seed) {
        Random random = new Random(seed);
        Promises promises = new Promises();
        FederationSpec spec = randomSpec(random);
        FaultyFederation world = promises.watch(spec, sites(random), Faults.random(random), random.nextLong());

        world.silentAfter(1 + random.nextInt(120)).run();

        promises.checkEnd(world.engine.state());
    }

    @Property(tries = 700, seed = "20261124", edgeCases = EdgeCasesMode.NONE)
    void replayOfTheEventsGivesTheSameStatesAndTheSameModelBits(@ForAll long seed) {
        Random random = new Random(seed);
        FederationSpec spec = randomSpec(random);
        List<FederationEvent> journal = new ArrayList<>();
        List<FederationState> states = new ArrayList<>();
        FaultyFederation world = new FaultyFederation(
                spec, sites(random), Faults.random(random), random.nextLong(), (before, event, after, effects) -> {
                    journal.add(event);
                    states.add(after);
                });
        world.run();

        FederationEngine replayed = replay(spec, journal, states, world.uploads, random);

        assertEquals(world.engine.current().hash(), replayed.current().hash());
        assertArrayEquals(
                world.engine.current().safetensors(), replayed.current().safetensors());
    }

    private static int sites(Random random) {
        return 2 + random.nextInt(MOST_SITES - 1);
    }

    /** Without faults nothing is lost: so the faults above are what the promises are kept against. */
    @Example
    void withoutFaultsEveryRoundReleasesWithEverySite() {
        FederationSpec spec = FederationFixture.spec(
                6, true, CohortRule.everyOneOf(7), new ServerOptimizer.FedAdam(0.1, 0.9, 0.99, 1e-3), 2, 1);
        Promises promises = new Promises();
        FaultyFederation world = promises.watch(spec, 7, Faults.none(), 1);

        world.run();

        assertEquals(
                new FederationPhase.Ended(new FederationOutcome.Completed()),
                world.engine.state().phase());
        assertEquals(7, promises.modelsCompared);
        assertEquals(3, promises.evaluationsCompared);
        List<CompletedRound> history = world.engine.state().history();
        assertEquals(7, history.size());
        for (CompletedRound round : history) {
            RoundOutcome.Released released = assertInstanceOf(RoundOutcome.Released.class, round.outcome());
            assertEquals(7, released.participation().contributors().size());
            boolean evaluated = round.id().round() == 2
                    || round.id().round() == 4
                    || round.id().round() == 6;
            assertEquals(evaluated, released.evaluation().isPresent());
        }
    }

    /** The mixture must reach what it is meant to reach, or the properties above prove little. */
    @Example
    void theFaultsReachEveryKindOfEnd() {
        Set<String> seen = new HashSet<>();
        int models = 0;
        int evaluations = 0;
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Promises promises = new Promises();
            FaultyFederation world =
                    promises.watch(randomSpec(random), sites(random), Faults.random(random), random.nextLong());
            promises.seen = seen;
            world.run();
            models += promises.modelsCompared;
            evaluations += promises.evaluationsCompared;
            FederationPhase.Ended ended =
                    (FederationPhase.Ended) world.engine.state().phase();
            seen.add(ended.outcome().getClass().getSimpleName());
            world.engine.state().history().forEach(round -> seen.add(describe(round)));
        }
        int compared = models;
        int scored = evaluations;
        assertTrue(compared >= 150 && scored >= 60, () -> compared + " models and " + scored + " evaluations compared");
        assertTrue(
                seen.containsAll(Set.of(
                        "AgreeKeys",
                        "Invite",
                        "StartCollecting",
                        "Accumulate",
                        "RejectSubmission",
                        "AskConfirmations",
                        "AskOpenings",
                        "RejectShares",
                        "SHARES_INCOMPLETE",
                        "CONFIRMATION_FORGED",
                        "SHARE_NOT_COMMITTED",
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
                        "Released with evaluation",
                        "Released without the evaluation that was planned",
                        "TooFew INVITING",
                        "TooFew COLLECTING",
                        "TooFew RECOVERING",
                        "a contributor with new keys",
                        "a member that dealt and was lost",
                        "ReleaseFailed")),
                () -> "only " + seen);
    }

    private static String describe(CompletedRound round) {
        return switch (round.outcome()) {
            case RoundOutcome.TooFew tooFew -> "TooFew " + tooFew.during();
            case RoundOutcome.Released released ->
                released.evaluation().isPresent()
                        ? "Released with evaluation"
                        : round.task().equals(new Task.Train(0, 1))
                                ? "Released without the evaluation that was planned"
                                : "Released";
            case RoundOutcome.ReleaseFailed failed -> "ReleaseFailed";
            case RoundOutcome.Cancelled cancelled -> "Cancelled";
        };
    }

    /**
     * Feeds the journal to a fresh engine, which must be in the same state after every event; the updates of a round are
     * added all at once, in another order.
     */
    private static FederationEngine replay(
            FederationSpec spec,
            List<FederationEvent> journal,
            List<FederationState> states,
            Uploads uploads,
            Random random) {
        FederationEngine engine = new FederationEngine(spec, FederationFixture.MODEL, 1);
        List<Effect.Accumulate> waiting = new ArrayList<>();
        for (int i = 0; i < journal.size(); i++) {
            for (Effect effect : engine.handle(journal.get(i))) {
                if (effect instanceof Effect.Accumulate accumulate) {
                    waiting.add(random.nextInt(waiting.size() + 1), accumulate);
                } else if (effect instanceof Effect.Release release) {
                    waiting.forEach(update -> FaultyFederation.add(engine, update, uploads));
                    waiting.clear();
                    engine.release(release);
                }
            }
            assertEquals(states.get(i), engine.state());
        }
        return engine;
    }

    private static FederationSpec randomSpec(Random random) {
        int quorum = 2 + random.nextInt(2);
        int minimum = quorum + random.nextInt(2);
        int starting = minimum + random.nextInt(2);
        int colluding = random.nextInt(Math.min(2, minimum - 1));
        CohortRule cohort = new CohortRule(starting, minimum, starting + random.nextInt(3), quorum);
        ServerOptimizer optimizer = switch (random.nextInt(3)) {
            case 0 -> new ServerOptimizer.FedAvg();
            case 1 -> new ServerOptimizer.FedAvg(0.7, 0.9);
            default -> new ServerOptimizer.FedAdam(0.1, 0.9, 0.99, 1e-3);
        };
        return FederationFixture.spec(
                1 + random.nextInt(3),
                random.nextBoolean(),
                cohort,
                optimizer,
                1 + random.nextInt(3),
                1 + random.nextInt(4),
                FederationFixture.masking(List.of(14, 20, 32).get(random.nextInt(3)), colluding));
    }

    /** Watches every transition of one run. */
    private static final class Promises implements FaultyFederation.Observer {
        private final Map<RoundId, Integer> releases = new TreeMap<>();
        private final Map<Integer, ContentHash> versions = new TreeMap<>();
        private final Map<SubmissionId, ContentHash> counted = new TreeMap<>();
        private final Map<SiteName, Bytes> reported = new TreeMap<>();
        private @Nullable FaultyFederation world;
        private ParameterVector model = FederationFixture.MODEL;
        private @Nullable OptimizerState optimizerState;
        private int modelsCompared;
        private int evaluationsCompared;
        private Set<String> seen = new HashSet<>();
        private int ends;
        private Instant last = FederationFixture.T0;

        FaultyFederation watch(FederationSpec spec, int sites, Faults faults, long seed) {
            optimizerState = spec.optimizer().initial(FederationFixture.LAYOUT);
            world = new FaultyFederation(spec, sites, faults, seed, this);
            return world;
        }

        @Override
        public void onEvent(
                FederationState before, FederationEvent event, FederationState after, List<Effect> effects) {
            effects.forEach(effect -> check(effect, after));
            checkModel(before, event, after);
            checkReports(before, event, after);
            checkEvaluation(before, effects);
            checkBounds(after);
            checkRepetition(event, after);
            checkBoundary(before, event, after);
            if (!(before.phase() instanceof FederationPhase.Ended)) {
                last = event.at();
            }
        }

        private void note(Effect effect, FederationState after) {
            seen.add(effect.getClass().getSimpleName());
            if (effect instanceof Effect.RejectSubmission rejected) {
                seen.add(rejected.rejection().name());
            }
            if (effect instanceof Effect.RejectShares rejected) {
                seen.add(rejected.refusal().reason().name());
            }
            if (effect instanceof Effect.Release release
                    && after.phase() instanceof FederationPhase.Running running
                    && running.round() instanceof RoundState.Releasing releasing) {
                release.contributors().stream()
                        .map(site -> releasing
                                .terms()
                                .roster()
                                .member(releasing.terms().position(site)))
                        .filter(member -> member.epoch() > 1)
                        .forEach(member -> seen.add("a contributor with new keys"));
                if (releasing.standings().values().stream()
                        .anyMatch(standing ->
                                standing instanceof Standing.Lost || standing instanceof Standing.Accepted)) {
                    seen.add("a member that dealt and was lost");
                }
            }
        }

        private void check(Effect effect, FederationState after) {
            note(effect, after);
            switch (effect) {
                case Effect.Accumulate accumulate ->
                    assertEquals(
                            null,
                            counted.put(accumulate.submission(), accumulate.contentHash()),
                            () -> "counted twice: " + accumulate);
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
                case Effect.AgreeKeys agree ->
                    assertTrue(after.attached().containsAll(agree.asked().keySet()), "asked who is gone");
                case Effect.StartCollecting start ->
                    assertTrue(start.plan().cohort().containsAll(start.notices().keySet()));
                case Effect.AskConfirmations ask -> assertFalse(ask.sites().isEmpty());
                case Effect.AskOpenings ask -> {
                    assertFalse(ask.sites().isEmpty());
                    assertTrue(ask.confirmations().size() <= MOST_SITES + 1);
                }
                case Effect.RejectShares unused -> {}
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
            assertTrue(release.contributors().size() >= plan.masking().terms().threshold());
            assertEquals(
                    counted.keySet().stream()
                            .filter(id -> id.round().equals(plan.id()))
                            .map(SubmissionId::site)
                            .toList(),
                    List.copyOf(release.contributors()),
                    "contributors are those who were counted");
        }

        private void checkModel(FederationState before, FederationEvent event, FederationState after) {
            if (!before.modelHash().equals(after.modelHash())) {
                RoundEvent.ReleaseCommitted commit = assertInstanceOf(RoundEvent.ReleaseCommitted.class, event);
                assertEquals(commit.version(), after.modelHash());
                RoundState round = assertInstanceOf(FederationPhase.Running.class, before.phase())
                        .round();
                assertEquals(round.plan().id(), commit.round(), "a version of another round came into force");
                checkBits(round.plan(), after.spec());
            }
        }

        /** To the bit, what the contributors' encodings decode to; a contributor that lied may have made anything of it. */
        private void checkBits(RoundPlan plan, FederationSpec spec) {
            List<ContentHash> contents = counted.entrySet().stream()
                    .filter(entry -> entry.getKey().round().equals(plan.id()))
                    .map(Map.Entry::getValue)
                    .toList();
            Optional<WeightedMean> honest = world.uploads.mean(plan, contents);
            ParameterVector released = world.engine.current().model();
            if (honest.isEmpty()) {
                // The optimiser's memory is not known from here on.
                optimizerState = null;
            } else if (plan.task() instanceof Task.AgreeStatistics) {
                assertEquals(model.plus(honest.get().update(), 1f), released);
                modelsCompared++;
            } else if (optimizerState != null) {
                ServerOptimizer.Step step = spec.optimizer().step(model, honest.get(), optimizerState);
                assertEquals(step.model(), released);
                optimizerState = step.state();
                modelsCompared++;
            }
            model = released;
        }

        private void checkReports(FederationState before, FederationEvent event, FederationState after) {
            SortedSet<SiteName> earlier = reporting(before);
            SortedSet<SiteName> later = reporting(after);
            if (later.isEmpty()) {
                // Whoever was reporting last is who the evaluation is of, until the next one begins.
                return;
            }
            if (earlier.isEmpty()) {
                reported.clear();
            }
            if (!earlier.equals(later)) {
                RoundEvent.EvaluationReceived received = assertInstanceOf(RoundEvent.EvaluationReceived.class, event);
                reported.put(received.site(), received.masked());
                assertEquals(later, reported.keySet());
            }
        }

        private static SortedSet<SiteName> reporting(FederationState state) {
            if (!(state.phase() instanceof FederationPhase.Running running)) {
                return new TreeSet<>();
            }
            return switch (running.round()) {
                case RoundState.Evaluating evaluating -> evaluating.reported();
                case RoundState.RecoveringCounts recovering ->
                    recovering.terms().sites(recovering.recovery().survivors());
                default -> new TreeSet<>();
            };
        }

        /** The sum of exactly the reporting sites' counts, or nothing; never with a liar's in it. */
        private void checkEvaluation(FederationState before, List<Effect> effects) {
            for (Effect effect : effects) {
                if (effect instanceof Effect.CloseRound closed
                        && closed.outcome() instanceof RoundOutcome.Released released
                        && released.evaluation().isPresent()) {
                    RoundState.RecoveringCounts recovering = assertInstanceOf(
                            RoundState.RecoveringCounts.class,
                            assertInstanceOf(FederationPhase.Running.class, before.phase())
                                    .round());
                    SortedSet<SiteName> survivors =
                            recovering.terms().sites(recovering.recovery().survivors());
                    EvaluationCounts sum = EvaluationCounts.none(FederationFixture.CLASSES);
                    for (SiteName site : survivors) {
                        sum = sum.plus(world.uploads.counts(reported.get(site)).orElseThrow());
                    }
                    assertEquals(sum, released.evaluation().get());
                    evaluationsCompared++;
                }
            }
        }

        /** Memory: bounded by the sites, one cohort, and the attempts. */
        private static void checkBounds(FederationState state) {
            FederationSpec spec = state.spec();
            assertTrue(state.attached().size() <= MOST_SITES + 1);
            checkKeys(state);
            assertTrue(state.history().size() <= spec.totalRounds() * spec.maxAttempts());
            if (state.phase() instanceof FederationPhase.Running running) {
                assertTrue(
                        running.round().plan().cohort().size() <= spec.cohort().maximum());
                int cohort = running.round().plan().cohort().size();
                if (running.round() instanceof RoundState.Inviting inviting) {
                    assertTrue(inviting.sums().update().deals().size() <= cohort);
                }
                if (running.round() instanceof RoundState.Recovering recovering
                        && recovering.recovery() instanceof AggregatorState.Revealing revealing) {
                    assertTrue(revealing.openings().size() <= cohort);
                    assertTrue(revealing.confirmations().size() <= cohort);
                }
                if (running.round() instanceof RoundState.Open open) {
                    assertEquals(
                            Set.copyOf(open.plan().cohort()), open.standings().keySet());
                }
            }
            assertTrue(state.outstanding().size() <= 3);
        }

        private static void checkKeys(FederationState state) {
            assertTrue(state.keys().sites().size() <= MOST_SITES + 1);
            state.keys().sites().forEach((site, keys) -> {
                // Of any two, the first in the roster's order encapsulates.
                assertTrue(keys.made().isEmpty() || keys.made().firstKey().compareTo(site) > 0);
                assertTrue(
                        keys.received().isEmpty() || keys.received().lastKey().compareTo(site) < 0);
                assertTrue(keys.made().size() + keys.received().size() <= MOST_SITES);
            });
        }

        /** The same event again changes nothing, and asks for nothing but what may be said twice. */
        private static void checkRepetition(FederationEvent event, FederationState after) {
            Transition<FederationState> again = after.on(event);
            assertEquals(after, again.state(), () -> "twice: " + event);
            for (Effect effect : again.effects()) {
                assertTrue(
                        effect instanceof Effect.RejectSubmission
                                || effect instanceof Effect.RejectShares
                                || (event instanceof RoundEvent.Tick && effect instanceof Effect.ScheduleTick)
                                || isToldAgain(event, effect),
                        () -> "twice: " + event + " led to " + effect);
            }
        }

        /** A snapshot between two rounds gives the state beyond it, whatever has happened before. */
        private void checkBoundary(FederationState before, FederationEvent event, FederationState after) {
            Optional<RoundBoundary> crossed = RoundBoundary.crossed(before, event, after);
            boolean ended = after.history().size() > before.history().size()
                    && !(after.phase() instanceof FederationPhase.Ended);
            assertEquals(ended, crossed.isPresent());
            crossed.ifPresent(boundary -> {
                seen.add("a boundary");
                assertEquals(after, boundary.resume(after.spec(), after.layoutHash()));
            });
        }

        /** A site that attaches is told again what is open for it, and nobody else is told anything. */
        private static boolean isToldAgain(FederationEvent event, Effect effect) {
            return event instanceof FederationEvent.SiteAttached attached
                    && effect.only(attached.site()).equals(Optional.of(effect));
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
                    .plus(times.recovering().multipliedBy(2))
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
