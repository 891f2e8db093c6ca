package dev.parley.agent.participation;

import dev.parley.agent.egress.Verdict;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Refusal;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.statistics.CountsEncoding;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.MaskedCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.EncodedUpdate;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateNoise;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the worker does for one request of the coordinator, start to end, on the worker's thread. Every way out that is not
 * the end of the scope is answered, so that a round does not wait for a site that will not contribute.
 */
final class SiteTasks {
    /** Fast enough for an eye; the coordinator allows many more. */
    private static final Duration PROGRESS_PACE = Duration.ofMillis(500);

    /** How often a site that waits for its cohort looks whether the round is over. */
    private static final Duration COHORT_WAIT = Duration.ofMillis(200);

    private static final Logger LOG = LoggerFactory.getLogger(SiteTasks.class);

    private final SiteWork work;
    private final SumMembership sums;
    private final BlobTransfer blobs;
    private final UpdateTransfer updates;
    private final Consumer<AgentMessage> voice;
    private final InstantSource clock;
    private @Nullable ContentHash boundTo;
    private SiteWork.@Nullable Binding binding;

    /** @param voice says a message on the control stream that is open now, if any */
    SiteTasks(
            SiteWork work,
            SumMembership sums,
            BlobTransfer blobs,
            UpdateTransfer updates,
            Consumer<AgentMessage> voice,
            InstantSource clock) {
        this.work = work;
        this.sums = sums;
        this.blobs = blobs;
        this.updates = updates;
        this.voice = voice;
        this.clock = clock;
    }

    /** Answers a plan; what was answered is what {@code answered} is told, for the case that it is asked again. */
    void takePart(ReceivedPlan plan, CallScope scope, Consumer<AgentMessage> answered) throws InterruptedException {
        Consumer<AgentMessage> answer = message -> {
            answered.accept(message);
            voice.accept(message);
        };
        Consumer<Verdict.Refused> refuse = refusal -> {
            LOG.atInfo()
                    .addKeyValue("round", plan.round())
                    .addKeyValue("rule", refusal.told())
                    .log("this site takes no part in the round");
            answer.accept(Answers.refused(work.federation(), plan, refusal));
        };
        switch (plan) {
            case ReceivedPlan.Unusable unusable -> refuse.accept(new Verdict.Refused("plan", unusable.reason()));
            case ReceivedPlan.Usable usable -> {
                try {
                    takePart(usable, scope, answer, refuse);
                } catch (BlobTransfer.UnobtainableException e) {
                    refuse.accept(new Verdict.Refused("plan", String.valueOf(e.getMessage())));
                } catch (Safetensors.MalformedSafetensorsException e) {
                    refuse.accept(new Verdict.Refused("plan", "the model is " + e.getMessage()));
                } catch (IOException e) {
                    if (!scope.hasEnded()) {
                        LOG.atError().setCause(e).log("the state folder cannot be read or written; is the disk full?");
                        refuse.accept(new Verdict.Refused("agent", "the site's state folder cannot be used"));
                    }
                } catch (CallScope.EndedException e) {
                    LOG.atInfo().addKeyValue("round", plan.round()).log("the round ended before this site was done");
                } catch (RuntimeException e) {
                    // A call cut by the end of the scope fails in many ways; those are no news.
                    if (!scope.hasEnded()) {
                        LOG.atError().setCause(e).log("a round broke this site's agent");
                        refuse.accept(new Verdict.Refused("agent", "the site's agent broke; its log says where"));
                    }
                }
            }
        }
    }

