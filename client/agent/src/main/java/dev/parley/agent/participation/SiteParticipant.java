package dev.parley.agent.participation;

import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.egress.Verdict;
import dev.parley.agent.participation.Assignment.Task;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.BudgetRefusedException;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.learning.training.Learner.Trained;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ClippedUpdate;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.NonFiniteUpdateException;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.UnencodableUpdateException;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The site's side of a round, without network, clock or files: plan and model in, encoded update out, for {@link
 * SumMembership} to mask. The deployed agent and the simulator run exactly this class.
 *
 * <p><b>Guarantees</b>: equal arguments give equal bits, but for noise; safe for use by many threads; the rules and the plan are checked
 * before a record is touched; only consented records are used; an update is clipped, noised and encoded as the plan
 * declares; a sum under noise is paid for before a record is looked at. <b>Does not</b> add noise that the plan does not declare: {@link SiteRules} refuses such plans.
 */
public final class SiteParticipant {
    private final String site;
    private final Learner learner;
    private final ContentHash learning;
    private final ConsentedRecords training;
    private final ConsentedRecords heldOut;
    private final SiteRules rules;
    private final NoiseShare share;

    /**
     * With noise from the platform's strong generator, and nothing to pay for it from.
     *
     * @param site the name under which the site is enrolled
     * @param learning hash of the document that {@code learner} was made from
     * @param training the records to train on
     * @param heldOut the records on which released models are scored; of other subjects
     */
    public SiteParticipant(
            String site,
            Learner learner,
            ContentHash learning,
            ConsentedRecords training,
            ConsentedRecords heldOut,
            SiteRules rules) {
        this(site, learner, learning, training, heldOut, rules, NoiseShare.SECURE);
    }

    /** @param share the site's part in noise that sites make together */
    public SiteParticipant(
            String site,
            Learner learner,
            ContentHash learning,
            ConsentedRecords training,
            ConsentedRecords heldOut,
            SiteRules rules,
            NoiseShare share) {
        this.site = site;
        this.learner = learner;
        this.learning = learning;
        this.training = training;
        this.heldOut = heldOut;
        this.rules = rules;
        this.share = share;
    }

    /** Whether this site would take part: the owner's rules first, then what the plan promises about itself. */
    public Verdict check(Assignment assignment) {
        Verdict verdict = rules.judge(site, training.purpose(), assignment.proposedUse());
        if (verdict instanceof Verdict.Refused) {
            return verdict;
        }
        if (training.records().isEmpty()) {
            return new Verdict.Refused(
                    "consent", "no training record may be used for '" + training.purpose() + "' at this site");
        }
        if (!assignment.learning().equals(learning)) {
            return new Verdict.Refused(
                    "plan",
                    "the plan's learning document " + assignment.learning().abbreviated()
                            + "... is not the one this agent has loaded, " + learning.abbreviated() + "...");
        }
        if (!assignment.layout().equals(learner.layout().hash())) {
            return new Verdict.Refused(
                    "plan",
                    "the plan's layout " + assignment.layout().abbreviated()
                            + "... is not what its learning document builds, "
                            + learner.layout().hash().abbreviated() + "...");
        }
        if (assignment.task() instanceof Task.AgreeStatistics && !learner.needsStatistics()) {
            return new Verdict.Refused("plan", "the plan asks for statistics that its learning document does not use");
        }
        if (protection(assignment) instanceof Verdict.Refused refused) {
            return refused;
        }
        return encodes(assignment);
    }

    /** What the owner's rules say to what would leave, and whether it can be paid for. */
    private Verdict protection(Assignment assignment) {
        if (assignment.task() instanceof Task.AgreeStatistics && assignment.noise() instanceof UpdateNoise.None) {
            return rules.judgeUnnoised();
        }
        Verdict verdict = rules.judgeProtection(assignment.noise(), learner.privacy());
        return verdict instanceof Verdict.Refused
                ? verdict
                : learner.objection()
                        .<Verdict>map(reason -> new Verdict.Refused("budget", reason))
                        .orElse(verdict);
    }

    /** Whether an update has a form under this plan, and the noise in its sum can be paid for. */
    private Verdict encodes(Assignment assignment) {
        try {
            UpdateEncoding encoding = assignment.encoding(learner.layout().size());
            return encoding.release()
                    .flatMap(sum -> share.objection(Release.of("another sum", sum)))
                    .<Verdict>map(reason -> new Verdict.Refused("budget", reason))
                    .orElseGet(Verdict.Allowed::new);
        } catch (IllegalArgumentException e) {
            return new Verdict.Refused("plan", String.valueOf(e.getMessage()));
        }
    }

