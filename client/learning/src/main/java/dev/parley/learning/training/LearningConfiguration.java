package dev.parley.learning.training;

import dev.parley.learning.multimodal.Architecture;
import dev.parley.learning.multimodal.Objective;
import dev.parley.learning.record.RecordSchema;
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
 */
public record LearningConfiguration(
        RecordSchema schema,
        Architecture architecture,
        OptimizerSettings optimizer,
        LearningRateSchedule schedule,
        Objective objective,
        int batchSize,
        int localEpochs) {

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

    /** The model family bound to the schema, with these settings. */
    public Learner learner() {
        return new GradientLearner(this);
    }
}
