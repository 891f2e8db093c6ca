package dev.parley.sim.simulation;

import dev.parley.agent.egress.Verdict;
import dev.parley.agent.participation.AddressedModel;
import dev.parley.agent.participation.Assignment;
import dev.parley.agent.participation.Participation;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.agent.participation.SumMembership;
import dev.parley.agent.storage.PledgeBook;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.statistics.CountsEncoding;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationEngine;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationOutcome;
import dev.parley.rounds.FederationPhase;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.ReleaseResult;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.RoundEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;

/**
 * The shell around the rounds' engine that the simulator is: sites work on threads of this process, time stands still (no
 * site is ever late), and updates are added as they come. A site does what it is asked in the order in which it was asked, as
 * over its one control stream; only different sites work at the same time.
 *
 * <p><b>Guarantees</b>: the model's bits are those of real processes with the same specification and records, whatever the
 * number of threads. A site that cannot take part ends the run with the reason.
 */
final class SimulatedFederation {
    private static final Instant NOW = Instant.EPOCH;

    /** A simulation is about one computer's own records: its sites only keep what makes a sum a sum. */
    private static final SiteFloors FLOORS = new SiteFloors(2, 2, 0, Map.of(), EnumSet.allOf(Allowance.class));

    private final FederationSpec spec;
    private final FederationEngine engine;
    private final SortedMap<SiteName, SimulatedSite> sites;
    private final StepListener steps;
    private final RoundScores scores;
    private final RunListener listener;
    private final CompletionService<Done> work;
    /** Sites at work, each with what it has still to do. */
    private final Map<SiteName, Queue<Callable<Arrival>>> busy = new HashMap<>();
    /** Masks and keys; the model does not depend on them. */
    private final SecureRandom random = new SecureRandom();

    private final Queue<FederationEvent> pending = new ArrayDeque<>();
    private final Map<ContentHash, MaskedUpdate> held = new HashMap<>();
    private final List<RoundEntry> rounds = new ArrayList<>();
    /** Rounds for which a site was asked to train. An attempt repeated trains the same, so it counts once. */
    private final SortedMap<SiteName, Set<Integer>> trained = new TreeMap<>();

    private long roundBegan;
    private long aggregationNanos;
    private long upBytes;
    private long downBytes;
    private long upBefore;
    private long downBefore;

    /** A site: what it learns from, and its membership in the sums. */
    private record SimulatedSite(SiteParticipant participant, SumMembership sums) {}

    /** A site has done one thing that it was asked. */
    private record Done(SiteName site, Arrival arrival) {}

    /** What a site's work gave. */
    private sealed interface Arrival {
        /** Something to tell the coordinator. */
        record Said(FederationEvent event) implements Arrival {}

        record Took(SiteName site, RoundPlan plan, MaskedUpdate update) implements Arrival {}

        record LeftOut(SiteName site, String reason) implements Arrival {}
    }

    SimulatedFederation(
            FederationSpec spec,
            ParameterVector initial,
            SortedMap<SiteName, SiteParticipant> sites,
            Workers workers,
            StepListener steps,
            RoundScores scores,
            RunListener listener) {
        this.spec = spec;
        this.engine = new FederationEngine(spec, initial, workers.threads());
        this.sites = new TreeMap<>();
        sites.forEach((site, participant) -> this.sites.put(site, new SimulatedSite(participant, membership(site))));
        this.steps = steps;
        this.scores = scores;
        this.listener = listener;
        this.work = workers.completion();
    }

    /** What sites keep: what makes a sum a sum; under noise, also the honest sites that it counts on. */
    static SiteFloors floors(FederationSpec spec) {
        MaskingRule masking = spec.update().masking();
        int fewest = masking.fewestUpdates(spec.cohort());
        return spec.update().noise() instanceof UpdateNoise.None
                ? FLOORS
                : new SiteFloors(fewest, fewest, masking.colluding(), Map.of(), EnumSet.allOf(Allowance.class));
    }