    /**
     * Takes part in a round.
     *
     * @param model what the plan names by hash
     * @param progress told after each training step; what it throws ends the call
     */
    public Participation participate(Assignment assignment, AddressedModel model, StepListener progress) {
        Verdict verdict = check(assignment);
        if (verdict instanceof Verdict.Refused refused) {
            return new Participation.Declined(refused);
        }
        if (!model.hash().equals(assignment.model())
                || !model.parameters().layout().hash().equals(assignment.layout())) {
            return new Participation.Declined(new Verdict.Refused(
                    "plan",
                    "the model " + model.hash().abbreviated() + "... is not the one of the plan, "
                            + assignment.model().abbreviated() + "..., or has another layout"));
        }
        UpdateEncoding encoding = assignment.encoding(learner.layout().size());
        Optional<String> unpaid = encoding.release()
                .flatMap(sum -> share.pay(
                        Release.of("round " + assignment.round() + ", attempt " + assignment.attempt(), sum)));
        if (unpaid.isPresent()) {
            return new Participation.Declined(new Verdict.Refused("budget", unpaid.get()));
        }
        List<SiteRecord> records = training.records();
        try {
            Trained trained = switch (assignment.task()) {
                case Task.AgreeStatistics statistics ->
                    new Trained(learner.statistics(model.parameters(), records), records.size(), 0, 0);
                case Task.Train train ->
                    learner.train(
                            model.parameters(),
                            records,
                            new RoundPosition(train.round(), train.totalRounds(), assignment.proximalMu()),
                            SiteSeed.derive(assignment.seed(), assignment.round(), site),
                            progress);
            };
            return contribute(assignment, model, trained, encoding);
        } catch (BudgetRefusedException e) {
            return new Participation.Declined(new Verdict.Refused("budget", String.valueOf(e.getMessage())));
        } catch (NonFiniteUpdateException | UnencodableUpdateException e) {
            return new Participation.Diverged(String.valueOf(e.getMessage()));
        }
    }

    private String occasion(Assignment assignment) {
        return site + "/" + SiteSeed.derive(assignment.seed(), assignment.round(), site) + "/" + assignment.attempt();
    }

    /**
     * What the rounding draws from: derived, so that the same round gives the same bits. It hides nothing, which is what
     * noise and masks are for.
     */
    private SecretSeed rounding(Assignment assignment) {
        return SecretSeed.copyOf(
                ContentHash.of(("parley-rounding-v1/" + occasion(assignment)).getBytes(StandardCharsets.UTF_8))
                        .bytes(),
                SecretAccess.token());
    }

    /** For a simulation whose noise can be repeated; apart from what training draws, and of no use elsewhere. */
    private long noiseSeed(Assignment assignment) {
        return ByteBuffer.wrap(
                        ContentHash.of(("parley-noise-v1/" + occasion(assignment)).getBytes(StandardCharsets.UTF_8))
                                .bytes())
                .getLong();
    }

    private Participation contribute(
            Assignment assignment, AddressedModel before, Trained after, UpdateEncoding encoding) {
        ClippedUpdate clipped = difference(assignment, before, after).clip(assignment.clipNorm());
        return new Participation.Contributed(
                clipped.noise(assignment.noise(), share.origin().forRound(noiseSeed(assignment)))
                        .encode(encoding, rounding(assignment)),
                new Participation.LocalOutcome(
                        after.examples(), after.steps(), after.meanLoss(), clipped.wasClipped()));
    }

    /**
     * What training changed. Where noise hides the whole site, training that diverged counts as no change: that the site
     * left the round would tell of its records.
     */
    private static RawUpdate difference(Assignment assignment, AddressedModel before, Trained after) {
        ContributionWeight weight = ContributionWeight.of(after.examples(), assignment.exampleCap());
        return switch (assignment.noise()) {
            case UpdateNoise.None none -> RawUpdate.between(before.parameters(), after.model(), weight);
            case UpdateNoise.DistributedGaussian gaussian -> {
                // Of two finite models the difference may still be too large for a float.
                boolean finite = after.model().minus(before.parameters()).firstNonFinite() < 0;
                yield RawUpdate.between(before.parameters(), finite ? after.model() : before.parameters(), weight);
            }
        };
    }

    /** Whether this site would score a released model of the federation. */
    public Verdict checkEvaluation(String federation) {
        return rules.judgeEvaluation(federation, heldOut.purpose());
    }

    /**
     * Scores a released model on the held-out records, every modality that a record has in use.
     *
     * @throws IllegalArgumentException if the model has another layout than the learning document builds
     */
    public EvaluationCounts evaluate(ParameterVector model) {
        if (!model.layout().equals(learner.layout())) {
            throw new IllegalArgumentException("the model to score has layout "
                    + model.layout().hash().abbreviated() + "..., the learning document builds "
                    + learner.layout().hash().abbreviated() + "...");
        }
        List<SiteRecord> records = heldOut.records();
        int classes = learner.schema().classes().size();
        float[] probabilities =
                learner.predict(model, records, Set.copyOf(learner.schema().modalityNames()));
        return EvaluationCounts.of(
                probabilities, records.stream().mapToInt(SiteRecord::label).toArray(), classes);
    }

    @Override
    public String toString() {
        return "SiteParticipant[" + site + "]";
    }
}
