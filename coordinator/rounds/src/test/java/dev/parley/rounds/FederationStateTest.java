package dev.parley.rounds;

import static dev.parley.rounds.FederationFixture.T0;
import static dev.parley.rounds.FederationFixture.hash;
import static dev.parley.rounds.FederationFixture.site;
import static dev.parley.rounds.FederationFixture.sites;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect.Rejection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;

/** One federation through its rounds, event by event. */
class FederationStateTest {
    private static final ContentHash V1 = hash("version 1");
    private static final ContentHash V2 = hash("version 2");

    /** Feeds events one second apart unless told otherwise, and keeps what the last one led to. */
    private static final class Scene {
        private FederationState state;
        private Instant now = T0;
        private List<Effect> effects = List.of();

        Scene(FederationSpec spec) {
            state = FederationState.initial(spec, FederationFixture.LAYOUT.hash(), hash("initial"));
        }

        static Scene collecting() {
            Scene scene = inviting();
            scene.accept(1).accept(2).accept(3);
            assertInstanceOf(RoundState.Collecting.class, scene.round());
            return scene;
        }

        static Scene inviting() {
            return new Scene(FederationFixture.spec())
                    .start()
                    .attach(1)
                    .attach(2)
                    .attach(3);
        }

        Scene on(FederationEvent event) {
            Transition<FederationState> transition = state.on(event);
            state = transition.state();
            effects = transition.effects();
            now = now.plusSeconds(1);
            return this;
        }

        Scene start() {
            return on(new FederationEvent.Start(now));
        }

        Scene attach(int site) {
            return on(new FederationEvent.SiteAttached(site(site), now));
        }

        Scene detach(int site) {
            return on(new FederationEvent.SiteDetached(site(site), now));
        }

        Scene accept(int site) {
            return on(new RoundEvent.SiteAccepted(site(site), plan().hash(), now));
        }

        Scene refuse(int site, String rule) {
            return on(new RoundEvent.SiteRefused(site(site), plan().hash(), rule, now));
        }

        Scene submit(int site) {
            return submit(site, "update of " + site);
        }

        Scene submit(int site, String content) {
            return on(new RoundEvent.SubmissionCompleted(
                    plan().submissionOf(site(site)), plan().hash(), hash(content), now));
        }

        Scene commit(ContentHash version) {
            return on(new RoundEvent.ReleaseCommitted(plan().id(), version, now));
        }

        Scene evaluate(int site, ContentHash version) {
            return on(new RoundEvent.EvaluationReceived(
                    site(site), plan().id(), version, FederationFixture.counts(), now));
        }

        Scene tickAt(Instant at) {
            now = at;
            return on(new RoundEvent.Tick(at));
        }

        RoundState round() {
            return assertInstanceOf(FederationPhase.Running.class, state.phase())
                    .round();
        }

        RoundPlan plan() {
            return round().plan();
        }

        <E> E effect(Class<E> type) {
            List<E> found =
                    effects.stream().filter(type::isInstance).map(type::cast).toList();
            assertEquals(1, found.size(), () -> "one " + type.getSimpleName() + " in " + effects);
            return found.getFirst();
        }

        RoundOutcome lastOutcome() {
            return state.history().getLast().outcome();
        }

        FederationOutcome outcome() {
            return assertInstanceOf(FederationPhase.Ended.class, state.phase()).outcome();
        }
    }

    @Test
    void aFederationRunsToItsEnd() {
        Scene scene = Scene.collecting();
        assertEquals(hash("initial"), scene.plan().modelHash());
        scene.submit(2);
        assertEquals(
                scene.plan().submissionOf(site(2)),
                scene.effect(Effect.Accumulate.class).submission());
        scene.submit(1).submit(3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());

        scene.commit(V1);
        assertEquals(
                sites(1, 2, 3), scene.effect(Effect.RequestEvaluation.class).sites());
        assertEquals(V1, scene.state.modelHash());
        scene.evaluate(1, V1).evaluate(2, V1).evaluate(3, V1);

        RoundOutcome.Released released =
                (RoundOutcome.Released) scene.effect(Effect.CloseRound.class).outcome();
        EvaluationCounts one = FederationFixture.counts();
        assertEquals(Optional.of(one.plus(one).plus(one)), released.evaluation());
        assertEquals(new RoundId(1, 0), scene.plan().id(), "the next round is planned at once");
        assertEquals(V1, scene.plan().modelHash());
        scene.submit(1)
                .submit(2)
                .submit(3)
                .commit(V2)
                .evaluate(1, V2)
                .evaluate(2, V2)
                .evaluate(3, V2);
        assertEquals(new FederationOutcome.Completed(), scene.outcome());
        assertEquals(new Effect.EndFederation(V2, scene.outcome()), scene.effect(Effect.EndFederation.class));
        assertEquals("completed", scene.outcome().description());
        assertEquals(2, scene.state.history().size());
    }

