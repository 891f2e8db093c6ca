package dev.parley.learning.multimodal;

/**
 * What a short window says as a whole, which convolutions over few examples learn slowly: for each channel the logarithms
 * of the deviation, of the mean absolute difference and of the amplitude in eight frequency bands, then the mean, and
 * the share of steps observed.
 */
final class SeriesStatistics {
    static final int BANDS = 8;
    /** Logarithmic features of one channel. */
    static final int LOGARITHMIC = 2 + BANDS;

    /** Position of the share of steps observed; where it is 0, so are all others. */
    static final int OBSERVED = LOGARITHMIC + 1;

    static final int FEATURES = LOGARITHMIC + 2;
    /** Amplitude, in units of the channel's scale, below which logarithms stop falling. */
    private static final double FLOOR = 1e-3;
    /** Moves the logarithms of usual amplitudes to about 0. */
    private static final double OFFSET = 2;

    private final int steps;
    private final double[] cosine;
    private final double[] sine;
    /** First frequency of each band, and the end of the last. */
    private final int[] edges;

    SeriesStatistics(int steps) {
        this.steps = steps;
        this.cosine = new double[steps];
        this.sine = new double[steps];
        for (int i = 0; i < steps; i++) {
            cosine[i] = Math.cos(2 * Math.PI * i / steps);
            sine[i] = Math.sin(2 * Math.PI * i / steps);
        }
        this.edges = edges(steps / 2);
    }

    /** Bands as even as possible on a logarithmic scale, from frequency 1 to the highest; none is empty if they suffice. */
    private static int[] edges(int highest) {
        int[] edges = new int[BANDS + 1];
        edges[0] = 1;
        for (int band = 1; band <= BANDS; band++) {
            int even = (int) Math.round(Math.pow(highest + 1.0, (double) band / BANDS));
            edges[band] = Math.min(highest + 1, Math.max(edges[band - 1] + 1, even));
        }
        return edges;
    }

    /**
     * @param values one channel's steps starting at {@code offset}; ignored where not observed
     * @param absoluteMean whether the sign of the mean is dropped, as for an axis that may point either way
     */
    void write(
            float[] values, boolean[] observed, int offset, boolean absoluteMean, float[] features, int featureOffset) {
        int count = 0;
        double sum = 0;
        for (int t = 0; t < steps; t++) {
            if (observed[offset + t]) {
                count++;
                sum += values[offset + t];
            }
        }
        if (count == 0) {
            return;
        }
        double mean = sum / count;
        double[] centred = new double[steps];
        double squares = 0;
        double differences = 0;
        int pairs = 0;
        for (int t = 0; t < steps; t++) {
            if (!observed[offset + t]) {
                continue;
            }
            centred[t] = values[offset + t] - mean;
            squares += centred[t] * centred[t];
            if (t > 0 && observed[offset + t - 1]) {
                differences += Math.abs(centred[t] - centred[t - 1]);
                pairs++;
            }
        }
        features[featureOffset] = logarithm(Math.sqrt(squares / count));
        features[featureOffset + 1] = logarithm(differences / Math.max(1, pairs));
        for (int band = 0; band < BANDS; band++) {
            features[featureOffset + 2 + band] = logarithm(amplitude(centred, band) * steps / count);
        }
        features[featureOffset + LOGARITHMIC] = (float) (absoluteMean ? Math.abs(mean) : mean);
        features[featureOffset + OBSERVED] = (float) count / steps;
    }

    /** Root of the mean power over a band's frequencies; 0 for a band beyond the highest frequency. */
    private double amplitude(double[] centred, int band) {
        double power = 0;
        for (int k = edges[band]; k < edges[band + 1]; k++) {
            double real = 0;
            double imaginary = 0;
            int phase = 0;
            for (int t = 0; t < steps; t++) {
                real += centred[t] * cosine[phase];
                imaginary += centred[t] * sine[phase];
                phase += k;
                phase = phase >= steps ? phase % steps : phase;
            }
            power += real * real + imaginary * imaginary;
        }
        int width = Math.max(1, edges[band + 1] - edges[band]);
        return 2 * Math.sqrt(power / width) / steps;
    }

    private static float logarithm(double amplitude) {
        return (float) (Math.log(FLOOR + amplitude) + OFFSET);
    }
}
