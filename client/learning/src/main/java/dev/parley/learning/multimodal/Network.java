package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The differentiable part of a model family, bound to a schema: parameters, and records to loss. Immutable and safe to
 * use from many threads; tensors exist only inside the {@link StepScope} handed in.
 */
public interface Network {
    ParameterLayout layout();

    /** A fresh model; the same seed gives the same bits. */
    ParameterVector initialise(long seed);

    /** How the optimiser treats a block. */
    Pace pace(Block block);

    /** Which layer reads a block, and so how the gradient of each example is told. */
    GradientRule rule(Block block);

    /** Whether sites must agree on moments before the first training round. */
    boolean needsStatistics();

    /** A copy of {@code model} whose statistics blocks hold these records' moments, means over the records. */
    ParameterVector statistics(ParameterVector model, List<SiteRecord> records);

    /**
     * Turns records into plain arrays under the model's normalisation statistics, once for many steps.
     *
     * @param present modalities that may be used; others are treated as missing
     */
    Prepared prepare(ParameterVector model, List<SiteRecord> records, Set<String> present);

    /** How fast the optimiser may move a block. */
    enum Pace {
        /** The ordinary learning rate and weight decay. */
        BODY,
        /** The ordinary learning rate without weight decay: biases, gains, learned tokens. */
        BODY_UNDECAYED,
        /** The wide path's own learning rate, without weight decay. */
        WIDE,
        /** Never changed by training: statistics. */
        FROZEN
    }

    /** Records in the form that the network reads; holds no tensor. */
    interface Prepared {
        int size();

        /**
         * The scalar mean loss of some records, with dropout and augmentation drawn from {@code random}.
         *
         * <p>Law: a mean of terms of which each depends on one record, the weights and draws alone. An objective that couples
         * records (contrastive ones do) has no per-example gradient, and differential privacy would be void.
         *
         * @param indices positions in the list given to {@link #prepare}
         */
        PtNDArray loss(StepScope scope, int[] indices, SplittableRandom random, Objective objective);

        /** Class scores before softmax, {@code indices.length x classes}, without dropout or augmentation. */
        PtNDArray scores(StepScope scope, int[] indices);
    }
}
