package dev.parley.rounds;

import static dev.parley.rounds.FederationFixture.MODEL;
import static dev.parley.rounds.FederationFixture.T0;
import static dev.parley.rounds.FederationFixture.hash;
import static dev.parley.rounds.FederationFixture.site;
import static dev.parley.rounds.FederationFixture.update;
import static dev.parley.rounds.FederationFixture.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** State and arithmetic together. */
class FederationEngineTest {
    private final FederationEngine engine = started(FederationFixture.spec());

    @Test
    void aRoundAppliesTheWeightedMean() {
        // Weights 1, 1/2 and 1/2 of the cap: (2 x 1 + 4 x 1/2 + 0 x 1/2) / 2 = 2.
        submit(1, update(plan(), 1, 2, 0, 1));
        submit(2, update(plan(), 0.5, 4, 0, 1));
        List<Effect> effects = submit(3, update(plan(), 0.5, 0, -4, 1));

        ReleasedVersion version = candidate(release(effects));

        assertEquals(vector(3, -3, 1), version.model());
        assertEquals(ContentHash.of(version.safetensors()), version.hash());
        assertEquals(version.model(), Safetensors.read(version.safetensors()));
        assertEquals(MODEL, engine.current().model(), "a candidate is not in force");
        commit(version.hash());
        assertSame(version.model(), engine.current().model());
        assertEquals(version.hash(), engine.state().modelHash());
    }

    @Test
    void theVersionHasTheSameBitsWhateverTheOrderAndForm() {
        List<ReleasedVersion> versions = new ArrayList<>();
        for (List<Integer> order : List.of(List.of(1, 2, 3), List.of(3, 1, 2), List.of(2, 3, 1))) {
            FederationEngine one = started(FederationFixture.spec());
            RoundPlan plan = plan(one);
            List<Effect> effects = List.of();
            for (int site : order) {
                float third = site / 3f;
                effects = submit(one, site, update(plan, 0.1 * site, third, -third * third, 0.7f));
            }
            versions.add(candidate(one.release(release(effects))));
        }

        assertEquals(versions.get(0).hash(), versions.get(1).hash());
        assertEquals(versions.get(0).hash(), versions.get(2).hash());
        assertArrayEquals(versions.get(0).safetensors(), versions.get(2).safetensors());
    }

    @Test
    void agreedStatisticsAreThePlainMeanUnderTheirOwnBound() {
        FederationSpec spec = FederationFixture.spec(
                1, true, new CohortRule(3, 2, 3, 2), new ServerOptimizer.FedAdam(1, 0.5, 0.75, 0.5), 1, 1);
        FederationEngine adaptive = started(spec);
        assertEquals(new Task.AgreeStatistics(), plan(adaptive).task());
        assertEquals(new ClipNorm(100), plan(adaptive).clipNorm());

        submit(adaptive, 1, update(plan(adaptive), 1, 0, 0, 60));
        submit(adaptive, 2, update(plan(adaptive), 1, 0, 0, 30));
        List<Effect> effects = submit(adaptive, 3, update(plan(adaptive), 1, 0, 0, 0));
        ReleasedVersion agreed = candidate(adaptive.release(release(effects)));
        commit(adaptive, agreed.hash());

        assertEquals(30, agreed.model().get(2), 1e-5f);
        assertEquals(new Task.Train(0, 1), plan(adaptive).task(), "no evaluation of a model that is not trained");
        submit(adaptive, 1, update(plan(adaptive), 1, 2, 0, 0));
        submit(adaptive, 2, update(plan(adaptive), 1, 2, 0, 0));
        effects = submit(adaptive, 3, update(plan(adaptive), 1, 2, 0, 0));
        ParameterVector trained = candidate(adaptive.release(release(effects))).model();
        // The optimiser starts here, as if there had been no statistics round: m = 1, v = 0.1875 + 1.
        assertEquals((float) (1 + 1 / (Math.sqrt(1.1875) + 0.5)), trained.get(0), 1e-6f);
        assertEquals(agreed.model().get(2), trained.get(2));
    }

