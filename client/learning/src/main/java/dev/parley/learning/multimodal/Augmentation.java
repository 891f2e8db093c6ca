package dev.parley.learning.multimodal;

/**
 * Random changes of training records that leave their label as it is. Each is off at 0.
 *
 * @param imageShift largest shift in pixels along each axis; edges repeat
 * @param imageContrast largest relative change of contrast, below 1
 * @param imageNoise standard deviation of noise on the standardised image
 * @param tokenReplacement probability that a text token is replaced by a random one
 * @param seriesScale standard deviation of one random factor around 1 for each series
 * @param seriesNoise standard deviation of noise on the normalised series
 * @param axisTurns whether the vectors of a series whose device may sit either way round are turned by 180 degrees about
 *     a random axis
 * @param seriesShift largest shift of a series in steps; what moves in from outside the window is not observed
 * @param recutSeconds how far apart a recording is cut anew for training, where records are excerpts of recordings; see
 *     {@link dev.parley.learning.record.Recutting}. Private training is shown the records alone: a record would be in several cuts, and its bound would not hold
 */
public record Augmentation(
        int imageShift,
        double imageContrast,
        double imageNoise,
        double tokenReplacement,
        double seriesScale,
        double seriesNoise,
        boolean axisTurns,
        int seriesShift,
        double recutSeconds) {
    /** Without cutting anew. */
    public Augmentation(
            int imageShift,
            double imageContrast,
            double imageNoise,
            double tokenReplacement,
            double seriesScale,
            double seriesNoise,
            boolean axisTurns,
            int seriesShift) {
        this(
                imageShift,
                imageContrast,
                imageNoise,
                tokenReplacement,
                seriesScale,
                seriesNoise,
                axisTurns,
                seriesShift,
                0);
    }

    public static final Augmentation NONE = new Augmentation(0, 0, 0, 0, 0, 0, false, 0, 0);
}
