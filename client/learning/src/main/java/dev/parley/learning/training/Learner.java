package dev.parley.learning.training;

import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One model family bound to one schema. Every method is a pure function of its arguments: the same arguments give the same bits on
 * one machine, on whichever thread and however many run at once. Implementations keep no tensor between calls.
 *
 * <p>Private training ({@link DpSgd}) is the exception: it draws from its {@link NoiseOrigin}, which no caller may foretell.
 */
public interface Learner {
    RecordSchema schema();

    /** What training promises about single records or subjects. */
    default LocalPrivacy privacy() {
        return LocalPrivacy.NONE;
    }

    /** Why {@link #train} would refuse now, such as a budget that is spent; empty if it would not. */
    default Optional<String> objection() {
        return Optional.empty();
    }

    ParameterLayout layout();

    /** A fresh model; the same seed gives the same bits. */
    ParameterVector initialise(long seed);

    /**
     * Whether the federation must agree on normalisation statistics in a round of its own before the first training
     * round. If so {@link #statistics} is what a site contributes, and the weighted mean over sites is the model that
     * training starts from.
     */
    boolean needsStatistics();

    /**
     * This site's normalisation moments, written into the statistics blocks of a copy of {@code model}; all other blocks
     * unchanged. Weighted by number of records, the mean over sites equals the moments of the pooled records.
     */
    ParameterVector statistics(ParameterVector model, List<SiteRecord> records);

    /**
     * Trains on the records and returns the changed model.
     *
     * @param seed decides order, dropout and augmentation; the caller derives it from federation, round and site
     * @param progress told after each step; may throw to abandon
     */
    Trained train(
            ParameterVector model, List<SiteRecord> records, RoundPosition position, long seed, StepListener progress);

    /**
     * Class probabilities, row-major {@code records.size() x classes}; only modalities in {@code present} are used, as
     * if the others had been missing. A record left without any modality gets the model's answer for "nothing seen".
     */
    float[] predict(ParameterVector model, List<SiteRecord> records, Set<String> present);

    /**
     * @param examples what the result counts for in a mean over sites: the records used; under {@link DpSgd} the nominal
     *     number, which is the same for every site and tells nothing
     * @param meanLoss mean training loss over all steps; stays at the site unless released by a mechanism. NaN under
     *     {@link DpSgd}: what has not been paid for is not told
     */
    record Trained(ParameterVector model, long examples, int steps, double meanLoss) {}

    /**
     * Where in the run a round stands, and what its plan asks of local training.
     *
     * @param round 0-based training round
     * @param totalRounds rounds planned, at least 1
     * @param proximalMu strength of FedProx's pull towards the round's model; 0 for none
     */
    record RoundPosition(int round, int totalRounds, double proximalMu) {
        public RoundPosition {
            if (round < 0 || totalRounds < 1 || round >= totalRounds) {
                throw new IllegalArgumentException(
                        "expected 0 <= round < totalRounds, got " + round + " of " + totalRounds);
            }
            if (!(proximalMu >= 0) || !Double.isFinite(proximalMu)) {
                throw new IllegalArgumentException("expected a finite proximalMu of at least 0, got " + proximalMu);
            }
        }

        /** A round without a proximal term. */
        public RoundPosition(int round, int totalRounds) {
            this(round, totalRounds, 0);
        }
    }

    /** Hears of each optimiser step. */
    @FunctionalInterface
    interface StepListener {
        StepListener NONE = (step, steps) -> {};

        void onStep(int step, int steps);
    }
}
