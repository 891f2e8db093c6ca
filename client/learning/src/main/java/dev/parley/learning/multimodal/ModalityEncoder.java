package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.record.ModalityValue;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One modality's way into tokens. Stateless apart from the schema; the same for training and prediction.
 *
 * @param <F> a record's value in the plain form that batches are made of
 */
interface ModalityEncoder<F> {
    List<ParameterSpec> parameters();

    /** Done once for each record of a call. */
    F features(Normaliser normaliser, ModalityValue value);

    /**
     * Tokens of a batch in which at least one record has the modality.
     *
     * @param batch one entry for each record; null where the modality is missing
     * @param change draws of augmentation and dropout; null in prediction
     */
    Encoded encode(StepScope scope, List<@Nullable F> batch, @Nullable Change change);

    /** The normalisation that a model's statistics blocks decide, computed once for each call. */
    default Normaliser normaliser(ParameterVector model) {
        return Normaliser.NONE;
    }

    /** Marker for what {@link #normaliser} computed; an encoder reads back its own. */
    interface Normaliser {
        Normaliser NONE = new Normaliser() {};
    }

    /** Randomness of a training step. */
    record Change(SplittableRandom random, Augmentation augmentation) {}

    /**
     * @param summary the modality's first token, {@code [batch, 1, width]}
     * @param body further tokens, {@code [batch, tokens, width]}; null if there are none
     * @param bodyPresent which body tokens are real, row-major {@code batch x tokens}; rows of records without the
     *     modality are ignored. Null if all are
     * @param wide scores of the wide path, {@code [batch, outputs]}, 0 for records without the modality; null if there is
     *     none
     */
    record Encoded(
            PtNDArray summary,
            @Nullable PtNDArray body,
            boolean @Nullable [] bodyPresent,
            @Nullable PtNDArray wide) {}
}
