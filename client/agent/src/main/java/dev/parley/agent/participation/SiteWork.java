package dev.parley.agent.participation;

import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.egress.Verdict;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.training.Learner;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import java.util.Optional;

/**
 * What a site brings to a federation.
 *
 * @param site the name under which it is enrolled
 * @param federation the federation that it attends
 * @param schema what its records have
 * @param training consented records to train on
 * @param heldOut consented records on which released models are scored
 * @param learners makes a learner from a learning document
 * @param share its part in noise that sites make together
 */
public record SiteWork(
        String site,
        String federation,
        RecordSchema schema,
        ConsentedRecords training,
        ConsentedRecords heldOut,
        SiteRules rules,
        Learners learners,
        NoiseShare share) {
    /** With nothing to pay from for noise that sites make together. */
    public SiteWork(
            String site,
            String federation,
            RecordSchema schema,
            ConsentedRecords training,
            ConsentedRecords heldOut,
            SiteRules rules,
            Learners learners) {
        this(site, federation, schema, training, heldOut, rules, learners, NoiseShare.SECURE);
    }

    /** Understands learning documents. */
    @FunctionalInterface
    public interface Learners {
        /** @throws IllegalArgumentException if the document breaks a rule; the message says which */
        Learner parse(byte[] document);
    }

    /** The participant under one learning document, or why there can be none. */
    public sealed interface Binding {
        record Bound(SiteParticipant participant) implements Binding {}

        record Unusable(Verdict.Refused refusal) implements Binding {}
    }

    /** What the owner's rules say to a plan, before anything is fetched for it. */
    Verdict judge(Assignment assignment) {
        return rules.judge(site, training.purpose(), assignment.proposedUse());
    }

    Verdict judgeEvaluation() {
        return rules.judgeEvaluation(federation, heldOut.purpose());
    }

    /** What a site reports that scores nothing, so that nobody waits for it. */
    EvaluationCounts noCounts() {
        return EvaluationCounts.none(schema.classes().size());
    }

    /** Binds the site to a learning document, whose schema must be met by the site's records. */
    public Binding bind(byte[] document) {
        Learner learner;
        try {
            learner = learners.parse(document);
        } catch (IllegalArgumentException e) {
            return new Binding.Unusable(new Verdict.Refused("plan", "the learning document: " + e.getMessage()));
        }
        return disagreement(learner.schema())
                .<Binding>map(reason -> new Binding.Unusable(new Verdict.Refused("records", reason)))
                .orElseGet(() -> new Binding.Bound(
                        new SiteParticipant(site, learner, ContentHash.of(document), training, heldOut, rules, share)));
    }

    private Optional<String> disagreement(RecordSchema asked) {
        if (!asked.classes().equals(schema.classes())) {
            return Optional.of("the federation's classes are " + asked.classes() + ", this site's " + schema.classes());
        }
        for (Modality modality : asked.modalities()) {
            if (!schema.modalities().contains(modality)) {
                return Optional.of("modality '" + modality.name()
                        + "' is described otherwise in this site's manifest, or missing there");
            }
        }
        return Optional.empty();
    }
}