    @Test
    void theOptimizerRemembersFromRoundToRoundButNotFromAnAbandonedOne() {
        FederationEngine one = started(
                FederationFixture.spec(2, false, new CohortRule(3, 2, 3, 2), new ServerOptimizer.FedAvg(1, 0.5), 5, 2));
        commit(one, candidate(one.release(release(submitAll(one)))).hash());
        assertEquals(vector(2, -2, 0), one.current().model());
        ReleaseResult abandoned = one.release(release(submitAll(one)));
        assertEquals(vector(3.5f, -2, 0), candidate(abandoned).model());
        one.handle(new RoundEvent.ReleaseFailed(plan(one).id(), "the store is full", T0));

        ReleasedVersion second = candidate(one.release(release(submitAll(one))));

        assertEquals(vector(3.5f, -2, 0), second.model(), "velocity 1, then 1.5; not 1.75");
    }

    private static List<Effect> submitAll(FederationEngine engine) {
        List<Effect> effects = List.of();
        for (int site = 1; site <= 3; site++) {
            effects = submit(engine, site, update(plan(engine), 1, 1, 0, 0));
        }
        return effects;
    }

    @Test
    void aMalformedUpdateAbandonsTheRoundAndTheModelStays() {
        byte[] negativeWeight = update(plan(), 1, 0, 0, 0).toBytes();
        ByteBuffer.wrap(negativeWeight).order(ByteOrder.LITTLE_ENDIAN).putInt(12, Integer.MIN_VALUE);
        byte[] outOfBound = update(plan(), 1, 0, 0, 0).toBytes();
        ByteBuffer.wrap(outOfBound).order(ByteOrder.LITTLE_ENDIAN).putInt(0, Integer.MAX_VALUE);

        assertUnusable(negativeWeight, "malformed weight");
        assertUnusable(outOfBound, "malformed update");
        assertUnusable(new byte[3], "the update of site-3 does not fit: a submission has 16 bytes here, got 3");
    }

    private static void assertUnusable(byte[] bad, String reason) {
        FederationEngine one = started(FederationFixture.spec());
        submit(one, 1, update(plan(one), 1, 1, 0, 0));
        submit(one, 2, update(plan(one), 1, 1, 0, 0));
        List<Effect> effects = one.handle(completed(plan(one), 3, hash("bad")));
        one.accumulate(first(effects, Effect.Accumulate.class), bad);

        ReleaseResult.Unusable unusable =
                assertInstanceOf(ReleaseResult.Unusable.class, one.release(first(effects, Effect.Release.class)));
        assertTrue(unusable.reason().contains(reason), unusable.reason());
        List<Effect> closed = one.handle(new RoundEvent.ReleaseFailed(plan(one).id(), unusable.reason(), T0));

        assertEquals(
                new RoundOutcome.ReleaseFailed(unusable.reason()),
                first(closed, Effect.CloseRound.class).outcome());
        assertEquals(MODEL, one.current().model());
        // The next attempt begins with an empty sum.
        assertEquals(new RoundId(0, 1), plan(one).id());
        submit(one, 1, update(plan(one), 1, 1, 0, 0));
        submit(one, 2, update(plan(one), 1, 1, 0, 0));
        List<Effect> again = submit(one, 3, update(plan(one), 1, 1, 0, 0));
        assertEquals(vector(2, -2, 0), candidate(one.release(release(again))).model());
    }

    @Test
    void aSumWithoutOneOfItsContributorsIsNotReleased() {
        submit(1, update(plan(), 1, 1, 0, 0));
        submit(2, update(plan(), 1, 1, 0, 0));
        List<Effect> effects = engine.handle(completed(plan(), 3, hash("never accumulated")));

        ReleaseResult.Unusable unusable =
                assertInstanceOf(ReleaseResult.Unusable.class, engine.release(release(effects)));

        assertEquals("the sum holds the updates of 2 sites, the round counts 3 contributors", unusable.reason());
    }

    @Test
    void theSameUpdateIsAddedOnce() {
        MaskedUpdate update = update(plan(), 1, 3, 0, 0);
        List<Effect> effects = engine.handle(completed(plan(), 1, ContentHash.of(update.toBytes())));
        Effect.Accumulate accumulate = first(effects, Effect.Accumulate.class);

        engine.accumulate(accumulate, update);
        engine.accumulate(accumulate, update.toBytes());
        submit(2, update(plan(), 1, 0, 0, 0));
        effects = submit(3, update(plan(), 1, 0, 0, 0));

        assertEquals(2, candidate(release(effects)).model().get(0), 1e-6f);
    }

