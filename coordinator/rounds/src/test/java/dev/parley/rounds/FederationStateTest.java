package dev.parley.rounds;

import static dev.parley.rounds.FederationFixture.T0;
import static dev.parley.rounds.FederationFixture.counts;
import static dev.parley.rounds.FederationFixture.hash;
import static dev.parley.rounds.FederationFixture.site;
import static dev.parley.rounds.FederationFixture.sites;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.ShareKind;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.Effect.Rejection;
import dev.parley.rounds.RoundOutcome.TooFew;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** One federation through its rounds, event by event. */
class FederationStateTest {
    private static final ContentHash V1 = hash("version 1");
    private static final ContentHash V2 = hash("version 2");

    private static final TestSite.Update UPDATE = new TestSite.Update(1, 1, 0, 0);

    /** Feeds events one second apart unless told otherwise, and keeps what the last one led to. */
    private static final class Scene {
        private final Uploads uploads = new Uploads();
        private final Map<Integer, TestSite> members = new TreeMap<>();
        private FederationState state;
        private Instant now = T0;
        private List<Effect> effects = List.of();

        Scene(FederationSpec spec) {
            state = FederationState.initial(spec, FederationFixture.LAYOUT.hash(), hash("initial"));
        }

        static Scene collecting() {
            return inviting().collect(1, 2, 3);
        }

        static Scene inviting() {
            return new Scene(FederationFixture.spec()).start().attach(1, 2, 3).agree(1, 2);
        }

        Scene on(FederationEvent event) {
            Transition<FederationState> transition = state.on(event);
            state = transition.state();
            effects = transition.effects();
            effects.forEach(effect -> members.values().forEach(member -> member.hears(effect)));
            now = now.plusSeconds(1);
            return this;
        }

        TestSite member(int site) {
            return members.computeIfAbsent(site, number -> new TestSite(site(number), uploads, 1));
        }

        private Scene each(int[] sites, Function<TestSite, FederationEvent> answer) {
            for (int site : sites) {
                on(answer.apply(member(site)));
            }
            return this;
        }

        Scene start() {
            return on(new FederationEvent.Start(now));
        }

        Scene attach(int... sites) {
            return each(sites, member -> member.attached(now));
        }

        Scene detach(int... sites) {
            return each(sites, member -> new FederationEvent.SiteDetached(member.name(), now));
        }

        Scene agree(int... sites) {
            return each(sites, member -> member.agreed(now));
        }

        Scene accept(int... sites) {
            return each(sites, member -> member.accepted(now));
        }

        /** Everyone answers, so the cohort is known. */
        Scene collect(int... sites) {
            accept(sites);
            assertInstanceOf(RoundState.Collecting.class, round());
            return this;
        }

        Scene refuse(int site, String rule) {
            return on(new RoundEvent.SiteRefused(site(site), plan().hash(), rule, now));
        }

        Scene submit(int... sites) {
            return each(sites, member -> member.submitted(UPDATE, now));
        }

        /** Whatever the site is at, something of this content arrives in its name. */
        Scene send(int site, String content) {
            return on(new RoundEvent.SubmissionCompleted(
                    plan().submissionOf(site(site)), plan().hash(), hash(content), now));
        }

        Scene confirm(int... sites) {
            return each(sites, member -> member.confirmed(now));
        }

        Scene open(int... sites) {
            return each(sites, member -> member.revealed(now));
        }

        /** These sites help to open the sum that is complete. */
        Scene recover(int... sites) {
            return confirm(sites).open(sites);
        }

        Scene commit(ContentHash version) {
            return on(new RoundEvent.ReleaseCommitted(plan().id(), version, now));
        }

        /** Each site scores as many records as its number. */
        Scene evaluate(int... sites) {
            for (int site : sites) {
                on(member(site).evaluated(counts(site), now).orElseThrow());
            }
            return this;
        }

        Scene tickAt(Instant at) {
            now = at;
            return on(new RoundEvent.Tick(at));
        }

        <P extends FederationPhase> P phase(Class<P> type) {
            return assertInstanceOf(type, state.phase());
        }

        RoundState round() {
            return phase(FederationPhase.Running.class).round();
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

        RoundOutcome.Released released() {
            return assertInstanceOf(RoundOutcome.Released.class, lastOutcome());
        }

        FederationOutcome outcome() {
            return phase(FederationPhase.Ended.class).outcome();
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
        scene.submit(1, 3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.AskConfirmations.class).sites());
        scene.confirm(1, 3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.AskOpenings.class).sites());
        scene.open(3).open(1);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());

        scene.commit(V1);
        assertEquals(
                sites(1, 2, 3), scene.effect(Effect.RequestEvaluation.class).sites());
        assertEquals(V1, scene.state.modelHash());
        scene.evaluate(1, 2, 3).recover(1, 2);

