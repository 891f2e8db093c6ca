package dev.parley.rounds;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A whole federation in virtual time, under a seeded mixture of faults: messages are lost, repeated, delayed beyond any
 * deadline and overtaken by others; sites come and go, refuse, answer for plans they were not sent, submit twice with other
 * bytes, or send malformed updates and counts; stores fail; timers fire early. The shell is a faithful one: it does every
 * effect, and keeps one timer.
 */
final class FaultyFederation {
    /** How often each fault strikes, each 0 to 1. */
    record Faults(double loss, double repetition, double delay, double flapping, double malice, double storeFailure) {
        static Faults none() {
            return new Faults(0, 0, 0, 0, 0, 0);
        }

        static Faults random(Random random) {
            return new Faults(
                    dice(random, 0.4),
                    dice(random, 0.5),
                    dice(random, 0.3),
                    dice(random, 0.3),
                    dice(random, 0.1),
                    dice(random, 0.2));
        }

        /** Half of the time no such fault at all, so that runs with one kind of fault are common. */
        private static double dice(Random random, double most) {
            return random.nextBoolean() ? 0 : random.nextDouble() * most;
        }
    }

    /** Hears of everything that goes into the engine and comes out of it. */
    interface Observer {
        void onEvent(FederationState before, FederationEvent event, FederationState after, List<Effect> effects);
    }

    private record Delivery(Instant at, long order, FederationEvent event) {}

    private static final int MAX_EVENTS = 200_000;

    final FederationEngine engine;
    /** What an update's bytes were, by their hash: the coordinator's store. */
    final Map<ContentHash, byte[]> store = new HashMap<>();

    private final Random random;
    private final Faults faults;
    private final Observer observer;
    private final int sites;
    private final PriorityQueue<Delivery> queue =
            new PriorityQueue<>(Comparator.comparing(Delivery::at).thenComparing(Delivery::order));
    private Instant now = FederationFixture.T0;
    private Instant timer = Instant.MAX;
    private long deliveries;

    FaultyFederation(FederationSpec spec, int sites, Faults faults, long seed, Observer observer) {
        this.engine = new FederationEngine(spec, FederationFixture.MODEL);
        this.random = new Random(seed);
        this.faults = faults;
        this.observer = observer;
        this.sites = sites;
    }

    /** Runs until the federation has ended, and then lets everything that is still under way arrive. */
    void run() {
        deliver(Duration.ZERO, new FederationEvent.Start(now));
        for (int site = 0; site < sites; site++) {
            attach(30, FederationFixture.site(site));
        }
        int events = 0;
        while (!(engine.state().phase() instanceof FederationPhase.Ended) || !queue.isEmpty()) {
            if (++events > MAX_EVENTS) {
                throw new AssertionError("no end after " + MAX_EVENTS + " events: "
                        + engine.state().phase());
            }
            next();
        }
    }

    private void next() {
        boolean ticks = !(engine.state().phase() instanceof FederationPhase.Ended)
                && (queue.isEmpty() || !timer.isAfter(queue.peek().at()));
        if (!ticks) {
            Delivery delivery = queue.remove();
            now = delivery.at();
            happen(delivery.event());
            return;
        }
        if (timer.equals(Instant.MAX)) {
            throw new AssertionError("nothing is under way and no tick is due in "
                    + engine.state().phase());
        }
        // A timer may fire a moment early; the machine must then ask for another one.
        now = strikes(faults.delay()) && timer.minusMillis(3).isAfter(now) ? timer.minusMillis(3) : timer;
        timer = Instant.MAX;
        happen(new RoundEvent.Tick(now));
    }

