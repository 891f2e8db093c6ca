package dev.parley.learning.record;

/**
 * How a site's records are divided into those to train on and those to score on.
 *
 * @param heldOut share of the records to hold out, in [0, 1); 0 keeps everything for training
 * @param seed which of the possible splits; the same at every site of a federation
 */
public record SplitRule(double heldOut, long seed) {
    public SplitRule {
        if (!(heldOut >= 0 && heldOut < 1)) {
            throw new IllegalArgumentException("held-out share: expected 0 <= share < 1, got " + heldOut);
        }
    }
}