    private void takePart(
            ReceivedPlan.Usable plan, CallScope scope, Consumer<AgentMessage> answer, Consumer<Verdict.Refused> refuse)
            throws BlobTransfer.UnobtainableException, IOException, InterruptedException {
        Assignment assignment = plan.assignment();
        // The owner's rules come before the first byte is fetched.
        if (work.judge(assignment) instanceof Verdict.Refused refused) {
            refuse.accept(refused);
            return;
        }
        SiteParticipant participant;
        switch (bind(assignment.learning(), scope)) {
            case SiteWork.Binding.Unusable unusable -> {
                refuse.accept(unusable.refusal());
                return;
            }
            case SiteWork.Binding.Bound bound -> participant = bound.participant();
        }
        if (participant.check(assignment) instanceof Verdict.Refused refused) {
            refuse.accept(refused);
            return;
        }
        Roster roster = roster(assignment.roster(), scope);
        scope.requireOpen(); // or the secrets of a round that is over would lie here until the next
        switch (sums.deal(plan.hash(), assignment, roster, plan.encapsulations())) {
            case Step.Refused<SumMembership.Deals> refused -> {
                refuse.accept(SumMembership.refused(refused.refusal()));
                return;
            }
            case Step.Taken<SumMembership.Deals> deals ->
                answer.accept(Answers.accepted(work.federation(), plan, deals.result()));
        }
        LOG.atInfo()
                .addKeyValue("round", plan.round())
                .addKeyValue("attempt", plan.attempt())
                .addKeyValue("sites", assignment.cohort().size())
                .addKeyValue("plan", plan.hash().abbreviated())
                .log("this site takes part in a round");
        AddressedModel model = AddressedModel.read(blobs.fetch(assignment.model(), scope));
        switch (participant.participate(
                assignment, model, new PacedProgress(plan.round(), assignment.noise(), scope))) {
            case Participation.Contributed contributed -> mask(plan, contributed.update(), scope, refuse);
            case Participation.Declined declined -> refuse.accept(declined.refusal());
            case Participation.Diverged diverged -> refuse.accept(new Verdict.Refused("training", diverged.reason()));
        }
    }

    /** Masks as soon as it is known who is in the sum, and hands in. */
    private void mask(ReceivedPlan.Usable plan, EncodedUpdate update, CallScope scope, Consumer<Verdict.Refused> refuse)
            throws InterruptedException {
        Optional<Verdict> cohort = Optional.empty();
        while (cohort.isEmpty()) {
            scope.requireOpen();
            cohort = sums.awaitCohort(plan.hash(), COHORT_WAIT.toMillis());
        }
        scope.requireOpen();
        if (cohort.get() instanceof Verdict.Refused refused) {
            refuse.accept(refused);
            return;
        }
        Optional<MaskedUpdate> masked =
                sums.mask(plan.hash(), Purpose.UPDATE, plan.assignment().model(), update::mask);
        scope.requireOpen();
        if (masked.isEmpty()) {
            refuse.accept(new Verdict.Refused(
                    "secure-aggregation", "this site is no longer in the round's sum, or has handed in for it before"));
            return;
        }
        submit(plan, masked.get(), scope);
    }

    private void submit(ReceivedPlan.Usable plan, MaskedUpdate update, CallScope scope) throws InterruptedException {
        switch (updates.submit(plan, update, scope)) {
            case UpdateTransfer.Outcome.Complete complete ->
                LOG.atInfo()
                        .addKeyValue("round", plan.round())
                        .addKeyValue("bytes", complete.bytes())
                        .log("the update was handed in");
            case UpdateTransfer.Outcome.Refused refused ->
                LOG.atWarn()
                        .addKeyValue("round", plan.round())
                        .addKeyValue("reason", refused.reason())
                        .log("the coordinator did not take the update");
        }
    }

    /** Scores a model and reports; {@code reported} gets the report for the case that it is asked for again. */
    void score(int round, ContentHash model, ContentHash learning, CallScope scope, Consumer<AgentMessage> reported)
            throws InterruptedException {
        try {
            if (work.judgeEvaluation() instanceof Verdict.Refused refused) {
                LOG.atInfo().addKeyValue("rule", refused.told()).log("this site does not score the model");
                report(round, model, work.noCounts(), reported);
                return;
            }
            EvaluationCounts counts = switch (bind(learning, scope)) {
                case SiteWork.Binding.Bound bound ->
                    bound.participant()
                            .evaluate(AddressedModel.read(blobs.fetch(model, scope))
                                    .parameters());
                case SiteWork.Binding.Unusable unusable -> {
                    LOG.atWarn().addKeyValue("rule", unusable.refusal().told()).log("this site cannot score the model");
                    yield work.noCounts();
                }
            };
            scope.requireOpen();
            report(round, model, counts, reported);
        } catch (CallScope.EndedException e) {
            LOG.atInfo().addKeyValue("round", round).log("the evaluation ended before this site was done");
        } catch (IOException | BlobTransfer.UnobtainableException | RuntimeException e) {
            if (scope.hasEnded()) {
                return;
            }
            LOG.atError().setCause(e).log("a model could not be scored");
            report(round, model, work.noCounts(), reported);
        }
    }