        RoundOutcome.Released released =
                (RoundOutcome.Released) scene.effect(Effect.CloseRound.class).outcome();
        assertEquals(Optional.of(counts(6)), released.evaluation());
        assertEquals(new RoundId(1, 0), scene.plan().id(), "the next round is planned at once");
        assertEquals(V1, scene.plan().modelHash());
        scene.collect(1, 2, 3)
                .submit(1, 2, 3)
                .recover(1, 2)
                .commit(V2)
                .evaluate(1, 2, 3)
                .recover(2, 3);
        assertEquals(new FederationOutcome.Completed(), scene.outcome());
        assertEquals(new Effect.EndFederation(V2, scene.outcome()), scene.effect(Effect.EndFederation.class));
        assertEquals("completed", scene.outcome().description());
        assertEquals(2, scene.state.history().size());
    }

    @Test
    void theFirstRoundWaitsForTheStartersAndLaterOnesForTheMinimum() {
        Scene scene = new Scene(FederationFixture.spec()).attach(1, 2).start();
        scene.phase(FederationPhase.Gathering.class);
        scene.attach(3).agree(1, 2);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Invite.class).sites());

        scene.accept(1, 2)
                .detach(3)
                .tickAt(scene.round().terms().invitationDeadline())
                .submit(1, 2)
                .recover(1, 2)
                .commit(V1)
                .evaluate(1, 2)
                .recover(1, 2);

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

    // ---- keys

    @Test
    void keysAreAgreedBeforeTheFirstPlanAndNotAgainForKnownPeers() {
        Scene scene = new Scene(FederationFixture.spec()).start().attach(1, 2, 3);
        Effect.AgreeKeys asked = scene.effect(Effect.AgreeKeys.class);
        assertEquals(Map.of(site(1), MemberSet.of(1, 2), site(2), MemberSet.of(2)), asked.asked());

        scene.agree(2);
        assertEquals(List.of(), scene.effects, "site 1 has not answered");
        scene.agree(1);

        Effect.Invite invite = scene.effect(Effect.Invite.class);
        assertEquals(asked.roster().hash(), invite.plan().roster());
        assertEquals(
                List.of(Set.of(), Set.of(0), Set.of(0, 1)),
                invite.encapsulations().values().stream().map(Map::keySet).toList());
        scene.collect(1, 2, 3)
                .submit(1, 2, 3)
                .recover(1, 2)
                .commit(V1)
                .evaluate(1, 2, 3)
                .recover(1, 2);
        Effect.Invite second = scene.effect(Effect.Invite.class);
        assertEquals(
                List.of(Set.of(), Set.of(), Set.of()),
                second.encapsulations().values().stream().map(Map::keySet).toList(),
                "everyone has dealt, so everyone has what it was sent");
        scene.collect(1, 2, 3);
    }

    @Test
    void aSiteThatDoesNotAnswerTheAgreementIsLeftOutWhenTheTimeIsUp() {
        Scene scene = new Scene(FederationFixture.spec(
                        1, false, new CohortRule(2, 2, 3, 2), new ServerOptimizer.FedAvg(), 1, 1))
                .attach(1, 2, 3)
                .start()
                .agree(1);
        FederationPhase.Agreeing agreeing = scene.phase(FederationPhase.Agreeing.class);
        assertEquals(Map.of(site(2), MemberSet.of(2)), agreeing.awaited());
        scene.tickAt(agreeing.until().minusMillis(1));
        assertEquals(new Effect.ScheduleTick(agreeing.until()), scene.effect(Effect.ScheduleTick.class));

        scene.tickAt(agreeing.until());

        assertEquals(List.of(site(1), site(3)), scene.plan().cohort());
        scene.collect(1, 3);
    }

    @Test
    void anAgreementThatTooFewAnswerIsAskedForAgainUntilTheFederationGivesUp() {
        Scene scene =
                new Scene(FederationFixture.spec()).start().attach(1, 2, 3).agree(1);
        Instant deadline = scene.phase(FederationPhase.Agreeing.class).deadline();

        scene.tickAt(scene.phase(FederationPhase.Agreeing.class).until());
        assertEquals(
                Map.of(site(2), MemberSet.of(2)),
                scene.effect(Effect.AgreeKeys.class).asked());
        while (scene.phase(FederationPhase.Agreeing.class).until().isBefore(deadline)) {
            scene.tickAt(scene.phase(FederationPhase.Agreeing.class).until());
        }
        scene.tickAt(deadline);

        assertEquals(new FederationOutcome.TooFewSites(new RoundId(0, 0), 2, 3), scene.outcome());
    }

    /** The last moment for gathering is also the last for agreeing: enough have answered, so nobody gives up. */
    @Test
    void thoseWhoAnsweredAreEnoughAtTheLastMomentToo() {
        Scene scene = new Scene(FederationFixture.spec(
                        1, false, new CohortRule(2, 2, 3, 2), new ServerOptimizer.FedAvg(), 1, 1))
                .attach(1, 2, 3)
                .start();
        Instant deadline = scene.phase(FederationPhase.Agreeing.class).deadline();
        while (scene.phase(FederationPhase.Agreeing.class).until().isBefore(deadline)) {
            scene.tickAt(scene.phase(FederationPhase.Agreeing.class).until());
        }
        scene.agree(1);

        scene.tickAt(deadline);

        assertEquals(List.of(site(1), site(3)), scene.plan().cohort());
    }

    @Test
    void aNewSiteMakesOnlyItsOwnPairsBeAgreed() {
        Scene scene = Scene.collecting().submit(1, 2, 3).recover(1, 2);
        scene.detach(2).attach(0).commit(V1).evaluate(1, 3).recover(1, 3);

        assertEquals(
                Map.of(site(0), MemberSet.of(1, 2)),
                scene.effect(Effect.AgreeKeys.class).asked(),
                "site 1 and site 3 know each other");
        scene.agree(0);
        assertEquals(List.of(site(0), site(1), site(3)), scene.plan().cohort());
        scene.collect(0, 1, 3);
    }

    @Test
    void aSiteWithNewKeysAgreesAnewAndTheOthersDoNot() {
        Scene scene = Scene.collecting().submit(1, 2, 3).recover(1, 3).commit(V1);
        scene.member(2).restart();
        scene.detach(2).attach(2).evaluate(1, 3);
        scene.tickAt(((RoundState.Evaluating) scene.round()).deadline()).recover(1, 3);

        assertEquals(Optional.of(counts(4)), scene.released().evaluation());
        assertEquals(
                Map.of(site(1), MemberSet.of(1), site(2), MemberSet.of(2)),
                scene.effect(Effect.AgreeKeys.class).asked());
        scene.agree(1, 2).collect(1, 2, 3).submit(1, 2, 3).recover(2, 3);
        scene.effect(Effect.Release.class);
    }

    @Test
    void answersToAnAgreementThatWasNotAskedForHaveNoEffect() {
        Scene scene = new Scene(FederationFixture.spec()).start().attach(1, 2, 3);
        FederationState before = scene.state;
        FederationEvent.KeysAgreed right =
                (FederationEvent.KeysAgreed) scene.member(1).agreed(T0);
        SortedMap<Integer, Bytes> short1 = new TreeMap<>(right.encapsulations());
        short1.put(1, Bytes.of(new byte[9]));

        scene.on(new FederationEvent.KeysAgreed(site(1), hash("other"), right.encapsulations(), T0));
        scene.on(new FederationEvent.KeysAgreed(
                site(1), right.roster(), right.encapsulations().tailMap(2), T0));
        scene.on(new FederationEvent.KeysAgreed(site(1), right.roster(), short1, T0));
        scene.on(new FederationEvent.KeysAgreed(site(2), right.roster(), right.encapsulations(), T0));
        scene.on(new FederationEvent.KeysAgreed(site(3), right.roster(), new TreeMap<>(), T0));
        scene.on(new FederationEvent.KeysAgreed(site(9), right.roster(), right.encapsulations(), T0));

        assertEquals(before, scene.state);
        scene.on(right);
        assertNotEquals(before, scene.state);
    }

    @Test
    void keysInAnothersNameAreNotTakenIn() {
        Scene scene = new Scene(FederationFixture.spec()).start().attach(1, 2);

        scene.on(new FederationEvent.SiteAttached(site(3), scene.member(4).announcement(), T0));

        assertEquals(sites(1, 2), scene.state.attached());
    }

    // ---- a coordinator that comes back

    @Test
    void aSiteWithANewConnectionIsToldAgainAndNothingChanges() {
        Scene scene = Scene.collecting().submit(1);
        FederationState before = scene.state;

        scene.on(new FederationEvent.SiteAttached(site(2), scene.member(2).announcement(), T0));

        assertSame(before, scene.state);
        assertEquals(sites(2), scene.effect(Effect.Invite.class).sites());
        assertEquals(
                Set.of(site(2)),
                scene.effect(Effect.StartCollecting.class).notices().keySet());
    }

    @Test
    void aCoordinatorThatComesBackGivesTheTimeForAnswersAnewButMovesNoPlansDeadline() {
        Scene scene = Scene.inviting().accept(1);
        Instant planned = scene.plan().deadline();
        Instant late = scene.round().terms().invitationDeadline().plusSeconds(1);

        scene.on(new FederationEvent.Resumed(late));

        assertInstanceOf(RoundState.Inviting.class, scene.round());
        assertEquals(
                late.plus(scene.state.spec().times().invitation()),
                scene.round().terms().invitationDeadline());
        assertEquals(planned, scene.plan().deadline());
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Invite.class).sites());
        assertEquals(sites(1, 2, 3), scene.state.attached());

        scene.on(new FederationEvent.Resumed(planned.plusSeconds(1)));
        assertEquals(planned, scene.round().terms().invitationDeadline());
    }

    @Test
    void whatALostSumHeldIsNamed() {
        Scene scene = Scene.collecting().submit(1, 3);

        assertEquals(
                List.of(site(1), site(3)),
                scene.state.accumulated().stream()
                        .map(effect -> effect.submission().site())
                        .toList());
    }

    // ---- the cohort

    @Test
    void anUpdateBeforeTheCohortIsKnownIsRejected() {
        Scene scene = Scene.inviting().accept(1);
        FederationState before = scene.state;

        assertEquals(Rejection.WRONG_PLAN, rejection(scene.send(1, "nobody can have masked yet")));

        assertEquals(before, scene.state);
    }

    @Test
    void theInvitationEndsAtItsDeadlineWithEnoughSites() {
        Scene scene = Scene.inviting().accept(1, 3);
        Instant deadline = scene.round().terms().invitationDeadline();

        scene.tickAt(deadline);

        assertInstanceOf(RoundState.Collecting.class, scene.round());
        assertEquals(
                scene.plan().deadline(), scene.effect(Effect.ScheduleTick.class).at());
        assertEquals(
                Set.of(site(1), site(3)),
                scene.effect(Effect.StartCollecting.class).notices().keySet());
        scene.submit(1, 3).recover(1, 3);
        assertEquals(sites(1, 3), scene.effect(Effect.Release.class).contributors());
        assertEquals(sites(2), participation(scene.commit(V1)).stragglers());
    }

    @Test
    void aSiteThatAcceptsAfterTheCohortIsClosedIsNotInTheSum() {
        Scene scene = Scene.inviting().accept(1, 3);
        scene.tickAt(scene.round().terms().invitationDeadline());
        FederationState closed = scene.state;

        scene.accept(2);
        assertEquals(List.of(), scene.effects);
        assertEquals(closed, scene.state.withKeys(closed.keys()));
        assertEquals(Rejection.NOT_IN_COHORT, rejection(scene.send(2, "masked with nobody")));
        scene.detach(2).attach(2);
        assertEquals(List.of(), scene.effects, "it waits for the next round");
        scene.submit(1, 3).recover(1, 3);

        assertEquals(sites(1, 3), scene.effect(Effect.Release.class).contributors());
    }

    @Test
    void aSiteOutsideTheCohortIsNotHopedFor() {
        Scene scene = Scene.inviting().accept(1, 3);
        scene.tickAt(scene.round().terms().invitationDeadline());
        scene.detach(2).submit(1);

        scene.refuse(3, "owner");

        assertEquals(
                TooFew.Part.COLLECTING,
                assertInstanceOf(TooFew.class, scene.lastOutcome()).during());
    }

    @Test
    void dealsThatDoNotFitAreRejectedAndTheSiteIsOut() {
        Scene scene = Scene.inviting();
        RoundEvent.SiteAccepted right =
                (RoundEvent.SiteAccepted) scene.member(1).accepted(T0);
        RoundEvent.SiteAccepted second =
                (RoundEvent.SiteAccepted) scene.member(2).accepted(T0);

        scene.on(new RoundEvent.SiteAccepted(site(1), right.planHash(), second.deals(), T0));
        assertEquals(Reason.SHARES_INCOMPLETE, shares(scene));
        assertEquals(site(1), scene.effect(Effect.RejectShares.class).site());
        scene.accept(1);
        assertEquals(List.of(), scene.effects, "a refusal is final for this attempt");
        scene.on(new RoundEvent.SiteAccepted(
                site(2), right.planHash(), new RoundEvent.Deals(second.deals().update(), Optional.empty()), T0));
        assertEquals(Reason.SHARES_INCOMPLETE, shares(scene));

        TooFew tooFew = assertInstanceOf(TooFew.class, scene.lastOutcome());
        assertEquals(TooFew.Part.INVITING, tooFew.during());
        assertEquals(sites(1, 2), tooFew.participation().refusals().keySet());
    }

    @Test
    void tooFewAcceptancesAbandonTheAttemptAndTheNextOneFollows() {
        Scene scene = Scene.inviting().accept(1);

        scene.tickAt(scene.round().terms().invitationDeadline());

        TooFew tooFew = assertInstanceOf(TooFew.class, scene.lastOutcome());
        assertEquals(TooFew.Part.INVITING, tooFew.during());
        assertEquals(1, tooFew.have());
        assertEquals(2, tooFew.need());
        assertEquals("1 sites accepted, at least 2 are needed", tooFew.description());
        assertEquals(new RoundId(0, 1), scene.plan().id());
        assertEquals(hash("initial"), scene.plan().modelHash());
    }

    /** Five members need three to open anything, whatever the federation's minimum. */
    @Test
    void aCohortThatCouldNotBeOpenedIsGivenUpAtOnce() {
        Scene scene = new Scene(FederationFixture.spec(
                        1, false, new CohortRule(5, 2, 5, 2), new ServerOptimizer.FedAvg(), 1, 1))
                .start()
                .attach(1, 2, 3, 4, 5)
                .agree(1, 2, 3, 4);

        scene.refuse(1, "owner").refuse(2, "owner").accept(3);
        assertInstanceOf(RoundState.Inviting.class, scene.round());
        scene.refuse(4, "owner");

        TooFew tooFew = assertInstanceOf(TooFew.class, scene.lastOutcome());
        assertEquals(3, tooFew.need());
        assertEquals(1, tooFew.have());
    }

    @Test
    void refusalsThatLeaveTooFewEndTheAttemptWithoutWaiting() {
        Scene scene = Scene.inviting().refuse(1, "no training at night").refuse(2, "budget spent");

        TooFew tooFew = assertInstanceOf(TooFew.class, scene.lastOutcome());
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

    // ---- collecting and recovering

    @Test
    void aMemberLostAfterDealingIsRecoveredFromAndJoinsTheNextRound() {
        Scene scene = Scene.collecting().submit(1, 2);
        assertInstanceOf(RoundState.Collecting.class, scene.round());

        scene.detach(3);

        Effect.AskConfirmations ask = scene.effect(Effect.AskConfirmations.class);
        assertEquals(sites(1, 2), ask.sites());
        assertEquals(MemberSet.of(0, 1), ask.survivors());
        scene.confirm(1, 2).open(1);
        ShareKind ofTheLost = ((RoundEvent.SharesRevealed) scene.member(1).revealed(T0))
                .opening()
                .shares()
                .get(2)
                .kind();
        assertEquals(ShareKind.RECOVERY_KEY, ofTheLost);
        scene.open(2);
        assertEquals(sites(1, 2), scene.effect(Effect.Release.class).contributors());
        scene.attach(3).commit(V1).evaluate(1, 2, 3).recover(1, 2);
        assertEquals(Optional.of(counts(6)), scene.released().evaluation(), "it had dealt for the evaluation too");
        assertEquals(List.of(site(1), site(2), site(3)), scene.plan().cohort());
    }

    @Test
    void aMemberThatReturnsIsToldAgainWhereTheRoundIs() {
        Scene scene = Scene.inviting().accept(3).detach(3).attach(3);
        assertEquals(sites(3), scene.effect(Effect.Invite.class).sites());
        assertEquals(
                Set.of(0, 1),
                scene.effect(Effect.Invite.class).encapsulations().get(site(3)).keySet());
        scene.collect(3, 1, 2).submit(1);

        scene.detach(3).attach(3);
        assertEquals(sites(3), scene.effect(Effect.Invite.class).sites());
        assertEquals(
                Set.of(site(3)),
                scene.effect(Effect.StartCollecting.class).notices().keySet());
        assertEquals(
                2,
                scene.effect(Effect.StartCollecting.class)
                        .notices()
                        .get(site(3))
                        .update()
                        .shares()
                        .size());
        scene.accept(3).submit(2);
        assertInstanceOf(RoundState.Collecting.class, scene.round(), "site 3 is at work and is waited for");
        scene.submit(3);

        scene.detach(3).attach(3);
        assertEquals(sites(3), scene.effect(Effect.AskConfirmations.class).sites());
        scene.confirm(1, 2).detach(3).attach(3);
        assertEquals(sites(3), scene.effect(Effect.AskConfirmations.class).sites());
        assertEquals(sites(3), scene.effect(Effect.AskOpenings.class).sites());
        assertEquals(2, scene.effect(Effect.AskOpenings.class).confirmations().size());
        scene.confirm(3).open(3, 1);

        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());
    }

    @Test
    void whoIsNoSurvivorIsNotAskedWhenItReturns() {
        Scene scene = Scene.collecting().submit(1, 2).detach(3);

        scene.attach(3);

        assertEquals(List.of(), scene.effects);
    }

    @Test
    void belowTheQuorumALostSiteIsWaitedForUntilTheDeadline() {
        Scene scene = Scene.collecting().submit(1).detach(2, 3);
        assertInstanceOf(RoundState.Collecting.class, scene.round());

        scene.submit(2);

        assertEquals(sites(1, 2), scene.effect(Effect.AskConfirmations.class).sites(), "its upload had gone through");
    }

    @Test
    void collectingEndsAtTheDeadline() {
        Scene enough = Scene.collecting().submit(1, 2);
        enough.tickAt(enough.plan().deadline());
        assertEquals(sites(1, 2), enough.effect(Effect.AskConfirmations.class).sites());
        assertEquals(
                enough.plan().deadline().plus(FederationFixture.TIMES.recovering()),
                enough.effect(Effect.ScheduleTick.class).at());

        Scene tooFew = Scene.collecting().submit(1);
        tooFew.tickAt(tooFew.plan().deadline());
        assertEquals(
                "1 updates arrived, at least 2 are needed", tooFew.lastOutcome().description());
        assertEquals(TooFew.Part.COLLECTING, ((TooFew) tooFew.lastOutcome()).during());
    }

    @Test
    void theDeadlineIsTheEventsTimeNotTheTicks() {
        Scene scene = Scene.collecting().submit(1, 2);
        scene.now = scene.plan().deadline().plusMillis(1);
        SubmissionId late = scene.plan().submissionOf(site(3));

        scene.submit(3);

        assertEquals(
                MemberSet.of(0, 1), scene.effect(Effect.AskConfirmations.class).survivors());
        assertEquals(new Effect.RejectSubmission(late, Rejection.LATE), scene.effect(Effect.RejectSubmission.class));

        Scene inTime = Scene.collecting().submit(1, 2);
        inTime.now = inTime.plan().deadline();
        inTime.submit(3);
        assertEquals(
                MemberSet.of(0, 1, 2),
                inTime.effect(Effect.AskConfirmations.class).survivors());
    }

    @Test
    void tooFewConfirmationsUntilTheDeadlineAbandonTheAttemptAndTheModelStays() {
        Scene scene = Scene.collecting().submit(1, 2, 3).confirm(2);
        RoundState.Recovering recovering = assertInstanceOf(RoundState.Recovering.class, scene.round());

        scene.tickAt(recovering.deadline());

        TooFew tooFew = assertInstanceOf(TooFew.class, scene.lastOutcome());
        assertEquals(TooFew.Part.RECOVERING, tooFew.during());
        assertEquals(1, tooFew.have());
        assertEquals(2, tooFew.need());
        assertEquals("1 sites helped to open the sum, at least 2 are needed", tooFew.description());
        assertEquals(sites(1, 2, 3), tooFew.participation().contributors());
        assertEquals(hash("initial"), scene.state.modelHash());
        assertEquals(new RoundId(0, 1), scene.plan().id());
        scene.collect(1, 2, 3).submit(1, 2, 3).recover(1, 2);
        scene.effect(Effect.Release.class);
    }

    @Test
    void tooFewOpeningsUntilTheDeadlineAbandonTheAttempt() {
        Scene scene = Scene.collecting().submit(1, 2, 3).confirm(1, 2).open(1);
        RoundState.Recovering recovering = assertInstanceOf(RoundState.Recovering.class, scene.round());

        scene.tickAt(recovering.deadline());

        assertEquals(
                "1 sites helped to open the sum, at least 2 are needed",
                scene.lastOutcome().description());
        assertEquals(hash("initial"), scene.state.modelHash());
    }

    @Test
    void forgedConfirmationsAreRejectedAndTheOthersGoOn() {
        Scene scene = Scene.collecting().submit(1, 2, 3);
        ContentHash plan = scene.plan().hash();
        FederationState before = scene.state;
        Confirmation forged = new Confirmation(0, Bytes.of(new byte[64]));

        scene.on(new RoundEvent.SurvivorsConfirmed(site(1), plan, Purpose.UPDATE, forged, scene.now));

        assertEquals(Reason.CONFIRMATION_FORGED, shares(scene));
        assertEquals(before, scene.state);
        Confirmation others = ((RoundEvent.SurvivorsConfirmed) scene.member(2).confirmed(scene.now)).confirmation();
        scene.on(new RoundEvent.SurvivorsConfirmed(site(1), plan, Purpose.UPDATE, others, scene.now));
        scene.on(new RoundEvent.SurvivorsConfirmed(site(2), plan, Purpose.EVALUATION, others, scene.now));
        scene.on(new RoundEvent.SurvivorsConfirmed(site(2), hash("other"), Purpose.UPDATE, others, scene.now));
        assertEquals(before, scene.state, "in another's name, of another sum, of another plan");
        scene.recover(2, 3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());
    }

    @Test
    void forgedOpeningsAreRejectedAndTheOthersGoOn() {
        Scene scene = Scene.collecting().submit(1, 2, 3).confirm(1, 2, 3);
        scene.confirm(3);
        FederationState before = scene.state;
        RoundEvent.SharesRevealed right =
                (RoundEvent.SharesRevealed) scene.member(1).revealed(scene.now);
        List<OpenedShare> shares = new ArrayList<>(right.opening().shares());
        byte[] changed = shares.get(1).share().toArray();
        changed[0] ^= 1;
        shares.set(1, new OpenedShare(1, ShareKind.SELF_SEED, Bytes.of(changed)));

        scene.on(revealed(right, new Opening(0, shares)));
        assertEquals(Reason.SHARE_NOT_COMMITTED, shares(scene));
        scene.on(revealed(right, new Opening(0, right.opening().shares().subList(0, 2))));
        assertEquals(Reason.SHARES_INCOMPLETE, shares(scene));
        scene.on(revealed(right, new Opening(1, right.opening().shares())));
        assertEquals(List.of(), scene.effects, "in another's name");
        assertEquals(before, scene.state);

        scene.open(2, 3);
        assertEquals(sites(1, 2, 3), scene.effect(Effect.Release.class).contributors());
    }

    private static RoundEvent.SharesRevealed revealed(RoundEvent.SharesRevealed like, Opening opening) {
        return new RoundEvent.SharesRevealed(like.site(), like.planHash(), like.purpose(), opening, like.at());
    }

    @Test
    void aSurvivorThatWillNotHelpIsReportedAndNotWaitedForBeyondTheDeadline() {
        Scene scene = Scene.collecting().submit(1, 2, 3);
        FederationState before = scene.state;

        scene.refuse(1, "SURVIVORS_TOO_SIMILAR");

        assertEquals(
                "SURVIVORS_TOO_SIMILAR",
                scene.effect(Effect.RejectShares.class).refusal().detail());
        assertEquals(before, scene.state);
        scene.refuse(9, "not a member");
        assertEquals(List.of(), scene.effects);
        scene.recover(2, 3);
        scene.effect(Effect.Release.class);
    }

    /** A sum that was opened and lost is not opened again over nearly the same sites: the site's pledges outlive the round. */
    @Test
    void afterAnOpenedSumWasLostNearlyTheSameSitesOpenNoOther() {
        Scene scene = Scene.collecting().submit(1, 2, 3).recover(1, 2);
        scene.on(new RoundEvent.ReleaseFailed(scene.plan().id(), "the store is full", scene.now));
        scene.collect(1, 2, 3).submit(1, 2).detach(3);

        scene.confirm(1, 2);

        assertTrue(scene.effect(Effect.RejectShares.class).refusal().detail().contains("SURVIVORS_TOO_SIMILAR"));
        scene.tickAt(((RoundState.Recovering) scene.round()).deadline());
        assertEquals(TooFew.Part.RECOVERING, ((TooFew) scene.lastOutcome()).during());
        assertInstanceOf(FederationOutcome.AttemptsExhausted.class, scene.outcome());
    }

    @Test
    void updatesThatDoNotCountAreRejectedByReason() {
        Scene scene = Scene.collecting().submit(1);
        RoundPlan plan = scene.plan();

        assertEquals(List.of(), scene.submit(1).effects, "the same bytes again need no answer");
        assertEquals(Rejection.DUPLICATE, rejection(scene.send(1, "other bytes")));
        assertEquals(Rejection.NOT_IN_COHORT, rejection(scene.send(9, "u")));
        assertEquals(
                Rejection.REFUSED_BEFORE, rejection(scene.refuse(3, "owner").send(3, "u")));
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
        scene.submit(2);
        assertInstanceOf(RoundState.Recovering.class, scene.round());
        assertEquals(Rejection.DUPLICATE, rejection(scene.send(2, "other bytes")));
        scene.recover(1, 2).commit(V1);
        assertEquals(Rejection.NOT_IN_COHORT, rejection(scene.send(9, "u")));
        assertEquals(Rejection.DUPLICATE, rejection(scene.send(2, "other bytes")));
        scene.evaluate(1, 2, 3);
        assertInstanceOf(RoundState.RecoveringCounts.class, scene.round());
        assertEquals(Rejection.LATE, rejection(scene.send(3, "u")));
        scene.recover(1, 2);
        assertEquals(
                Rejection.LATE,
                rejection(scene.on(new RoundEvent.SubmissionCompleted(
                        plan.submissionOf(site(3)), plan.hash(), hash("u"), scene.now))));
    }

    @Test
    void answersToAnotherPlanHaveNoEffect() {
        Scene scene = Scene.inviting();
        FederationState before = scene.state;
        RoundEvent.SiteAccepted right =
                (RoundEvent.SiteAccepted) scene.member(1).accepted(T0);

        scene.on(new RoundEvent.SiteAccepted(site(1), hash("other"), right.deals(), scene.now));
        scene.on(new RoundEvent.SiteRefused(site(1), hash("other"), "rule", scene.now));
        scene.on(new RoundEvent.ReleaseCommitted(scene.plan().id(), V1, scene.now));
        scene.on(new RoundEvent.EvaluationReceived(site(1), scene.plan().id(), V1, Bytes.of(new byte[4]), scene.now));

        assertEquals(before, scene.state);
    }

    // ---- releasing and evaluating

    @Test
    void aReleaseOfAnotherAttemptHasNoEffect() {
        Scene scene = Scene.collecting().submit(1, 2, 3).recover(1, 2);
        scene.on(new RoundEvent.ReleaseFailed(scene.plan().id(), "the store is full", scene.now));
        scene.collect(1, 2, 3).submit(1, 2, 3).recover(1, 2);
        FederationState releasing = scene.state;

        scene.on(new RoundEvent.ReleaseCommitted(new RoundId(0, 0), V1, scene.now));
        scene.on(new RoundEvent.ReleaseFailed(new RoundId(0, 0), "again", scene.now));

        assertInstanceOf(RoundState.Releasing.class, scene.round());
        assertEquals(releasing, scene.state);
    }

    @Test
    void aReleaseThatFailedLeavesTheModelAndIsTriedAgain() {
        Scene scene = Scene.collecting().submit(1, 2, 3).recover(1, 2);

        scene.on(new RoundEvent.ReleaseFailed(scene.plan().id(), "a member sent a malformed update", scene.now));

        assertEquals(new RoundOutcome.ReleaseFailed("a member sent a malformed update"), scene.lastOutcome());
        assertEquals(new RoundId(0, 1), scene.plan().id());
        assertEquals(hash("initial"), scene.plan().modelHash());
    }

    private static Scene evaluating() {
        return Scene.collecting().submit(1, 2, 3).recover(1, 2).commit(V1);
    }

    @Test
    void evaluationIsTheSumOfThoseWhoAnswerInTime() {
        Scene scene = evaluating().evaluate(2, 3);
        RoundState.Evaluating evaluating = assertInstanceOf(RoundState.Evaluating.class, scene.round());

        scene.tickAt(evaluating.deadline());
        assertEquals(
                MemberSet.of(1, 2), scene.effect(Effect.AskConfirmations.class).survivors());
        assertEquals(V1, scene.effect(Effect.AskConfirmations.class).subject());
        scene.recover(2, 3);

        assertEquals(Optional.of(counts(5)), scene.released().evaluation());
    }

    @Test
    void countsThatTooFewSentOrOpenedAreNotKnownAndTheVersionStands() {
        Scene one = evaluating().evaluate(2);
        one.tickAt(((RoundState.Evaluating) one.round()).deadline());
        assertEquals(Optional.empty(), one.released().evaluation());
        assertEquals(V1, one.plan().modelHash());

        Scene closed = evaluating().evaluate(1, 2, 3).confirm(1, 2).open(2);
        closed.tickAt(((RoundState.RecoveringCounts) closed.round()).deadline());
        assertEquals(Optional.empty(), closed.released().evaluation());
        assertEquals(V1, closed.plan().modelHash());
    }

    @Test
    void aSiteIsAskedAgainForTheEvaluationWhenItReturns() {
        Scene scene = evaluating().evaluate(1);
        scene.detach(2).attach(2);
        assertEquals(sites(2), scene.effect(Effect.RequestEvaluation.class).sites());

        scene.detach(2).evaluate(3);
        assertEquals(sites(1, 3), scene.effect(Effect.AskConfirmations.class).sites());
        scene.detach(3).confirm(1).attach(3);
        assertEquals(sites(3), scene.effect(Effect.AskConfirmations.class).sites());
        scene.confirm(3).open(1, 3);

        assertEquals(Optional.of(counts(4)), scene.released().evaluation());
    }

    @Test
    void countsOfAnotherTaskAreRejectedAndNotWaitedFor() {
        Scene scene = evaluating().evaluate(1, 2);

        scene.on(scene.member(3).evaluated(EvaluationCounts.none(5), scene.now).orElseThrow());

        assertTrue(scene.effect(Effect.RejectEvaluation.class).reason().contains("masked counts have"));
        scene.recover(1, 2);
        assertEquals(Optional.of(counts(3)), scene.released().evaluation());
    }

    @Test
    void countsThatCannotBeHonestMakeTheEvaluationUnknown() {
        Scene scene = evaluating().evaluate(1, 2);
        RoundEvent.EvaluationReceived right = (RoundEvent.EvaluationReceived)
                scene.member(3).evaluated(counts(3), scene.now).orElseThrow();
        byte[] other = right.masked().toArray();
        other[3] ^= 0x40;

        scene.on(new RoundEvent.EvaluationReceived(site(3), right.round(), V1, Bytes.of(other), scene.now));
        scene.recover(1, 2);

        assertEquals(Optional.empty(), scene.released().evaluation());
    }

    @Test
    void aRoundThatIsNotEvaluatedEndsWithItsVersion() {
        Scene scene = new Scene(FederationFixture.spec(
                        2, false, new CohortRule(3, 2, 3, 2), new ServerOptimizer.FedAvg(), 2, 1))
                .start()
                .attach(1, 2, 3)
                .agree(1, 2)
                .collect(1, 2, 3);
        assertEquals(false, scene.plan().evaluated());

        scene.submit(1, 2, 3).recover(1, 2).commit(V1);

        assertEquals(Optional.empty(), scene.released().evaluation());
        assertEquals(true, scene.plan().evaluated(), "the last round is");
    }

    @Test
    void cancellingEndsEverythingButWhatIsReleased() {
        for (Scene scene : List.of(
                Scene.inviting(),
                Scene.collecting(),
                Scene.collecting().submit(1, 2, 3).confirm(1),
                Scene.collecting().submit(1, 2, 3).recover(1, 2))) {
            scene.on(new RoundEvent.Cancel("operator", scene.now));
            assertEquals(new RoundOutcome.Cancelled("operator"), scene.lastOutcome());
            assertEquals(new FederationOutcome.Cancelled("operator"), scene.outcome());
            assertEquals("failed: cancelled: operator", scene.outcome().description());
        }
        for (Scene scene :
                List.of(evaluating().evaluate(1), evaluating().evaluate(1, 2, 3).confirm(1))) {
            scene.on(new RoundEvent.Cancel("operator", scene.now));
            assertEquals(Optional.empty(), scene.released().evaluation());
            assertEquals(V1, scene.effect(Effect.EndFederation.class).modelHash());
        }
        Scene agreeing = new Scene(FederationFixture.spec()).start().attach(1, 2, 3);
        agreeing.phase(FederationPhase.Agreeing.class);
        assertEquals(
                new FederationOutcome.Cancelled("operator"),
                agreeing.on(new RoundEvent.Cancel("operator", T0)).outcome());
        Scene gathering = new Scene(FederationFixture.spec()).start().on(new RoundEvent.Cancel("operator", T0));
        assertEquals(new FederationOutcome.Cancelled("operator"), gathering.outcome());
        assertEquals(List.of(), gathering.attach(1, 2, 3).effects, "nothing follows the end");
    }

    @Test
    void aCohortIsDrawnBySeedAndNotByArrival() {
        CohortRule rule = new CohortRule(3, 3, 3, 2);
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
        Scene agreeing =
                new Scene(FederationFixture.spec()).start().attach(1, 2, 3).agree(1);
        assertEquals(
                List.of("AgreeKeys", "ScheduleTick"),
                agreeing.state.outstanding().stream()
                        .map(effect -> effect.getClass().getSimpleName())
                        .toList());
        assertEquals(
                Set.of(site(2)),
                ((Effect.AgreeKeys) agreeing.state.outstanding().getFirst())
                        .asked()
                        .keySet());

        Scene scene = Scene.collecting().submit(1).detach(2);
        List<Effect> outstanding = scene.state.outstanding();
        assertEquals(sites(3), ((Effect.Invite) outstanding.get(0)).sites());
        assertEquals(
                Set.of(site(3)),
                ((Effect.StartCollecting) outstanding.get(1)).notices().keySet());
        assertEquals(new Effect.ScheduleTick(scene.plan().deadline()), outstanding.get(2));
        assertEquals(3, outstanding.size());

        scene.submit(2, 3);
        List<Effect> ask =
                List.of(scene.effect(Effect.AskConfirmations.class), scene.effect(Effect.ScheduleTick.class));
        assertEquals(ask, scene.state.outstanding());
        scene.confirm(1, 2);
        assertEquals(
                List.of(ask.get(0), scene.effect(Effect.AskOpenings.class), ask.get(1)), scene.state.outstanding());
        scene.open(1, 2);
        assertEquals(List.of(scene.effect(Effect.Release.class)), scene.state.outstanding());

        scene.commit(V1).evaluate(1);
        assertEquals(
                sites(3), ((Effect.RequestEvaluation) scene.state.outstanding().getFirst()).sites());
        scene.evaluate(3);
        assertEquals(
                scene.effect(Effect.AskConfirmations.class),
                scene.state.outstanding().getFirst());
        assertEquals(
                List.of(),
                FederationState.initial(FederationFixture.spec(), V1, V2).outstanding());
    }

    private static Rejection rejection(Scene scene) {
        return scene.effect(Effect.RejectSubmission.class).rejection();
    }

    private static Reason shares(Scene scene) {
        return scene.effect(Effect.RejectShares.class).refusal().reason();
    }

    private static Participation participation(Scene scene) {
        return assertInstanceOf(RoundState.Evaluating.class, scene.round()).participation();
    }
}