    private void happen(FederationEvent event) {
        FederationState before = engine.state();
        List<Effect> effects = engine.handle(event);
        observer.onEvent(before, event, engine.state(), effects);
        effects.forEach(this::perform);
        if (strikes(faults.flapping() / 10)) {
            SiteName site = FederationFixture.site(random.nextInt(sites));
            deliver(Duration.ZERO, new FederationEvent.SiteDetached(site, now));
            attach(900, site);
        }
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Invite invite -> invite.sites().forEach(site -> takePart(invite.plan(), site));
            case Effect.Accumulate accumulate -> engine.accumulate(accumulate, held(accumulate.contentHash()));
            case Effect.Release release -> release(release);
            case Effect.RequestEvaluation request -> request.sites().forEach(site -> evaluate(request, site));
            case Effect.ScheduleTick tick -> timer = tick.at();
            case Effect.StartCollecting unused -> {}
            case Effect.RejectSubmission unused -> {}
            case Effect.RejectEvaluation unused -> {}
            case Effect.CloseRound unused -> {}
            case Effect.EndFederation unused -> timer = Instant.MAX;
        }
    }

    byte[] held(ContentHash content) {
        return Objects.requireNonNull(store.get(content), "an update that nobody sent is accumulated");
    }

    // ---- sites

    private void takePart(RoundPlan plan, SiteName site) {
        if (strikes(faults.malice())) {
            later(200, at -> new RoundEvent.SiteRefused(site, plan.hash(), "owner's rule", at));
            if (random.nextBoolean()) {
                return;
            }
        }
        later(20, at -> new RoundEvent.SiteAccepted(site, plan.hash(), at));
        submit(plan, site, update(plan, site, 0));
        if (strikes(faults.malice())) {
            submit(plan, site, update(plan, site, 1));
        }
        if (strikes(faults.malice())) {
            // A site that claims another's place, a plan that was never made, and a round that is long over.
            SiteName other = FederationFixture.site(random.nextInt(sites + 3));
            ContentHash forged = hold(update(plan, site, 2));
            later(
                    300,
                    at -> new RoundEvent.SubmissionCompleted(
                            plan.submissionOf(other), random.nextBoolean() ? plan.hash() : forged, forged, at));
        }
    }

    private void submit(RoundPlan plan, SiteName site, byte[] update) {
        ContentHash content = hold(update);
        later(300, at -> new RoundEvent.SubmissionCompleted(plan.submissionOf(site), plan.hash(), content, at));
    }

    /** Depends on nothing but plan, site and variant, as training from a derived seed does. */
    private byte[] update(RoundPlan plan, SiteName site, int variant) {
        Random training = new Random((plan.id().round() * 31L + site.hashCode()) * 31 + variant);
        byte[] bytes = FederationFixture.update(
                        plan,
                        0.01 + 0.99 * training.nextDouble(),
                        (float) training.nextGaussian(),
                        (float) training.nextGaussian() * 3,
                        (float) training.nextGaussian())
                .toBytes();
        if (strikes(faults.malice() / 4)) {
            return switch (random.nextInt(3)) {
                case 0 -> new byte[random.nextInt(40)];
                case 1 ->
                    ByteBuffer.allocate(bytes.length)
                            .putInt(12, random.nextInt())
                            .array();
                default -> ByteBuffer.wrap(bytes).putInt(0, random.nextInt()).array();
            };
        }
        return bytes;
    }

    private ContentHash hold(byte[] update) {
        ContentHash content = ContentHash.of(update);
        store.put(content, update);
        return content;
    }

    private void evaluate(Effect.RequestEvaluation request, SiteName site) {
        int classes = strikes(faults.malice()) ? 3 : 2;
        EvaluationCounts counts = classes == 2 ? FederationFixture.counts() : EvaluationCounts.none(3);
        later(100, at -> new RoundEvent.EvaluationReceived(site, request.round(), request.version(), counts, at));
    }

    // ---- the coordinator's slow work: never lost, but it may fail

    private void release(Effect.Release release) {
        RoundId round = release.plan().id();
        Instant done = now.plusMillis(random.nextInt(2_000));
        RoundEvent answer = switch (engine.release(release)) {
            case ReleaseResult.Candidate candidate ->
                strikes(faults.storeFailure())
                        ? new RoundEvent.ReleaseFailed(round, "the store is full", done)
                        : new RoundEvent.ReleaseCommitted(
                                round, candidate.version().hash(), done);
            case ReleaseResult.Unusable unusable -> new RoundEvent.ReleaseFailed(round, unusable.reason(), done);
        };
        deliver(Duration.between(now, done), answer);
        while (strikes(faults.repetition())) {
            deliver(Duration.between(now, done).plusMillis(random.nextInt(500_000)), answer);
        }
    }

    // ---- the network

    private interface Message {
        FederationEvent at(Instant at);
    }

    /** Sends a message from a site: lost, repeated and delayed as the faults say. */
    private void later(int typicalSeconds, Message message) {
        do {
            if (!strikes(faults.loss())) {
                Duration delay = delay(typicalSeconds);
                deliver(delay, message.at(now.plus(delay)));
            }
        } while (strikes(faults.repetition()));
    }

    /** A site dials until it is through, so this is never lost. */
    private void attach(int typicalSeconds, SiteName site) {
        Duration delay = delay(typicalSeconds);
        deliver(delay, new FederationEvent.SiteAttached(site, now.plus(delay)));
    }

    private Duration delay(int typicalSeconds) {
        long millis = 1 + random.nextInt(typicalSeconds * 1000);
        return Duration.ofMillis(strikes(faults.delay()) ? millis * 50 : millis);
    }

    private void deliver(Duration delay, FederationEvent event) {
        if (!(engine.state().phase() instanceof FederationPhase.Ended)) {
            queue.add(new Delivery(now.plus(delay), deliveries++, event));
        }
    }

    private boolean strikes(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }
}
