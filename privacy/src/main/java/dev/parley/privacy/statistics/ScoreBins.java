package dev.parley.privacy.statistics;

/**
 * The histogram in which class scores are counted, so that the AUROC of pooled counts is close to that of the records.
 *
 * <p>Equal bins over [0, 1] would put most scores of a confident model, or of a rare class, into the first bin and the
 * last, and everything inside a bin counts as a tie. So bins are equal in {@code sigmoid(logit(p) / 3)}, which is
 * {@code cbrt(p) / (cbrt(p) + cbrt(1 - p))}: about 43 bins for each unit of log-odds around p = 1/2, 27 at 2%, 10 at 0.03%.
 * The position rises strictly with p, so order between bins is the order of scores.
 */
final class ScoreBins {
    static final int COUNT = 512;

    private ScoreBins() {}

    /** The bin of a probability in [0, 1]; the same on every machine, which Math.cbrt would not promise. */
    static int of(double probability) {
        double rising = StrictMath.cbrt(probability);
        double falling = StrictMath.cbrt(1 - probability);
        return Math.min(COUNT - 1, (int) (COUNT * (rising / (rising + falling))));
    }
}
