package dev.parley.learning.multimodal;

/**
 * Which layer reads a block, and so how the gradient of each single example is told apart from the others'. Every block
 * of a model declares its rule where it is declared itself; under differential privacy a block without one is refused when
 * the model is built, because nobody could bound what an example does to it.
 *
 * <p>In the formulas {@code g} is the derivative of one example's loss by the layer's output, {@code a} the layer's
 * input, {@code t} a token or a place that the layer is applied to; all uses of a block in one pass count as further
 * tokens.
 */
public enum GradientRule {
    /** An affine map: {@code sum_t g_t a_t'} and {@code sum_t g_t} (Goodfellow 2015; over tokens Li et al. 2022, section 4). */
    LINEAR(true),
    /** A convolution is an affine map of the patches that it sees (Rochette et al. 2019; Bu et al. 2022, section 3). */
    CONVOLUTION(true),
    /** Gain and bias after normalisation: {@code sum_t g_t * normalised(a)_t} and {@code sum_t g_t}. */
    NORM(true),
    /** Rows of a table that an example names, weighted or not: the sum of {@code g} over each row's occurrences. */
    SPARSE(false),
    /** A token, position or other value that all examples read alike: the sum of {@code g} over its uses. */
    SHARED(false),
    /** None is known: statistics, which are not trained, and layers that have not been thought through. */
    NONE(false);

    private final boolean severalBlocks;

    GradientRule(boolean severalBlocks) {
        this.severalBlocks = severalBlocks;
    }

    /** The layer of a block: its name less {@code .weight}, {@code .bias} or {@code .gain} where a layer has several. */
    String layerOf(String block) {
        return severalBlocks ? block.substring(0, block.lastIndexOf('.')) : block;
    }
}
