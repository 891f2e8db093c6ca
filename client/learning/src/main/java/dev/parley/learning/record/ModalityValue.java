package dev.parley.learning.record;

/**
 * One modality of one record in harmonised form. Arrays are owned by the record and must not be written after
 * construction; they are not copied because a site holds very many of them.
 */
public sealed interface ModalityValue {
    /** @param pixels channel-major ({@code channels x size x size}), each in [0, 1] */
    record Image(float[] pixels) implements ModalityValue {}

    /**
     * @param tokens ids in {@code [1, vocabulary)}, at most {@code maxTokens}; 0 is padding and does not occur
     * @param wide sorted distinct bucket indices in {@code [0, wideVocabulary)}
     */
    record Text(int[] tokens, int[] wide) implements ModalityValue {}

    /**
     * @param values channel-major ({@code channels x steps}) in the channel's unit scaled by {@link Channel#scaled}; 0
     *     where not observed
     * @param observed same shape; false where the value was missing and must be masked
     */
    record Series(float[] values, boolean[] observed) implements ModalityValue {}

    /**
     * @param values one for each column, scaled by {@link Channel#scaled}; 0 where not observed
     * @param observed same length
     */
    record Table(float[] values, boolean[] observed) implements ModalityValue {}
}
