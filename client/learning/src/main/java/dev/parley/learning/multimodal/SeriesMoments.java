package dev.parley.learning.multimodal;

import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First and second moments of the channels of one series modality, in the form in which sites can add them up. For each
 * record: the share of steps at which channels i and j were both observed, and the sums of {@code x_i} and
 * {@code x_i x_j} over such steps, all divided by the number of steps; a record without the modality counts as zeros.
 * The blocks hold the means of these over the records. A mean over sites, weighted by records, is therefore the mean over
 * the pooled records, and dividing by the observed share gives the pooled moment.
 */
final class SeriesMoments {
    private final Modality.Series modality;
    private final int channels;

    SeriesMoments(Modality.Series modality) {
        this.modality = modality;
        this.channels = modality.channels().size();
    }

    private String blockName(String moment) {
        return "statistics." + modality.name() + "." + moment;
    }

    List<ParameterSpec> parameters() {
        return List.of(
                ParameterSpec.statistic(blockName("observed"), channels, channels),
                ParameterSpec.statistic(blockName("mean"), channels),
                ParameterSpec.statistic(blockName("second_moment"), channels, channels));
    }

    /** Writes the records' moments into the array of a model. */
    void write(List<SiteRecord> records, ParameterVector model, float[] values) {
        double[] observed = new double[channels * channels];
        double[] first = new double[channels];
        double[] second = new double[channels * channels];
        for (SiteRecord record : records) {
            if (record.values().get(modality.name()) instanceof ModalityValue.Series series) {
                add(series, observed, first, second);
            }
        }
        double scale = 1.0 / ((double) Math.max(1, records.size()) * modality.steps());
        put(model, "observed", observed, scale, values);
        put(model, "mean", first, scale, values);
        put(model, "second_moment", second, scale, values);
    }

    private void add(ModalityValue.Series series, double[] observed, double[] first, double[] second) {
        int steps = modality.steps();
        float[] x = series.values();
        boolean[] seen = series.observed();
        for (int i = 0; i < channels; i++) {
            for (int t = 0; t < steps; t++) {
                first[i] += seen[i * steps + t] ? x[i * steps + t] : 0;
            }
            for (int j = i; j < channels; j++) {
                double count = 0;
                double product = 0;
                for (int t = 0; t < steps; t++) {
                    if (seen[i * steps + t] && seen[j * steps + t]) {
                        count++;
                        product += (double) x[i * steps + t] * x[j * steps + t];
                    }
                }
                observed[i * channels + j] += count;
                second[i * channels + j] += product;
                if (i != j) {
                    observed[j * channels + i] += count;
                    second[j * channels + i] += product;
                }
            }
        }
    }

    private void put(ParameterVector model, String moment, double[] sums, double scale, float[] values) {
        int offset = model.layout().offset(blockName(moment));
        for (int i = 0; i < sums.length; i++) {
            values[offset + i] = (float) (sums[i] * scale);
        }
    }

    /** The moments that a model carries; null for a channel set on which the sites have not agreed yet. */
    @Nullable
    Agreed read(ParameterVector model) {
        float[] observed = model.block(blockName("observed"));
        float[] first = model.block(blockName("mean"));
        float[] second = model.block(blockName("second_moment"));
        double[] mean = new double[channels];
        double[] secondMoment = new double[channels * channels];
        boolean any = false;
        for (int i = 0; i < channels; i++) {
            double share = observed[i * channels + i];
            any |= share > 0;
            mean[i] = share > 0 ? first[i] / share : 0;
        }
        for (int i = 0; i < channels; i++) {
            for (int j = 0; j < channels; j++) {
                double share = observed[i * channels + j];
                // Two channels never seen together count as uncorrelated, one never seen as of variance 1.
                secondMoment[i * channels + j] =
                        share > 0 ? second[i * channels + j] / share : i == j ? 1 : mean[i] * mean[j];
            }
        }
        return any ? new Agreed(mean, secondMoment) : null;
    }

    /** @param secondMoment row-major, not centred */
    record Agreed(double[] mean, double[] secondMoment) {
        double[] covariance() {
            int channels = mean.length;
            double[] covariance = secondMoment.clone();
            for (int i = 0; i < channels; i++) {
                for (int j = 0; j < channels; j++) {
                    covariance[i * channels + j] -= mean[i] * mean[j];
                }
            }
            return covariance;
        }
    }
}
