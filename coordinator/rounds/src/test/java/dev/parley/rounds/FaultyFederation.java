package dev.parley.rounds;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundEvent.Deals;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole federation in virtual time, under a seeded mixture of faults: messages are lost in either direction, repeated,
 * delayed beyond any deadline and overtaken by others; sites come and go, restart with new keys, refuse, and lie in every
 * message that they send; stores fail; timers fire early. The shell is a faithful one: it does every effect, and keeps one
 * timer.
 */
final class FaultyFederation {
    /** How often each fault strikes, each 0 to 1. */
    record Faults(double loss, double repetition, double delay, double flapping, double malice, double storeFailure) {
        static Faults none() {
            return new Faults(0, 0, 0, 0, 0, 0);
        }

        static Faults random(Random random) {
            return new Faults(
                    dice(random, 0.15),
                    dice(random, 0.4),
                    dice(random, 0.1),
                    dice(random, 0.2),
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
    final Uploads uploads = new Uploads();

    private final SortedMap<SiteName, TestSite> members = new TreeMap<>();
    private final Random random;
    private final Faults faults;
    private final Observer observer;
    private final PriorityQueue<Delivery> queue =
            new PriorityQueue<>(Comparator.comparing(Delivery::at).thenComparing(Delivery::order));
    private Instant now = FederationFixture.T0;
    private Instant timer = Instant.MAX;
    private long deliveries;
    private int events;
    private int silentAfter = Integer.MAX_VALUE;

    FaultyFederation(FederationSpec spec, int sites, Faults faults, long seed, Observer observer) {
        this.engine = new FederationEngine(spec, FederationFixture.MODEL, 1);
        this.random = new Random(seed);
        this.faults = faults;
        this.observer = observer;
        for (int site = 0; site < sites; site++) {
            SiteName name = FederationFixture.site(site);
            members.put(name, new TestSite(name, uploads, seed));
        }
    }

    /** From so many events on, no site is heard any more. */
    FaultyFederation silentAfter(int number) {
        silentAfter = number;
        return this;
    }

    /** Runs until the federation has ended, and then lets everything that is still under way arrive. */
    void run() {
        deliver(Duration.ZERO, new FederationEvent.Start(now));
        members.values().forEach(member -> attach(30, member));
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
            if (events < silentAfter || isTheCoordinators(delivery.event())) {
                happen(delivery.event());
            }
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

    private static boolean isTheCoordinators(FederationEvent event) {
        return event instanceof RoundEvent.ReleaseCommitted
                || event instanceof RoundEvent.ReleaseFailed
                || event instanceof FederationEvent.Start;
    }

    private void happen(FederationEvent event) {
        FederationState before = engine.state();
        List<Effect> effects = engine.handle(event);
        observer.onEvent(before, event, engine.state(), effects);
        effects.forEach(this::perform);
        if (strikes(faults.flapping() / 10)) {
            TestSite member = anyMember();
            if (random.nextInt(3) == 0) {
                member.restart();
            }
            deliver(Duration.ZERO, new FederationEvent.SiteDetached(member.name(), now));
            attach(900, member);
        }
    }

    private TestSite anyMember() {
        return members.get(FederationFixture.site(random.nextInt(members.size())));
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Accumulate accumulate -> add(engine, accumulate, uploads);
            case Effect.Release release -> release(release);
            case Effect.ScheduleTick tick -> timer = tick.at();
            case Effect.EndFederation unused -> timer = Instant.MAX;
            case Effect.RejectSubmission unused -> {}
            case Effect.RejectEvaluation unused -> {}
            case Effect.RejectShares unused -> {}
            case Effect.CloseRound unused -> {}
            case Effect.AgreeKeys agree -> send(agree);
            case Effect.Invite invite -> send(invite);
            case Effect.StartCollecting start -> send(start);
            case Effect.AskConfirmations ask -> send(ask);
            case Effect.AskOpenings ask -> send(ask);
            case Effect.RequestEvaluation request -> send(request);
        }
    }

    /** Adds an update as a shell does, in pieces; twice is once. */
    static void add(FederationEngine engine, Effect.Accumulate accumulate, Uploads uploads) {
        byte[] bytes = uploads.masked(accumulate.contentHash());
        engine.accumulate(accumulate).ifPresent(addition -> {
            addition.feed(ByteBuffer.wrap(bytes, 0, bytes.length / 2));
            addition.feed(ByteBuffer.wrap(bytes, bytes.length / 2, bytes.length - bytes.length / 2));
            addition.finish();
        });
    }

    // ---- sites

    /** What is sent to a site that has gone is lost, and so is some of the rest. */
    private void send(Effect effect) {
        for (TestSite member : members.values()) {
            boolean arrives = engine.state().attached().contains(member.name()) && !strikes(faults.loss());
            if (arrives && member.hears(effect)) {
                answer(effect, member);
            }
        }
    }

    private void answer(Effect effect, TestSite member) {
        switch (effect) {
            case Effect.AgreeKeys unused -> agree(member);
            case Effect.Invite invite -> takePart(invite.plan(), member);
            case Effect.StartCollecting start -> submit(start.plan(), member);
            case Effect.AskConfirmations ask -> confirm(ask, member);
            case Effect.AskOpenings unused -> open(member);
            case Effect.RequestEvaluation unused -> evaluate(member);
            default -> throw new AssertionError("no site is sent " + effect);
        }
    }

    private void agree(TestSite member) {
        FederationEvent.KeysAgreed right = (FederationEvent.KeysAgreed) member.agreed(now);
        if (strikes(faults.malice()) && !right.encapsulations().isEmpty()) {
            SortedMap<Integer, Bytes> wrong = new TreeMap<>(right.encapsulations());
            switch (random.nextInt(3)) {
                case 0 -> wrong.remove(wrong.firstKey());
                case 1 -> wrong.put(wrong.firstKey(), garbage(random.nextInt(40)));
                default -> wrong.put(wrong.firstKey(), garbage(EpochKeys.ENCAPSULATION_BYTES));
            }
            later(20, at -> new FederationEvent.KeysAgreed(member.name(), right.roster(), wrong, at));
            return;
        }
        later(20, at -> new FederationEvent.KeysAgreed(member.name(), right.roster(), right.encapsulations(), at));
    }

    private void takePart(RoundPlan plan, TestSite member) {
        SiteName site = member.name();
        if (strikes(faults.malice())) {
            later(200, at -> new RoundEvent.SiteRefused(site, plan.hash(), "owner's rule", at));
            if (random.nextBoolean()) {
                return;
            }
        }
        RoundEvent answer = member.accepted(now);
        if (answer instanceof RoundEvent.SiteAccepted accepted && strikes(faults.malice())) {
            Deals forged = forge(accepted.deals());
            later(20, at -> new RoundEvent.SiteAccepted(site, plan.hash(), forged, at));
        } else {
            later(20, at -> at(answer, at));
        }
        if (strikes(faults.malice())) {
            // Updates before the cohort is known, in another's place, for a plan that was never made.
            SiteName other = FederationFixture.site(random.nextInt(members.size() + 3));
            ContentHash content = uploads.hold(garbage(random.nextInt(40)).toArray());
            later(
                    300,
                    at -> new RoundEvent.SubmissionCompleted(
                            plan.submissionOf(other), random.nextBoolean() ? plan.hash() : content, content, at));
        }
    }

    private Deals forge(Deals deals) {
        Deal deal = deals.update();
        List<Deal.DealtShare> shares = new ArrayList<>(deal.shares());
        int at = random.nextInt(shares.size());
        Deal.DealtShare share = shares.get(at);
        return switch (random.nextInt(5)) {
            case 0 -> new Deals(new Deal(deal.from() + 1, shares, deal.deposit()), deals.evaluation());
            case 1 -> new Deals(deal, deals.evaluation().isPresent() ? Optional.empty() : Optional.of(deal));
            case 2 -> new Deals(new Deal(deal.from(), shares.subList(0, at), deal.deposit()), deals.evaluation());
            // These two are noticed by the peers alone.
            case 3 -> {
                shares.set(
                        at, new Deal.DealtShare(share.to(), garbage(share.box().size()), share.commitment()));
                yield new Deals(new Deal(deal.from(), shares, deal.deposit()), deals.evaluation());
            }
            default ->
                new Deals(new Deal(deal.from(), shares, garbage(deal.deposit().size())), deals.evaluation());
        };
    }

    private void submit(RoundPlan plan, TestSite member) {
        Random training = new Random(plan.id().round() * 31L + member.name().hashCode());
        RoundEvent answer = member.submitted(
                new TestSite.Update(
                        0.01 + 0.99 * training.nextDouble(),
                        (float) training.nextGaussian(),
                        (float) training.nextGaussian() * 3,
                        (float) training.nextGaussian()),
                now);
        if (answer instanceof RoundEvent.SubmissionCompleted submission && strikes(faults.malice())) {
            int size = uploads.masked(submission.contentHash()).length;
            ContentHash other = uploads.hold(garbage(random.nextBoolean() ? size : random.nextInt(2 * size))
                    .toArray());
            later(
                    300,
                    at -> new RoundEvent.SubmissionCompleted(
                            submission.submission(), submission.planHash(), other, at));
        }
        later(300, at -> at(answer, at));
    }

    private void confirm(Effect.AskConfirmations ask, TestSite member) {
        RoundEvent answer = member.confirmed(now);
        if (answer instanceof RoundEvent.SurvivorsConfirmed right && strikes(faults.malice())) {
            Confirmation wrong = switch (random.nextInt(3)) {
                case 0 -> new Confirmation(right.confirmation().from(), garbage(64));
                case 1 -> new Confirmation(right.confirmation().from(), garbage(random.nextInt(70)));
                default ->
                    new Confirmation(
                            right.confirmation().from() + 1,
                            right.confirmation().signature());
            };
            Purpose purpose = random.nextInt(4) == 0 ? Purpose.UPDATE : ask.purpose();
            later(20, at -> new RoundEvent.SurvivorsConfirmed(right.site(), right.planHash(), purpose, wrong, at));
            return;
        }
        later(20, at -> at(answer, at));
    }

    private void open(TestSite member) {
        RoundEvent answer = member.revealed(now);
        if (answer instanceof RoundEvent.SharesRevealed right && strikes(faults.malice())) {
            Opening wrong = forge(right.opening());
            later(20, at -> new RoundEvent.SharesRevealed(right.site(), right.planHash(), right.purpose(), wrong, at));
            return;
        }
        later(20, at -> at(answer, at));
    }

    private Opening forge(Opening opening) {
        List<OpenedShare> shares = new ArrayList<>(opening.shares());
        int at = random.nextInt(shares.size());
        OpenedShare share = shares.get(at);
        switch (random.nextInt(3)) {
            case 0 -> shares.remove(at);
            case 1 ->
                shares.set(
                        at,
                        new OpenedShare(
                                share.dealer(),
                                share.kind(),
                                garbage(share.share().size())));
            default ->
                shares.set(
                        at,
                        new OpenedShare(
                                share.dealer(),
                                switch (share.kind()) {
                                    case RECOVERY_KEY -> dev.parley.privacy.secagg.ShareKind.SELF_SEED;
                                    case SELF_SEED -> dev.parley.privacy.secagg.ShareKind.RECOVERY_KEY;
                                },
                                share.share()));
        }
        return new Opening(opening.from(), shares);
    }

    private void evaluate(TestSite member) {
        int records = 1 + Math.floorMod(member.name().hashCode(), 7);
        EvaluationCounts counts =
                strikes(faults.malice()) ? EvaluationCounts.none(3) : FederationFixture.counts(records);
        member.evaluated(counts, now).ifPresent(event -> {
            RoundEvent.EvaluationReceived right = (RoundEvent.EvaluationReceived) event;
            Bytes masked = strikes(faults.malice()) ? garbage(right.masked().size()) : right.masked();
            later(
                    100,
                    at -> new RoundEvent.EvaluationReceived(right.site(), right.round(), right.version(), masked, at));
        });
    }

    private Bytes garbage(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Bytes.of(bytes);
    }

    /** The same answer at the time when it arrives. */
    private static RoundEvent at(RoundEvent answer, Instant at) {
        return switch (answer) {
            case RoundEvent.SiteAccepted a -> new RoundEvent.SiteAccepted(a.site(), a.planHash(), a.deals(), at);
            case RoundEvent.SiteRefused r -> new RoundEvent.SiteRefused(r.site(), r.planHash(), r.rule(), at);
            case RoundEvent.SubmissionCompleted s ->
                new RoundEvent.SubmissionCompleted(s.submission(), s.planHash(), s.contentHash(), at);
            case RoundEvent.SurvivorsConfirmed c ->
                new RoundEvent.SurvivorsConfirmed(c.site(), c.planHash(), c.purpose(), c.confirmation(), at);
            case RoundEvent.SharesRevealed r ->
                new RoundEvent.SharesRevealed(r.site(), r.planHash(), r.purpose(), r.opening(), at);
            default -> throw new AssertionError("no site answers " + answer);
        };
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
    private void attach(int typicalSeconds, TestSite member) {
        Duration delay = delay(typicalSeconds);
        Announcement announcement = member.announcement();
        deliver(delay, new FederationEvent.SiteAttached(member.name(), announcement, now.plus(delay)));
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
