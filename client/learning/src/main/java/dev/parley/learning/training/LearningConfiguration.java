package dev.parley.learning.training;

import dev.parley.learning.multimodal.Architecture;
import dev.parley.learning.multimodal.Objective;
import dev.parley.learning.record.RecordSchema;
import dev.parley.privacy.dp.ledger.BudgetLedger;
import java.util.Map;

/**
 * Everything that decides what a site's training does: the document whose hash every plan names. Two sites with the same
 * bytes run the same training.
 *
 * <p>Law: {@code parse(configuration.toCanonicalJson()).equals(configuration)}, and equal configurations have equal
 * bytes.
 *
 * @param schema what records have; from the data manifest
 * @param batchSize records in one optimiser step
 * @param localEpochs passes over a site's records in one round
 * @param privacy what training promises about single records or subjects; under {@link DpSgd} it decides batches and steps
 *     in place of {@code batchSize} and {@code localEpochs}
 */
public record LearningConfiguration(
        RecordSchema schema,
        Architecture architecture,
        OptimizerSettings optimizer,
        LearningRateSchedule schedule,
        Objective objective,
        int batchSize,
        int localEpochs,
        LocalPrivacy privacy) {

    /**
     * From the {@code learning:} section of a scenario; what it leaves out has its default.
     *
     * @param learning maps, lists, strings, numbers and booleans as a YAML or JSON reader gives them
     * @throws LearningConfigurationException naming the path below {@code learning}, the value and what is allowed
     */
    public static LearningConfiguration of(RecordSchema schema, Map<String, ?> learning) {
        return LearningConfigurationFormat.read(schema, learning);
    }

    /**
     * The whole document, schema included.
     *
     * @throws LearningConfigurationException if it is not JSON or breaks a rule
     */
    public static LearningConfiguration parse(byte[] json) {
        return LearningConfigurationFormat.parse(json);
    }

    /** Deterministic bytes: every setting explicit, keys sorted, no white space, UTF-8. */
    public byte[] toCanonicalJson() {
        return LearningConfigurationFormat.canonicalJson(this);
    }

    /** The same with another promise. */
    public LearningConfiguration with(LocalPrivacy other) {
        return new LearningConfiguration(
                schema, architecture, optimizer, schedule, objective, batchSize, localEpochs, other);
    }

    /**
     * The model family bound to the schema, with these settings. What protects is drawn from the platform's strong generator.
     *
     * @throws IllegalArgumentException if training is to be private and a layer has no per-example rule
     */
    public Learner learner() {
        return switch (privacy) {
            case LocalPrivacy.None none -> new GradientLearner(this);
            // What a repeated round would draw anew is a second release, so it is drawn once.
            case DpSgd dpSgd -> new RepeatingLearner(new PrivateLearner(this, dpSgd, NoiseOrigin.SECURE));
        };
    }

    /**
     * The same, every private round paid for before it is trained.
     *
     * @param ledger of the site's budget; not asked where training is not private
     */
    public Learner learner(BudgetLedger ledger) {
        return switch (privacy) {
            case LocalPrivacy.None none -> new GradientLearner(this);
            case DpSgd dpSgd ->
                new RepeatingLearner(
                        new PaidLearner(new PrivateLearner(this, dpSgd, NoiseOrigin.SECURE), dpSgd, ledger));
        };
    }

    /**
     * The same with all secret randomness from {@code origin}; without a privacy section exactly {@link #learner()}. A
     * simulation that must repeat itself passes an origin that can be foretold, which protects nothing.
     */
    public Learner learner(NoiseOrigin origin) {
        return switch (privacy) {
            case LocalPrivacy.None none -> new GradientLearner(this);
            case DpSgd dpSgd -> new PrivateLearner(this, dpSgd, origin);
        };
    }
}