    @Test
    void anUpdateForAnAttemptThatIsOverIsDropped() {
        List<Effect> effects = engine.handle(completed(plan(), 1, hash("slow to read")));
        MaskedUpdate slow = update(plan(), 1, 8, 0, 0);
        engine.handle(new RoundEvent.Tick(plan().deadline()));
        assertEquals(new RoundId(0, 1), plan().id());

        engine.accumulate(first(effects, Effect.Accumulate.class), slow);
        for (int site = 1; site <= 3; site++) {
            effects = submit(site, update(plan(), 1, 1, 0, 0));
        }

        assertEquals(vector(2, -2, 0), candidate(release(effects)).model());
    }

    @Test
    void releasingTwiceGivesOneCandidate() {
        submit(1, update(plan(), 1, 1, 0, 0));
        submit(2, update(plan(), 1, 1, 0, 0));
        List<Effect> effects = submit(3, update(plan(), 1, 1, 0, 0));

        assertSame(candidate(release(effects)), candidate(release(effects)));
        ContentHash version = candidate(release(effects)).hash();
        commit(version);
        assertInstanceOf(ReleaseResult.Unusable.class, engine.release(release(effects)), "its round is over");
        assertEquals(version, engine.state().modelHash());
    }

    @Test
    void aCommitOfSomethingElseIsRefusedAndChangesNothing() {
        submit(1, update(plan(), 1, 1, 0, 0));
        submit(2, update(plan(), 1, 1, 0, 0));
        List<Effect> effects = submit(3, update(plan(), 1, 1, 0, 0));
        FederationState before = engine.state();

        assertThrows(IllegalArgumentException.class, () -> commit(hash("never released")));
        ReleasedVersion version = candidate(release(effects));
        assertThrows(IllegalArgumentException.class, () -> commit(hash("never released")));

        assertEquals(before, engine.state());
        commit(version.hash());
        assertEquals(version.hash(), engine.state().modelHash());
    }

    @Test
    void aVersionThatIsNotFiniteIsNotReleased() {
        FederationEngine broken = new FederationEngine(
                FederationFixture.spec(1, false, CohortRule.everyOneOf(1), new ServerOptimizer.FedAvg(), 1, 1),
                vector(1, Float.POSITIVE_INFINITY, 0));
        broken.handle(new FederationEvent.Start(T0));
        broken.handle(new FederationEvent.SiteAttached(site(1), T0));
        List<Effect> effects = submit(broken, 1, update(plan(broken), 1, 1, 0, 0));

        ReleaseResult.Unusable unusable =
                assertInstanceOf(ReleaseResult.Unusable.class, broken.release(release(effects)));

        assertTrue(unusable.reason().contains("not finite at value 1"), unusable.reason());
    }

    private static FederationEngine started(FederationSpec spec) {
        FederationEngine started = new FederationEngine(spec, MODEL);
        started.handle(new FederationEvent.Start(T0));
        for (int site = 1; site <= 3; site++) {
            started.handle(new FederationEvent.SiteAttached(site(site), T0));
        }
        return started;
    }

    private RoundPlan plan() {
        return plan(engine);
    }

    private static RoundPlan plan(FederationEngine engine) {
        return assertInstanceOf(FederationPhase.Running.class, engine.state().phase())
                .round()
                .plan();
    }

    private List<Effect> submit(int site, MaskedUpdate update) {
        return submit(engine, site, update);
    }

    private static List<Effect> submit(FederationEngine engine, int site, MaskedUpdate update) {
        byte[] bytes = update.toBytes();
        List<Effect> effects = engine.handle(completed(plan(engine), site, ContentHash.of(bytes)));
        engine.accumulate(first(effects, Effect.Accumulate.class), bytes);
        return effects;
    }

    private static RoundEvent completed(RoundPlan plan, int site, ContentHash content) {
        return new RoundEvent.SubmissionCompleted(plan.submissionOf(site(site)), plan.hash(), content, T0);
    }

    private ReleasedVersion candidate(Effect.Release release) {
        return candidate(engine.release(release));
    }

    private static ReleasedVersion candidate(ReleaseResult result) {
        return assertInstanceOf(ReleaseResult.Candidate.class, result).version();
    }

    private static Effect.Release release(List<Effect> effects) {
        return first(effects, Effect.Release.class);
    }

    private void commit(ContentHash version) {
        commit(engine, version);
    }

    private static void commit(FederationEngine engine, ContentHash version) {
        engine.handle(new RoundEvent.ReleaseCommitted(plan(engine).id(), version, T0));
    }

    private static <E extends Effect> E first(List<Effect> effects, Class<E> type) {
        return effects.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }
}