    Federated run() throws SimulationException, InterruptedException {
        long began = System.nanoTime();
        pending.add(new FederationEvent.Start(NOW));
        sites.forEach((site, simulated) -> pending.add(
                new FederationEvent.SiteAttached(site, simulated.sums().announcement(), NOW)));
        while (!(engine.state().phase() instanceof FederationPhase.Ended)) {
            FederationEvent event = pending.isEmpty() ? take() : pending.remove();
            for (Effect effect : engine.handle(event)) {
                perform(effect);
            }
        }
        FederationPhase.Ended ended = (FederationPhase.Ended) engine.state().phase();
        if (!(ended.outcome() instanceof FederationOutcome.Completed)) {
            throw new SimulationException(
                    "the federation did not complete: " + ended.outcome().description());
        }
        double aggregation = aggregationNanos / 1e9;
        return new Federated(
                engine.current(),
                rounds,
                new Bytes(upBytes, downBytes),
                trainedRounds(),
                (System.nanoTime() - began) / 1e9 - aggregation,
                aggregation);
    }

    private SortedMap<SiteName, Integer> trainedRounds() {
        SortedMap<SiteName, Integer> counts = new TreeMap<>();
        trained.forEach((site, numbers) -> counts.put(site, numbers.size()));
        return counts;
    }

    private FederationEvent take() throws SimulationException, InterruptedException {
        if (busy.isEmpty()) {
            throw new IllegalStateException(
                    "nothing is under way in " + engine.state().phase());
        }
        Done done = Workers.get(work.take());
        goOn(done.site());
        return switch (done.arrival()) {
            case Arrival.Said said -> said.event();
            case Arrival.Took took -> submission(took);
            case Arrival.LeftOut out ->
                throw new SimulationException("site " + out.site() + " takes no part: " + out.reason());
        };
    }

    /** Has a site do something after what it was asked before. */
    private void ask(SiteName site, Callable<Arrival> task) {
        Queue<Callable<Arrival>> waiting = busy.get(site);
        if (waiting != null) {
            waiting.add(task);
            return;
        }
        busy.put(site, new ArrayDeque<>());
        begin(site, task);
    }

    private void goOn(SiteName site) {
        Callable<Arrival> next = java.util.Objects.requireNonNull(busy.get(site), "a site that was asked nothing")
                .poll();
        if (next == null) {
            busy.remove(site);
        } else {
            begin(site, next);
        }
    }

    private void begin(SiteName site, Callable<Arrival> task) {
        work.submit(() -> new Done(site, task.call()));
    }

    private FederationEvent submission(Arrival.Took took) {
        byte[] bytes = took.update().toBytes();
        ContentHash hash = ContentHash.of(bytes);
        upBytes += bytes.length;
        held.put(hash, took.update());
        return new RoundEvent.SubmissionCompleted(
                took.plan().submissionOf(took.site()), took.plan().hash(), hash, NOW);
    }

    private void perform(Effect effect) throws SimulationException, InterruptedException {
        switch (effect) {
            case Effect.AgreeKeys agree -> agree(agree);
            case Effect.Invite invite -> invite(invite);
            case Effect.StartCollecting start -> train(start);
            case Effect.AskConfirmations ask -> confirm(ask);
            case Effect.AskOpenings ask -> open(ask);
            case Effect.RejectShares rejected ->
                throw new SimulationException(
                        "what site " + rejected.site() + " dealt does not fit: " + rejected.refusal());
            case Effect.Accumulate accumulate -> {
                MaskedUpdate update = java.util.Objects.requireNonNull(
                        held.remove(accumulate.contentHash()), "an update that nobody sent is accumulated");
                long began = System.nanoTime();
                engine.accumulate(accumulate, update);
                aggregationNanos += System.nanoTime() - began;
            }
            case Effect.Release release -> release(release);
            case Effect.RequestEvaluation request -> evaluate(request);
            case Effect.CloseRound close -> closed(close);
            case Effect.RejectSubmission unused -> {}
            case Effect.RejectEvaluation unused -> {}
            case Effect.ScheduleTick unused -> {}
            case Effect.EndFederation unused -> {}
        }
    }

    private SumMembership membership(SiteName site) {
        try {
            return new SumMembership(
                    spec.name().value(),
                    site.value(),
                    SiteIdentityKey.generate(random),
                    floors(spec),
                    PledgeBook.inMemory(),
                    random);
        } catch (IOException e) {
            throw new UncheckedIOException("pledges in memory are kept without I/O", e);
        }
    }

