package dev.parley.privacy.statistics;

/**
 * The histogram in which class scores are counted, so that the AUROC of pooled counts is close to that of the records.
 *
 * <p>Equal bins over [0, 1] would put most scores of a confident model, or of a rare class, into the first bin and the
 * last, and everything inside a bin counts as a tie. Bins equal in log-odds would be coarse in the middle. So the position
 * of a score p is half of one and half of the other, {@code 256 p + 8 (logit(p) + 16)}: never wider than 1/256, and near 0
 * and 1 never wider than an eighth of a unit of log-odds. The position rises strictly with p, so order is kept between
 * bins.
 */
final class ScoreBins {
    static final int COUNT = 512;

    /** float32 cannot tell a probability from 1 beyond log-odds of 16.6. */
    private static final double MAX_LOGIT = 16;

    private static final double LINEAR_STEPS = COUNT / 2.0;
    private static final double LOGIT_STEPS = COUNT / 2.0 / (2 * MAX_LOGIT);

    private ScoreBins() {}

    /** The bin of a probability in [0, 1]; the same on every machine. */
    static int of(double probability) {
        // StrictMath: Math.log may differ in the last bit between an interpreter and a compiler.
        double logit = StrictMath.log(probability / (1 - probability));
        double bounded = Math.max(-MAX_LOGIT, Math.min(MAX_LOGIT, logit));
        double position = LINEAR_STEPS * probability + LOGIT_STEPS * (bounded + MAX_LOGIT);
        return Math.min(COUNT - 1, (int) position);
    }
}