    @Test
    void theFirstRoundWaitsForTheStartersAndLaterOnesForTheMinimum() {
        Scene scene = new Scene(FederationFixture.spec()).attach(1).attach(2).start();
        assertInstanceOf(FederationPhase.Gathering.class, scene.state.phase());
        scene.attach(3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Invite.class).sites());

        scene.accept(1)
                .accept(2)
                .detach(3)
                .submit(1)
                .submit(2)
                .commit(V1)
                .evaluate(1, V1)
                .evaluate(2, V1);

        assertEquals(new RoundId(1, 0), scene.plan().id());
        assertEquals(List.of(site(1), site(2)), scene.plan().cohort());
    }

    @Test
    void aFederationThatNobodyJoinsFailsInTime() {
        Scene scene = new Scene(FederationFixture.spec()).start().attach(1);
        Instant deadline = T0.plus(FederationFixture.TIMES.gathering());
        scene.tickAt(deadline.minusMillis(1));
        assertEquals(new Effect.ScheduleTick(deadline), scene.effect(Effect.ScheduleTick.class));

        scene.tickAt(deadline);

        assertEquals(new FederationOutcome.TooFewSites(new RoundId(0, 0), 1, 3), scene.outcome());
        assertEquals(
                "failed: round 0 needs 3 sites, 1 were attached when the time for gathering was over",
                scene.outcome().description());
    }

    @Test
    void anUpdateMayComeBeforeItsAcceptanceAndCountsAsOne() {
        Scene scene = Scene.inviting().submit(1);
        scene.effect(Effect.Accumulate.class);
        scene.accept(2).submit(2).accept(3);

        assertInstanceOf(RoundState.Collecting.class, scene.round());
        scene.submit(3);
        scene.effect(Effect.Release.class);
    }

    @Test
    void theInvitationEndsAtItsDeadlineWithEnoughSites() {
        Scene scene = Scene.inviting().accept(1).accept(3);
        Instant deadline = scene.round().terms().invitationDeadline();

        scene.tickAt(deadline);

        assertInstanceOf(RoundState.Collecting.class, scene.round());
        assertEquals(
                scene.plan().deadline(), scene.effect(Effect.ScheduleTick.class).at());
        scene.submit(1).submit(3);
        assertEquals(sites(1, 3), scene.effect(Effect.Release.class).contributors());
        assertEquals(sites(2), participation(scene.commit(V1)).stragglers());
    }

    @Test
    void aSiteThatAnswersLateMayStillTakePart() {
        Scene scene = Scene.inviting().accept(1).accept(3);
        scene.tickAt(scene.round().terms().invitationDeadline());

        scene.accept(2).submit(1).submit(3);

        assertInstanceOf(RoundState.Collecting.class, scene.round(), "site 2 is at work and is waited for");
        scene.submit(2);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());
    }

    @Test
    void tooFewAcceptancesAbandonTheAttemptAndTheNextOneFollows() {
        Scene scene = Scene.inviting().accept(1);

        scene.tickAt(scene.round().terms().invitationDeadline());

        RoundOutcome.TooFew tooFew = assertInstanceOf(RoundOutcome.TooFew.class, scene.lastOutcome());
        assertEquals(RoundOutcome.TooFew.Part.INVITING, tooFew.during());
        assertEquals(1, tooFew.have());
        assertEquals(2, tooFew.need());
        assertEquals("1 sites accepted, at least 2 are needed", tooFew.description());
        assertEquals(new RoundId(0, 1), scene.plan().id());
        assertEquals(hash("initial"), scene.plan().modelHash());
    }

    @Test
    void refusalsThatLeaveTooFewEndTheAttemptWithoutWaiting() {
        Scene scene = Scene.inviting().refuse(1, "no training at night").refuse(2, "budget spent");

        RoundOutcome.TooFew tooFew = assertInstanceOf(RoundOutcome.TooFew.class, scene.lastOutcome());
        assertEquals(
                Map.of(site(1), "no training at night", site(2), "budget spent"),
                tooFew.participation().refusals());
        assertEquals(new RoundId(0, 1), scene.plan().id());
    }

    @Test
    void aRoundThatFailsAsOftenAsItMayEndsTheFederation() {
        Scene scene = Scene.inviting();
        scene.tickAt(scene.round().terms().invitationDeadline());
        scene.tickAt(scene.round().terms().invitationDeadline());

        assertEquals(new RoundId(0, 1), ((FederationOutcome.AttemptsExhausted) scene.outcome()).last());
        assertEquals(
                "failed: round 0 was abandoned 2 times, at last because 0 sites accepted, at least 2 are needed",
                scene.outcome().description());
        assertEquals(hash("initial"), scene.state.modelHash());
    }

    @Test
    void aSiteKilledInTheMiddleEndsTheRoundWithTheOthersAndJoinsTheNext() {
        Scene scene = Scene.collecting().submit(1).submit(2);
        assertInstanceOf(RoundState.Collecting.class, scene.round());

        scene.detach(3);

        assertEquals(sites(1, 2), scene.effect(Effect.Release.class).contributors());
        scene.attach(3).commit(V1).evaluate(1, V1).evaluate(2, V1).evaluate(3, V1);
        assertEquals(List.of(site(1), site(2), site(3)), scene.plan().cohort());
    }

    @Test
    void aSiteThatReturnsDuringTheRoundIsSentThePlanAgain() {
        Scene scene = Scene.collecting().submit(1).detach(3).attach(3);

        assertEquals(sites(3), scene.effect(Effect.Invite.class).sites());
        scene.accept(3).submit(2);
        assertInstanceOf(RoundState.Collecting.class, scene.round());
        scene.submit(3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());
    }

    @Test
    void belowTheQuorumALostSiteIsWaitedForUntilTheDeadline() {
        Scene scene = Scene.collecting().submit(1).detach(2).detach(3);
        assertInstanceOf(RoundState.Collecting.class, scene.round());

        scene.submit(2);

        assertEquals(sites(1, 2), scene.effect(Effect.Release.class).contributors(), "its upload had gone through");
    }

    @Test
    void collectingEndsAtTheDeadline() {
        Scene enough = Scene.collecting().submit(1).submit(2);
        enough.tickAt(enough.plan().deadline());
        assertEquals(sites(1, 2), enough.effect(Effect.Release.class).contributors());

        Scene tooFew = Scene.collecting().submit(1);
        tooFew.tickAt(tooFew.plan().deadline());
        assertEquals(
                "1 updates arrived, at least 2 are needed", tooFew.lastOutcome().description());
    }

    @Test
    void theDeadlineIsTheEventsTimeNotTheTicks() {
        Scene scene = Scene.collecting().submit(1).submit(2);
        scene.now = scene.plan().deadline().plusMillis(1);
        SubmissionId late = scene.plan().submissionOf(site(3));

        scene.submit(3);

        assertEquals(sites(1, 2), scene.effect(Effect.Release.class).contributors());
        assertEquals(new Effect.RejectSubmission(late, Rejection.LATE), scene.effect(Effect.RejectSubmission.class));

        Scene inTime = Scene.collecting().submit(1).submit(2);
        inTime.now = inTime.plan().deadline();
        inTime.submit(3);
        assertEquals(sites(1, 2, 3), inTime.effect(Effect.Release.class).contributors());
    }

    @Test
    void updatesThatDoNotCountAreRejectedByReason() {
        Scene scene = Scene.collecting().submit(1);
        RoundPlan plan = scene.plan();

        assertEquals(List.of(), scene.submit(1).effects, "the same bytes again need no answer");
        assertEquals(Rejection.DUPLICATE, rejection(scene.submit(1, "other bytes")));
        assertEquals(Rejection.NOT_IN_COHORT, rejection(scene.submit(9)));
        assertEquals(
                Rejection.REFUSED_BEFORE, rejection(scene.refuse(3, "owner").submit(3)));
        assertEquals(
                Rejection.WRONG_PLAN,
                rejection(scene.on(new RoundEvent.SubmissionCompleted(
                        plan.submissionOf(site(2)), hash("a plan shown to site 2 alone"), hash("u"), scene.now))));
        assertEquals(
                Rejection.WRONG_PLAN,
                rejection(scene.on(new RoundEvent.SubmissionCompleted(
                        new SubmissionId(new FederationName("another"), plan.id(), site(2)),
                        plan.hash(),
                        hash("u"),
                        scene.now))));
        assertEquals(
                Rejection.WRONG_PLAN,
                rejection(scene.on(new RoundEvent.SubmissionCompleted(
                        new SubmissionId(plan.federation(), new RoundId(5, 0), site(2)),
                        plan.hash(),
                        hash("u"),
                        scene.now))));
        scene.submit(2).commit(V1);
        assertEquals(Rejection.NOT_IN_COHORT, rejection(scene.submit(9)));
        assertEquals(Rejection.DUPLICATE, rejection(scene.submit(2, "other bytes")));
        scene.evaluate(1, V1).evaluate(2, V1).evaluate(3, V1);
        assertEquals(
                Rejection.LATE,
                rejection(scene.on(new RoundEvent.SubmissionCompleted(
                        plan.submissionOf(site(3)), plan.hash(), hash("u"), scene.now))));
    }

    @Test
    void answersToAnotherPlanHaveNoEffect() {
        Scene scene = Scene.inviting();
        FederationState before = scene.state;

        scene.on(new RoundEvent.SiteAccepted(site(1), hash("other"), scene.now));
        scene.on(new RoundEvent.SiteRefused(site(1), hash("other"), "rule", scene.now));
        scene.on(new RoundEvent.ReleaseCommitted(scene.plan().id(), V1, scene.now));
        scene.evaluate(1, V1);

        assertEquals(before, scene.state);
    }

    @Test
    void aReleaseOfAnotherAttemptHasNoEffect() {
        Scene scene = Scene.collecting().submit(1).submit(2).submit(3);
        scene.on(new RoundEvent.ReleaseFailed(scene.plan().id(), "the store is full", scene.now));
        scene.submit(1).submit(2).submit(3);
        FederationState releasing = scene.state;

        scene.on(new RoundEvent.ReleaseCommitted(new RoundId(0, 0), V1, scene.now));
        scene.on(new RoundEvent.ReleaseFailed(new RoundId(0, 0), "again", scene.now));

        assertInstanceOf(RoundState.Releasing.class, scene.round());
        assertEquals(releasing, scene.state);
    }

    @Test
    void aReleaseThatFailedLeavesTheModelAndIsTriedAgain() {
        Scene scene = Scene.collecting().submit(1).submit(2).submit(3);

        scene.on(new RoundEvent.ReleaseFailed(scene.plan().id(), "a member sent a malformed update", scene.now));

        assertEquals(new RoundOutcome.ReleaseFailed("a member sent a malformed update"), scene.lastOutcome());
        assertEquals(new RoundId(0, 1), scene.plan().id());
        assertEquals(hash("initial"), scene.plan().modelHash());
    }

    @Test
    void evaluationEndsWithThoseWhoAnswerInTime() {
        Scene scene =
                Scene.collecting().submit(1).submit(2).submit(3).commit(V1).evaluate(2, V1);
        RoundState.Evaluating evaluating = assertInstanceOf(RoundState.Evaluating.class, scene.round());

        scene.tickAt(evaluating.deadline());

        RoundOutcome.Released released = assertInstanceOf(RoundOutcome.Released.class, scene.lastOutcome());
        assertEquals(1, released.evaluation().orElseThrow().n());
    }

    @Test
    void aSiteIsAskedAgainForTheEvaluationWhenItReturns() {
        Scene scene =
                Scene.collecting().submit(1).submit(2).submit(3).commit(V1).evaluate(1, V1);
        scene.detach(2).attach(2);
        assertEquals(sites(2), scene.effect(Effect.RequestEvaluation.class).sites());

        scene.detach(2).evaluate(3, V1);

        RoundOutcome.Released released = assertInstanceOf(RoundOutcome.Released.class, scene.lastOutcome());
        assertEquals(2, released.evaluation().orElseThrow().n());
    }

    @Test
    void countsOfAnotherTaskAreRejectedAndNotWaitedFor() {
        Scene scene = Scene.collecting()
                .submit(1)
                .submit(2)
                .submit(3)
                .commit(V1)
                .evaluate(1, V1)
                .evaluate(2, V1);

        scene.on(
                new RoundEvent.EvaluationReceived(site(3), scene.plan().id(), V1, EvaluationCounts.none(5), scene.now));

        assertTrue(scene.effect(Effect.RejectEvaluation.class).reason().contains("of 5 classes"));
        RoundOutcome.Released released = assertInstanceOf(RoundOutcome.Released.class, scene.lastOutcome());
        assertEquals(2, released.evaluation().orElseThrow().n());
    }

    @Test
    void cancellingEndsEverythingButWhatIsReleased() {
        Scene collecting = Scene.collecting().on(new RoundEvent.Cancel("operator", T0));
        assertEquals(new RoundOutcome.Cancelled("operator"), collecting.lastOutcome());
        assertEquals(new FederationOutcome.Cancelled("operator"), collecting.outcome());
        assertEquals("failed: cancelled: operator", collecting.outcome().description());

        Scene evaluating =
                Scene.collecting().submit(1).submit(2).submit(3).commit(V1).evaluate(1, V1);
        evaluating.on(new RoundEvent.Cancel("operator", evaluating.now));
        assertInstanceOf(RoundOutcome.Released.class, evaluating.lastOutcome());
        assertEquals(V1, evaluating.effect(Effect.EndFederation.class).modelHash());

        Scene gathering = new Scene(FederationFixture.spec()).start().on(new RoundEvent.Cancel("operator", T0));
        assertEquals(new FederationOutcome.Cancelled("operator"), gathering.outcome());
        assertEquals(List.of(), gathering.attach(1).attach(2).attach(3).effects, "nothing follows the end");
    }

    @Test
    void aCohortIsDrawnBySeedAndNotByArrival() {
        CohortRule rule = new CohortRule(3, 3, 3, 1);
        FederationSpec spec = FederationFixture.spec(200, false, rule, new ServerOptimizer.FedAvg(), 1, 1);
        SortedSet<SiteName> ten = sites(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Map<SiteName, Integer> chosen = new HashMap<>();
        for (int round = 0; round < 200; round++) {
            List<SiteName> cohort = CohortSample.of(ten, spec, new RoundId(round, 0));
            List<SiteName> backwards = CohortSample.of(new ArrayList<>(ten).reversed(), spec, new RoundId(round, 0));
            assertEquals(3, cohort.size());
            assertEquals(cohort, backwards);
            assertEquals(cohort.stream().sorted().distinct().toList(), cohort);
            cohort.forEach(site -> chosen.merge(site, 1, Integer::sum));
        }
        // Binomial(200, 0.3): mean 60, standard deviation 6.5; five of them leave a failure in a million.
        ten.forEach(site -> assertTrue(Math.abs(chosen.get(site) - 60) < 33, site + " " + chosen));
        assertNotEquals(CohortSample.of(ten, spec, new RoundId(0, 0)), CohortSample.of(ten, spec, new RoundId(0, 1)));
    }

    @Test
    void whatIsOutstandingCanBeTakenUpAgain() {
        Scene scene = Scene.collecting().submit(1).detach(2);
        assertEquals(
                List.of(
                        new Effect.Invite(scene.plan(), sites(3)),
                        new Effect.ScheduleTick(scene.plan().deadline())),
                scene.state.outstanding());

        scene.submit(2).submit(3);
        assertEquals(List.of(scene.effect(Effect.Release.class)), scene.state.outstanding());

        scene.commit(V1).evaluate(1, V1);
        assertEquals(
                sites(3), ((Effect.RequestEvaluation) scene.state.outstanding().getFirst()).sites());
        assertEquals(
                List.of(),
                FederationState.initial(FederationFixture.spec(), V1, V2).outstanding());
    }

    private static Rejection rejection(Scene scene) {
        return scene.effect(Effect.RejectSubmission.class).rejection();
    }

    private static Participation participation(Scene scene) {
        return assertInstanceOf(RoundState.Evaluating.class, scene.round()).participation();
    }
}