    private void agree(Effect.AgreeKeys agree) {
        Roster roster = agree.roster();
        agree.asked()
                .forEach((site, peers) -> say(site, sums -> {
                    SortedMap<Integer, Deal.Bytes> encapsulations = new TreeMap<>();
                    taken(sums.agree(roster, peers))
                            .forEach((peer, bytes) -> encapsulations.put(peer, Deal.Bytes.of(bytes)));
                    return new FederationEvent.KeysAgreed(site, roster.hash(), encapsulations, NOW);
                }));
    }

    private void invite(Effect.Invite invite) {
        RoundPlan plan = invite.plan();
        ContentHash hash = plan.hash();
        roundBegan = System.nanoTime();
        upBefore = upBytes;
        downBefore = downBytes;
        Assignment assignment = assignment(plan);
        invite.encapsulations().forEach((site, encapsulations) -> {
            Verdict verdict = site(site).participant().check(assignment);
            if (verdict instanceof Verdict.Refused refused) {
                left(site, "by its rule '" + refused.rule() + "': " + refused.told());
                return;
            }
            say(site, sums -> {
                Map<Integer, byte[]> received = new HashMap<>();
                encapsulations.forEach((peer, bytes) -> received.put(peer, bytes.toArray()));
                SumMembership.Deals deals = taken(sums.deal(hash, assignment, invite.roster(), received));
                return new RoundEvent.SiteAccepted(
                        site, hash, new RoundEvent.Deals(deals.update(), deals.evaluation()), NOW);
            });
        });
    }

    private void train(Effect.StartCollecting start) {
        RoundPlan plan = start.plan();
        ContentHash hash = plan.hash();
        AddressedModel model = AddressedModel.of(engine.current().model());
        Assignment assignment = assignment(plan);
        start.notices().forEach((name, notices) -> {
            downBytes += engine.current().safetensors().length;
            if (plan.task() instanceof Task.Train) {
                trained.computeIfAbsent(name, unused -> new TreeSet<>())
                        .add(plan.id().round());
            }
            SimulatedSite site = site(name);
            ask(name, () -> {
                site.sums().join(hash, notices.update(), notices.evaluation());
                return switch (site.participant().participate(assignment, model, steps)) {
                    case Participation.Contributed contributed ->
                        site.sums()
                                .mask(hash, Purpose.UPDATE, plan.modelHash(), contributed.update()::mask)
                                .<Arrival>map(update -> new Arrival.Took(name, plan, update))
                                .orElseGet(() -> new Arrival.LeftOut(name, "it refuses the cohort of " + plan.id()));
                    case Participation.Declined declined ->
                        new Arrival.LeftOut(
                                name,
                                "by its rule '" + declined.refusal().rule() + "': "
                                        + declined.refusal().told());
                    case Participation.Diverged diverged ->
                        new Arrival.LeftOut(name, plan.id() + ": " + diverged.reason());
                };
            });
        });
    }

    private void confirm(Effect.AskConfirmations ask) {
        ask.sites()
                .forEach(site -> say(
                        site,
                        sums -> new RoundEvent.SurvivorsConfirmed(
                                site,
                                ask.plan(),
                                ask.purpose(),
                                taken(sums.confirm(ask.plan(), ask.purpose(), ask.subject(), ask.survivors())),
                                NOW)));
    }

    private void open(Effect.AskOpenings ask) {
        ask.sites()
                .forEach(site -> say(
                        site,
                        sums -> new RoundEvent.SharesRevealed(
                                site,
                                ask.plan(),
                                ask.purpose(),
                                taken(sums.open(ask.plan(), ask.purpose(), ask.confirmations())),
                                NOW)));
    }

    /** What a site says in a round's sums. */
    private interface Saying {
        FederationEvent of(SumMembership sums) throws IOException, SimulationException;
    }

    private void say(SiteName name, Saying saying) {
        SumMembership sums = site(name).sums();
        ask(name, () -> {
            try {
                return new Arrival.Said(saying.of(sums));
            } catch (SimulationException e) {
                return new Arrival.LeftOut(name, String.valueOf(e.getMessage()));
            }
        });
    }