    private void report(int round, ContentHash model, EvaluationCounts counts, Consumer<AgentMessage> reported) {
        CountsEncoding encoding = new CountsEncoding(counts.classes(), CountsEncoding.MOST_SITES);
        Optional<MaskedCounts> masked = sums.plan()
                .flatMap(plan -> sums.mask(plan, Purpose.EVALUATION, model, mask -> encoding.mask(counts, mask)));
        if (masked.isEmpty()) {
            LOG.atWarn().addKeyValue("round", round).log("this site is not in the sum of evaluations; nothing is sent");
            return;
        }
        AgentMessage message = Answers.evaluation(round, model, masked.get());
        reported.accept(message);
        voice.accept(message);
    }

    // ---- secure aggregation

    /** Agrees on secrets with peers; {@code agreed} gets the answer for the case that it is asked for again. */
    void agree(ContentHash rosterHash, MemberSet peers, CallScope scope, Consumer<AgentMessage> agreed)
            throws InterruptedException {
        try {
            switch (sums.agree(roster(rosterHash, scope), peers)) {
                case Step.Refused<SortedMap<Integer, byte[]>> refused -> notGoingOn(refused.refusal());
                case Step.Taken<SortedMap<Integer, byte[]>> taken -> {
                    AgentMessage message = SumMessages.agreement(rosterHash, taken.result());
                    agreed.accept(message);
                    voice.accept(message);
                }
            }
        } catch (CallScope.EndedException e) {
            LOG.atDebug().log("the agreement on keys was replaced by another request");
        } catch (BlobTransfer.UnobtainableException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("keys could not be agreed");
        } catch (IOException | RuntimeException e) {
            if (!scope.hasEnded()) {
                LOG.atError().setCause(e).log("keys could not be agreed");
            }
        }
    }

    private Roster roster(ContentHash hash, CallScope scope)
            throws BlobTransfer.UnobtainableException, IOException, InterruptedException {
        byte[] bytes = blobs.fetch(hash, scope);
        try {
            return Roster.of(bytes);
        } catch (IllegalArgumentException e) {
            throw new BlobTransfer.UnobtainableException("the roster is not one: " + e.getMessage());
        }
    }

    void join(ContentHash plan, CohortNotice update, Optional<CohortNotice> evaluation) {
        sums.join(plan, update, evaluation);
    }

    void confirm(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
        switch (sums.confirm(plan, purpose, subject, survivors)) {
            case Step.Refused<Confirmation> refused -> notGoingOn(refused.refusal());
            case Step.Taken<Confirmation> taken -> voice.accept(SumMessages.signed(plan, purpose, taken.result()));
        }
    }

    void open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) {
        try {
            switch (sums.open(plan, purpose, confirmations)) {
                case Step.Refused<Opening> refused -> notGoingOn(refused.refusal());
                case Step.Taken<Opening> taken -> voice.accept(SumMessages.revealed(plan, purpose, taken.result()));
            }
        } catch (IOException e) {
            // Nothing was said: a share that is not pledged for is not revealed.
            LOG.atError().setCause(e).log("the site's pledges could not be kept; is the disk full?");
        }
    }

    /** @return whether the site should attend anew, with new keys */
    boolean leave() {
        sums.leave();
        return sums.needsNewEpoch();
    }

    private static void notGoingOn(Refusal refusal) {
        LOG.atWarn().addKeyValue("reason", refusal).log("this site does not go on with a secure sum");
    }

    private SiteWork.Binding bind(ContentHash learning, CallScope scope)
            throws BlobTransfer.UnobtainableException, IOException, InterruptedException {
        SiteWork.Binding known = binding;
        if (known != null && learning.equals(boundTo)) {
            return known;
        }
        SiteWork.Binding fresh = work.bind(blobs.fetch(learning, scope));
        binding = fresh;
        boundTo = learning;
        return fresh;
    }

    /**
     * Reports steps at a pace, and stops training when the scope has ended. How many steps there are depends on the number
     * of records, so nothing is reported where noise hides the whole site.
     */
    private final class PacedProgress implements dev.parley.learning.training.Learner.StepListener {
        private final int round;
        private final UpdateNoise noise;
        private final CallScope scope;
        private Instant next = Instant.MIN;

        PacedProgress(int round, UpdateNoise noise, CallScope scope) {
            this.round = round;
            this.noise = noise;
            this.scope = scope;
        }

        @Override
        public void onStep(int step, int steps) {
            scope.requireOpen();
            if (!(noise instanceof UpdateNoise.None)) {
                return;
            }
            Instant now = clock.instant();
            if (step == steps || !now.isBefore(next)) {
                next = now.plus(PROGRESS_PACE);
                voice.accept(Answers.progress(round, step, steps));
            }
        }
    }
}
