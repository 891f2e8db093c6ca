package dev.parley.rounds;

import static dev.parley.rounds.FederationFixture.MODEL;
import static dev.parley.rounds.FederationFixture.T0;
import static dev.parley.rounds.FederationFixture.hash;
import static dev.parley.rounds.FederationFixture.site;
import static dev.parley.rounds.FederationFixture.sites;
import static dev.parley.rounds.FederationFixture.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.privacy.update.WeightedMean;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** State and arithmetic together. */
class FederationEngineTest {
    /** On a ring of 32 bits and a clip norm of 8, a value of the mean is exact to about 10^-7. */
    private static final float EXACT = 1e-6f;

    private final World world = World.collecting(FederationFixture.spec());

    /** An engine and its sites, which answer at once. */
    private static final class World {
        private final Uploads uploads = new Uploads();
        private final Map<Integer, TestSite> members = new TreeMap<>();
        private final List<ContentHash> contents = new ArrayList<>();
        private final FederationEngine engine;
        private Instant now = T0;
        private List<Effect> effects = List.of();

        World(FederationSpec spec, ParameterVector model, long seed) {
            engine = new FederationEngine(spec, model, 1);
            for (int site = 1; site <= 3; site++) {
                members.put(site, new TestSite(site(site), uploads, seed));
            }
            on(new FederationEvent.Start(T0));
            members.values().forEach(member -> on(member.attached(now)));
            each(List.of(1, 2), member -> member.agreed(now));
        }

        static World collecting(FederationSpec spec) {
            return new World(spec, MODEL, 3).collect();
        }

        World on(FederationEvent event) {
            effects = engine.handle(event);
            effects.forEach(effect -> members.values().forEach(member -> member.hears(effect)));
            return this;
        }

        private World each(List<Integer> sites, Function<TestSite, FederationEvent> answer) {
            sites.forEach(site -> on(answer.apply(members.get(site))));
            return this;
        }

        World collect() {
            contents.clear();
            return each(List.of(1, 2, 3), member -> member.accepted(now));
        }

        /** The site's update is counted, and not added yet. */
        Effect.Accumulate counted(int site, double weight, float... difference) {
            on(members.get(site).submitted(new TestSite.Update(weight, difference), now));
            Effect.Accumulate accumulate = effect(Effect.Accumulate.class);
            contents.add(accumulate.contentHash());
            return accumulate;
        }

        World submit(int site, double weight, float... difference) {
            add(counted(site, weight, difference));
            return this;
        }

        void add(Effect.Accumulate accumulate) {
            feed(accumulate, uploads.masked(accumulate.contentHash()));
        }

        void feed(Effect.Accumulate accumulate, byte[] bytes) {
            engine.accumulate(accumulate).ifPresent(addition -> {
                addition.feed(ByteBuffer.wrap(bytes));
                addition.finish();
            });
        }

        World lose(int site) {
            return on(new FederationEvent.SiteDetached(site(site), now));
        }

        Effect.Release recover(int... sites) {
            List<Integer> helping = java.util.stream.IntStream.of(sites).boxed().toList();
            each(helping, member -> member.confirmed(now));
            each(helping, member -> member.revealed(now));
            return effect(Effect.Release.class);
        }

        ReleasedVersion candidate(int... sites) {
            return FederationEngineTest.candidate(engine.release(recover(sites)));
        }

        World commit(ContentHash version) {
            return on(new RoundEvent.ReleaseCommitted(plan().id(), version, now));
        }

        World fail(String reason) {
            return on(new RoundEvent.ReleaseFailed(plan().id(), reason, now));
        }

        RoundPlan plan() {
            return assertInstanceOf(
                            FederationPhase.Running.class, engine.state().phase())
                    .round()
                    .plan();
        }