    private void left(SiteName site, String reason) {
        ask(site, () -> new Arrival.LeftOut(site, reason));
    }

    private static <T> T taken(Step<T> step) throws SimulationException {
        return switch (step) {
            case Step.Taken<T> taken -> taken.result();
            case Step.Refused<T> refused ->
                throw new SimulationException(refused.refusal().toString());
        };
    }

    private void release(Effect.Release release) {
        long began = System.nanoTime();
        ReleaseResult result = engine.release(release);
        aggregationNanos += System.nanoTime() - began;
        RoundId round = release.plan().id();
        pending.add(
                switch (result) {
                    case ReleaseResult.Candidate candidate ->
                        new RoundEvent.ReleaseCommitted(
                                round, candidate.version().hash(), NOW);
                    case ReleaseResult.Unusable unusable -> new RoundEvent.ReleaseFailed(round, unusable.reason(), NOW);
                });
    }

    private void evaluate(Effect.RequestEvaluation request) {
        ParameterVector released = engine.current().model();
        CountsEncoding encoding = new CountsEncoding(spec.evaluation().classes(), CountsEncoding.MOST_SITES);
        for (SiteName name : request.sites()) {
            SimulatedSite site = site(name);
            ask(name, () -> {
                EvaluationCounts counts = site.participant().evaluate(released);
                ContentHash plan = site.sums().plan().orElseThrow();
                return site.sums()
                        .mask(plan, Purpose.EVALUATION, request.version(), mask -> encoding.mask(counts, mask))
                        .<Arrival>map(masked -> new Arrival.Said(new RoundEvent.EvaluationReceived(
                                name, request.round(), request.version(), Deal.Bytes.of(masked.toBytes()), NOW)))
                        .orElseGet(() -> new Arrival.LeftOut(name, "it is not in the sum of evaluations"));
            });
        }
    }

    private void closed(Effect.CloseRound close) throws SimulationException, InterruptedException {
        int round = close.plan().task() instanceof Task.Train train ? train.round() + 1 : 0;
        double seconds = (System.nanoTime() - roundBegan) / 1e9;
        Optional<Metrics> pooled = Optional.empty();
        int contributors = 0;
        int smallestSum = 0;
        if (close.outcome() instanceof RoundOutcome.Released released) {
            contributors = released.participation().contributors().size();
            smallestSum = close.plan().smallestSum(released.participation().contributors());
            pooled = released.evaluation()
                    .flatMap(EvaluationCounts::metrics)
                    .map(m -> new Metrics(m.n(), m.auroc(), m.accuracy(), m.macroF1(), m.ece(), m.brier()));
            if (pooled.isEmpty()) {
                pooled = scores.of(round, engine.current().model());
            }
        }
        RoundEntry entry = new RoundEntry(
                round,
                round == 0 ? "statistics" : "train",
                contributors,
                smallestSum,
                pooled,
                seconds,
                upBytes - upBefore,
                downBytes - downBefore);
        rounds.add(entry);
        listener.onRound(entry, spec.trainingRounds());
    }

    private SimulatedSite site(SiteName site) {
        return java.util.Objects.requireNonNull(sites.get(site), "a site that is not attached is asked");
    }

    /** What the wire does in a deployed federation: the plan as the site's side of the contract sees it. */
    private static Assignment assignment(RoundPlan plan) {
        return new Assignment(
                plan.federation().value(),
                plan.id().round(),
                plan.id().attempt(),
                switch (plan.task()) {
                    case Task.AgreeStatistics statistics -> new Assignment.Task.AgreeStatistics();
                    case Task.Train train -> new Assignment.Task.Train(train.round(), train.totalRounds());
                },
                plan.modelHash(),
                plan.layoutHash(),
                plan.learningHash(),
                plan.policyHash(),
                plan.cohort().stream().map(SiteName::value).toList(),
                plan.roster(),
                plan.clipNorm(),
                plan.exampleCap(),
                plan.proximalMu(),
                plan.noise(),
                plan.masking(),
                plan.evaluated(),
                plan.seed(),
                plan.deadline());
    }
}
