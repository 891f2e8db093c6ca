package dev.parley.sim.simulation;

import dev.parley.agent.participation.AddressedModel;
import dev.parley.agent.participation.Assignment;
import dev.parley.agent.participation.Participation;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.Effect;
import dev.parley.rounds.FederationEngine;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationOutcome;
import dev.parley.rounds.FederationPhase;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.ReleaseResult;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.RoundEntry;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;

/**
 * The shell around the rounds' engine that the simulator is: sites work on threads of this process, time stands still (no
 * site is ever late), and updates are added as they come, so that at most one for each thread is held.
 *
 * <p><b>Guarantees</b>: the model's bits are those of real processes with the same specification and records, whatever the
 * number of threads. A site that cannot take part ends the run with the reason.
 */
final class SimulatedFederation {
    private static final Instant NOW = Instant.EPOCH;

    private final FederationSpec spec;
    private final FederationEngine engine;
    private final SortedMap<SiteName, SiteParticipant> sites;
    private final StepListener steps;
    private final RoundScores scores;
    private final RunListener listener;
    private final CompletionService<Arrival> work;

    private final Queue<FederationEvent> pending = new ArrayDeque<>();
    private final Map<ContentHash, MaskedUpdate> held = new HashMap<>();
    private final List<RoundEntry> rounds = new ArrayList<>();
    private int underWay;
    private long roundBegan;
    private long aggregationNanos;
    private long upBytes;
    private long downBytes;
    private long upBefore;
    private long downBefore;

    /** What a site's work gave. */
    private sealed interface Arrival {
        record Took(SiteName site, RoundPlan plan, Participation participation) implements Arrival {}

        record Scored(SiteName site, RoundId round, ContentHash version, EvaluationCounts counts) implements Arrival {}
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
        this.engine = new FederationEngine(spec, initial);
        this.sites = new TreeMap<>(sites);
        this.steps = steps;
        this.scores = scores;
        this.listener = listener;
        this.work = workers.completion();
    }

    Federated run() throws SimulationException, InterruptedException {
        long began = System.nanoTime();
        pending.add(new FederationEvent.Start(NOW));
        sites.keySet().forEach(site -> pending.add(new FederationEvent.SiteAttached(site, NOW)));
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
                (System.nanoTime() - began) / 1e9 - aggregation,
                aggregation);
    }

    private FederationEvent take() throws SimulationException, InterruptedException {
        if (underWay == 0) {
            throw new IllegalStateException(
                    "nothing is under way in " + engine.state().phase());
        }
        Arrival arrival = Workers.get(work.take());
        underWay--;
        return switch (arrival) {
            case Arrival.Took took -> submission(took);
            case Arrival.Scored scored ->
                new RoundEvent.EvaluationReceived(
                        scored.site(), scored.round(), scored.version(), scored.counts(), NOW);
        };
    }

    private FederationEvent submission(Arrival.Took took) throws SimulationException {
        return switch (took.participation()) {
            case Participation.Contributed contributed -> {
                MaskedUpdate update = contributed.update();
                byte[] bytes = update.toBytes();
                ContentHash hash = ContentHash.of(bytes);
                upBytes += bytes.length;
                held.put(hash, update);
                yield new RoundEvent.SubmissionCompleted(
                        took.plan().submissionOf(took.site()), took.plan().hash(), hash, NOW);
            }
            case Participation.Declined declined ->
                throw new SimulationException("site " + took.site() + " takes no part, by its rule '"
                        + declined.refusal().rule() + "': " + declined.refusal().told());
            case Participation.Diverged diverged ->
                throw new SimulationException(
                        "site " + took.site() + ", " + took.plan().id() + ": " + diverged.reason());
        };
    }

    private void perform(Effect effect) throws SimulationException, InterruptedException {
        switch (effect) {
            case Effect.Invite invite -> invite(invite);
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
            case Effect.StartCollecting unused -> {}
            case Effect.RejectEvaluation unused -> {}
            case Effect.ScheduleTick unused -> {}
            case Effect.EndFederation unused -> {}
        }
    }

    private void invite(Effect.Invite invite) {
        RoundPlan plan = invite.plan();
        ContentHash hash = plan.hash();
        roundBegan = System.nanoTime();
        upBefore = upBytes;
        downBefore = downBytes;
        AddressedModel start = AddressedModel.of(engine.current().model());
        Assignment assignment = assignment(plan);
        for (SiteName site : invite.sites()) {
            pending.add(new RoundEvent.SiteAccepted(site, hash, NOW));
            downBytes += engine.current().safetensors().length;
            SiteParticipant participant = participant(site);
            underWay++;
            work.submit(() -> new Arrival.Took(site, plan, participant.participate(assignment, start, steps)));
        }
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
        for (SiteName site : request.sites()) {
            SiteParticipant participant = participant(site);
            underWay++;
            work.submit(
                    () -> new Arrival.Scored(site, request.round(), request.version(), participant.evaluate(released)));
        }
    }

    private void closed(Effect.CloseRound close) throws SimulationException, InterruptedException {
        int round = close.plan().task() instanceof Task.Train train ? train.round() + 1 : 0;
        double seconds = (System.nanoTime() - roundBegan) / 1e9;
        Optional<Metrics> pooled = Optional.empty();
        int contributors = 0;
        if (close.outcome() instanceof RoundOutcome.Released released) {
            contributors = released.participation().contributors().size();
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
                pooled,
                seconds,
                upBytes - upBefore,
                downBytes - downBefore);
        rounds.add(entry);
        listener.onRound(entry, spec.trainingRounds());
    }

    private SiteParticipant participant(SiteName site) {
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
                plan.clipNorm(),
                plan.cohortLimit(),
                plan.exampleCap(),
                plan.proximalMu(),
                plan.noise(),
                plan.masking(),
                plan.seed(),
                plan.deadline());
    }
}