        <E extends Effect> E effect(Class<E> type) {
            return effects.stream()
                    .filter(type::isInstance)
                    .map(type::cast)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + effects));
        }
    }

    private static ReleasedVersion candidate(ReleaseResult result) {
        return assertInstanceOf(ReleaseResult.Candidate.class, result).version();
    }

    private static void assertNear(ParameterVector expected, ParameterVector actual) {
        assertArrayEquals(expected.toArray(), actual.toArray(), EXACT);
    }

    @Test
    void aRoundAppliesTheWeightedMean() {
        // Weights 1, 1/2 and 1/2 of the cap: (2 x 1 + 4 x 1/2 + 0 x 1/2) / 2 = 2.
        world.submit(1, 1, 2, 0, 1).submit(2, 0.5, 4, 0, 1).submit(3, 0.5, 0, -4, 1);

        ReleasedVersion version = world.candidate(1, 2);

        assertNear(vector(3, -3, 1), version.model());
        assertEquals(ContentHash.of(version.safetensors()), version.hash());
        assertEquals(version.model(), Safetensors.read(version.safetensors()));
        assertEquals(MODEL, world.engine.current().model(), "a candidate is not in force");
        world.commit(version.hash());
        assertSame(version.model(), world.engine.current().model());
        assertEquals(version.hash(), world.engine.state().modelHash());
    }

    /** To the bit: what is released is what the sum of the encodings decodes to, with nothing left of any mask. */
    @Test
    void theReleasedModelIsTheDecodedSumOfWhatContributorsEncoded() {
        world.submit(3, 0.3, 0.1f, 0.7f, -2).submit(1, 0.9, -0.3f, 1.1f, 2);
        world.lose(2);

        ReleasedVersion version = world.candidate(1, 3);

        WeightedMean mean = world.uploads.mean(world.plan(), world.contents).orElseThrow();
        assertEquals(2, mean.contributions());
        assertEquals(
                new ServerOptimizer.FedAvg()
                        .step(MODEL, mean, new OptimizerState.Stateless())
                        .model(),
                version.model());
        assertNear(vector(1 + (0.3f * 0.1f - 0.9f * 0.3f) / 1.2f, -2 + (0.21f + 0.99f) / 1.2f, 1), version.model());
    }

    @Test
    void theVersionHasTheSameBitsWhateverTheOrderAndForm() {
        List<Effect.Accumulate> counted = new ArrayList<>();
        for (int site = 1; site <= 3; site++) {
            float third = site / 3f;
            counted.add(world.counted(site, 0.1 * site, third, -third * third, 0.7f));
        }
        counted.reversed().forEach(world::add);
        ReleasedVersion version = world.candidate(1, 2);

        World other = new World(FederationFixture.spec(), MODEL, 4).collect();
        for (int site : List.of(2, 1, 3)) {
            float third = site / 3f;
            Effect.Accumulate accumulate = other.counted(site, 0.1 * site, third, -third * third, 0.7f);
            assertNotMasked(world, other, site);
            other.engine.accumulate(accumulate, other.uploads.update(accumulate.contentHash()));
        }
        ReleasedVersion again = other.candidate(2, 3);

        assertEquals(version.hash(), again.hash(), "neither masks nor helpers nor order are in it");
        assertArrayEquals(version.safetensors(), again.safetensors());
    }

    /** The sites of the other world drew other secrets: the masks must differ, or the comparison would prove nothing. */
    /** To the bit, too: each site's share is in the sum that is released, and nothing else is. */
    @Test
    void noiseThatSitesAddIsInTheReleasedMean() {
        UpdateNoise noise = new UpdateNoise.DistributedGaussian(new NoiseMultiplier(0.5), 2);
        World noised = World.collecting(FederationFixture.noised(noise));
        noised.submit(3, 1, 0.1f, 0.7f, -2).submit(1, 1, -0.3f, 1.1f, 2);
        noised.lose(2);

        ReleasedVersion version = noised.candidate(1, 3);

        WeightedMean mean = noised.uploads.mean(noised.plan(), noised.contents).orElseThrow();
        assertEquals(2, mean.totalWeight());
        assertEquals(
                new ServerOptimizer.FedAvg()
                        .step(MODEL, mean, new OptimizerState.Stateless())
                        .model(),
                version.model());
        ParameterVector plain = vector(1 - 0.1f, -2 + 0.9f, 0);
        double squares = 0;
        for (int i = 0; i < 3; i++) {
            squares += Math.pow(version.model().get(i) - plain.get(i), 2);
        }
        // Two shares make half a clip norm of 8 in the sum, 2 in each coordinate of the mean.
        double norm = Math.sqrt(squares);
        assertTrue(norm > 0.1 && norm < 20, "noise of norm " + norm);
    }

    /** Two honest shares are the whole noise, so with one site left there is no sum and the model stays. */
    @Test
    void belowTheFloorOfTheNoiseTheRoundIsAbandoned() {
        World noised = World.collecting(
                FederationFixture.noised(new UpdateNoise.DistributedGaussian(new NoiseMultiplier(0.5), 2)));
        noised.submit(3, 1, 0.1f, 0.7f, -2);

        noised.lose(2).lose(1).on(new RoundEvent.Tick(noised.plan().deadline()));

        CompletedRound round = noised.engine.state().history().getFirst();
        assertInstanceOf(RoundOutcome.TooFew.class, round.outcome());
        assertEquals(MODEL, noised.engine.current().model());
    }

    /** Counts carry no noise, so none are asked for. */
    @Test
    void nothingIsScoredUnderNoiseThatHidesSites() {
        World noised = World.collecting(
                FederationFixture.noised(new UpdateNoise.DistributedGaussian(new NoiseMultiplier(0.5), 2)));
        assertTrue(!noised.plan().evaluated() && world.plan().evaluated());
        noised.submit(1, 1, 1, 1, 0).submit(2, 1, 1, 1, 0).submit(3, 1, 1, 1, 0);

        noised.commit(noised.candidate(1, 2).hash());

        assertTrue(noised.effects.stream().noneMatch(Effect.RequestEvaluation.class::isInstance));
        assertEquals(new RoundId(1, 0), noised.plan().id());
    }

    private static void assertNotMasked(World one, World other, int site) {
        assertEquals(one.plan().cohort(), other.plan().cohort());
        assertTrue(
                !one.contents.contains(other.contents.getLast()), () -> "the masks of site " + site + " are repeated");
    }

    @Test
    void bytesMayComeInPiecesOfAnySize() {
        world.submit(1, 1, 1, 1, 0).submit(2, 1, 1, 1, 0);
        Effect.Accumulate last = world.counted(3, 1, 1, 1, 0);
        RoundVectors.Accumulation addition = world.engine.accumulate(last).orElseThrow();
        for (byte one : world.uploads.masked(last.contentHash())) {
            addition.feed(ByteBuffer.wrap(new byte[] {one}));
        }
        addition.finish();

        assertNear(vector(2, -1, 0), world.candidate(1, 2).model());
    }

    @Test
    void agreedStatisticsAreThePlainMeanUnderTheirOwnBound() {
        FederationSpec spec = FederationFixture.spec(
                1, true, new CohortRule(3, 2, 3, 2), new ServerOptimizer.FedAdam(1, 0.5, 0.75, 0.5), 1, 1);
        World adaptive = World.collecting(spec);
        assertEquals(new Task.AgreeStatistics(), adaptive.plan().task());
        assertEquals(new ClipNorm(100), adaptive.plan().clipNorm());

        adaptive.submit(1, 1, 0, 0, 60).submit(2, 1, 0, 0, 30).submit(3, 1, 0, 0, 0);
        ReleasedVersion agreed = adaptive.candidate(1, 2);
        adaptive.commit(agreed.hash());

        assertEquals(30, agreed.model().get(2), 1e-5f);
        assertEquals(new Task.Train(0, 1), adaptive.plan().task(), "no evaluation of a model that is not trained");
        adaptive.collect().submit(1, 1, 2, 0, 0).submit(2, 1, 2, 0, 0).submit(3, 1, 2, 0, 0);
        ParameterVector trained = adaptive.candidate(2, 3).model();
        // The optimiser starts here, as if there had been no statistics round: m = 1, v = 0.1875 + 1.
        assertEquals((float) (1 + 1 / (Math.sqrt(1.1875) + 0.5)), trained.get(0), 1e-5f);
        assertEquals(agreed.model().get(2), trained.get(2), 1e-5f);
    }

    @Test
    void theOptimizerRemembersFromRoundToRoundButNotFromAnAbandonedOne() {
        World one = World.collecting(
                FederationFixture.spec(2, false, new CohortRule(3, 2, 3, 2), new ServerOptimizer.FedAvg(1, 0.5), 5, 2));
        submitAll(one).commit(one.candidate(1, 2).hash());
        assertNear(vector(2, -2, 0), one.engine.current().model());
        submitAll(one.collect());
        assertNear(vector(3.5f, -2, 0), one.candidate(1, 2).model());
        one.fail("the store is full");

        submitAll(one.collect());

        assertNear(vector(3.5f, -2, 0), one.candidate(1, 2).model()); // velocity 1, then 1.5; not 1.75
    }

    private static World submitAll(World world) {
        for (int site = 1; site <= 3; site++) {
            world.submit(site, 1, 1, 0, 0);
        }
        return world;
    }

    @Test
    void aMalformedUpdateAbandonsTheRoundAndTheModelStays() {
        int size = world.plan()
                .encoding(3)
                .modulus()
                .packedSizeBytes(world.plan().encoding(3).length());

        assertUnusable(new byte[3], "a contribution has exactly " + size + " bytes");
        assertUnusable(new byte[size + 5], "more bytes than " + size);
        // Nothing where a mask should be: what is left of the others' masks is noise.
        assertUnusable(new byte[size], "no usable sum");
    }

    private static void assertUnusable(byte[] bad, String reason) {
        World one = World.collecting(FederationFixture.spec());
        one.submit(1, 1, 1, 0, 0).submit(2, 1, 1, 0, 0);
        one.feed(one.counted(3, 1, 1, 0, 0), bad);

        Effect.Release release = one.recover(1, 2);
        ReleaseResult.Unusable unusable = assertInstanceOf(ReleaseResult.Unusable.class, one.engine.release(release));
        assertTrue(unusable.reason().contains(reason), unusable.reason());
        assertEquals(unusable, one.engine.release(release), "asked again, it says the same");
        one.fail(unusable.reason());

        assertEquals(
                new RoundOutcome.ReleaseFailed(unusable.reason()),
                one.effect(Effect.CloseRound.class).outcome());
        assertEquals(MODEL, one.engine.current().model());
        // The next attempt begins with an empty sum.
        assertEquals(new RoundId(0, 1), one.plan().id());
        submitAll(one.collect());
        assertNear(vector(2, -2, 0), one.candidate(1, 2).model());
    }

    @Test
    void aSumWithoutOneOfItsContributorsIsNotReleased() {
        world.submit(1, 1, 1, 0, 0).submit(2, 1, 1, 0, 0).counted(3, 1, 1, 0, 0);

        assertUnusable("the sum holds the updates of 2 sites, the round counts 3 contributors");
    }

    @Test
    void aSumWithHalfAnUpdateIsNotReleased() {
        world.submit(1, 1, 1, 0, 0).submit(2, 1, 1, 0, 0);
        Effect.Accumulate last = world.counted(3, 1, 1, 0, 0);
        world.engine
                .accumulate(last)
                .orElseThrow()
                .feed(ByteBuffer.wrap(world.uploads.masked(last.contentHash()), 0, 7));

        assertUnusable("the sum holds the updates of 2 sites, the round counts 3 contributors");
    }

    @Test
    void anUpdateThatCannotBeReadMakesTheSumUnusable() {
        world.submit(1, 1, 1, 0, 0).submit(2, 1, 1, 0, 0);
        world.engine.accumulate(world.counted(3, 1, 1, 0, 0)).orElseThrow().fail("the disk is broken");

        assertUnusable("the update of site-3 does not fit: the disk is broken");
    }

    private void assertUnusable(String reason) {
        assertEquals(new ReleaseResult.Unusable(reason), world.engine.release(world.recover(1, 2)));
    }

    @Test
    void theSameUpdateIsAddedOnce() {
        Effect.Accumulate accumulate = world.counted(1, 1, 3, 0, 0);

        world.add(accumulate);
        world.add(accumulate);
        world.engine.accumulate(accumulate, world.uploads.update(accumulate.contentHash()));
        world.submit(2, 1, 0, 0, 0).submit(3, 1, 0, 0, 0);

        assertNear(vector(2, -2, 0), world.candidate(1, 2).model());
    }

    @Test
    void anUpdateForAnAttemptThatIsOverIsDropped() {
        Effect.Accumulate slow = world.counted(1, 1, 8, 0, 0);
        byte[] bytes = world.uploads.masked(slow.contentHash());
        world.on(new RoundEvent.Tick(world.plan().deadline()));
        assertEquals(new RoundId(0, 1), world.plan().id());

        world.feed(slow, bytes);
        world.now = world.plan().deadline().minusSeconds(600);
        submitAll(world.collect());

        assertNear(vector(2, -2, 0), world.candidate(1, 2).model());
    }

    @Test
    void releasingTwiceGivesOneCandidate() {
        submitAll(world);
        Effect.Release release = world.recover(1, 2);

        ReleasedVersion version = candidate(world.engine.release(release));
        assertSame(version, candidate(world.engine.release(release)));
        world.commit(version.hash());
        assertInstanceOf(ReleaseResult.Unusable.class, world.engine.release(release), "its round is over");
        assertEquals(version.hash(), world.engine.state().modelHash());
    }

    @Test
    void aCommitOfSomethingElseIsRefusedAndChangesNothing() {
        submitAll(world);
        Effect.Release release = world.recover(1, 2);
        FederationState before = world.engine.state();

        assertThrows(IllegalArgumentException.class, () -> world.commit(hash("never released")));
        ReleasedVersion version = candidate(world.engine.release(release));
        assertThrows(IllegalArgumentException.class, () -> world.commit(hash("never released")));

        assertEquals(before, world.engine.state());
        world.commit(version.hash());
        assertEquals(version.hash(), world.engine.state().modelHash());
    }

    @Test
    void aVersionThatIsNotFiniteIsNotReleased() {
        World broken = new World(FederationFixture.spec(), vector(1, Float.POSITIVE_INFINITY, 0), 3).collect();
        submitAll(broken);
        Effect.Release release = broken.recover(1, 2);

        ReleaseResult.Unusable unusable =
                assertInstanceOf(ReleaseResult.Unusable.class, broken.engine.release(release));

        assertTrue(unusable.reason().contains("not finite at value 1"), unusable.reason());
        assertEquals(unusable, broken.engine.release(release), "asked again, it says the same");
    }

    /** A round's sum lives until its version does, and not one event longer. */
    @Test
    void anAttemptThatIsNotOpenedLeavesNothingToTheNext() {
        submitAll(world);
        world.on(new RoundEvent.Tick(T0.plus(FederationFixture.TIMES.recovering())));
        assertEquals(
                sites(1, 2, 3),
                ((RoundOutcome.TooFew) world.effect(Effect.CloseRound.class).outcome())
                        .participation()
                        .contributors());

        world.now = T0.plus(FederationFixture.TIMES.recovering());
        submitAll(world.collect());

        assertNear(vector(2, -2, 0), world.candidate(2, 3).model());
    }
}
