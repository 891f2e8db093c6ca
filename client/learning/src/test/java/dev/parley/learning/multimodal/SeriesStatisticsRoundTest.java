package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.multimodal.BottleneckTransformer.Tier;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * The round in which sites agree on moments: the mean of what they send is what pooling their records would have given,
 * and the map made of it does what it promises.
 */
class SeriesStatisticsRoundTest {
    private static final int STEPS = 16;
    private static final Modality.Series SERIES =
            new Modality.Series("motion", List.of(channel("a"), channel("b"), channel("c"), channel("d")), STEPS, 10);
    private static final RecordSchema SCHEMA = new RecordSchema(List.of(SERIES), List.of("well", "ill"));

    private static Channel channel(String name) {
        return new Channel(name, "u", -1, 1);
    }

    /** A model of the schema with one way of normalising. */
    private static Network network(Normalisation normalisation) {
        return Tier.XS
                .architecture()
                .withSeries(Map.of("motion", new SeriesSettings(normalisation, true, List.of())))
                .network(SCHEMA);
    }

    @Property(tries = 40, seed = "20261124")
    void theWeightedMeanOverSitesIsThatOfThePooledRecords(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int count,
            @ForAll @IntRange(min = 1, max = 6) int sites) {
        Network network = network(Normalisation.WHITEN);
        ParameterVector model = network.initialise(1);
        List<SiteRecord> records = TinyRecords.draw(SCHEMA, count, 0, seed);
        records.replaceAll(record -> seed % 3 == 0 && record.label() == 1 ? withoutSeries(record) : record);
        List<List<SiteRecord>> split = new ArrayList<>();
        for (int site = 0; site < sites; site++) {
            split.add(new ArrayList<>());
        }
        var random = new SplittableRandom(seed);
        records.forEach(record -> split.get(random.nextInt(sites)).add(record));

        float[] pooled = network.statistics(model, records).toArray();
        double[] mean = new double[pooled.length];
        for (List<SiteRecord> site : split) {
            float[] own = network.statistics(model, site).toArray();
            for (int i = 0; i < own.length; i++) {
                mean[i] += (double) own[i] * site.size() / count;
            }
        }

        for (Block block : network.layout().blocks()) {
            int offset = network.layout().offset(block.name());
            boolean statistic = network.pace(block) == Network.Pace.FROZEN;
            for (int i = offset; i < offset + block.size(); i++) {
                if (statistic) {
                    // Moments of values below 1.5 in size, each rounded to float32 once.
                    assertEquals(pooled[i], mean[i], 3e-7, "seed " + seed + ": " + block);
                } else {
                    assertEquals(model.get(i), pooled[i], block + " is not a statistic");
                }
            }
        }
    }

    @Test
    void momentsAreThoseOfTheDefinition() {
        Network network = network(Normalisation.STANDARDISE);
        List<SiteRecord> records = TinyRecords.draw(SCHEMA, 30, 0, 5);
        double sum = 0;
        double product = 0;
        int both = 0;
        int one = 0;
        for (SiteRecord record : records) {
            var series = (ModalityValue.Series) record.values().get("motion");
            for (int t = 0; t < STEPS; t++) {
                if (series.observed()[t]) {
                    sum += series.values()[t];
                    one++;
                    if (series.observed()[2 * STEPS + t]) {
                        product += series.values()[t] * series.values()[2 * STEPS + t];
                        both++;
                    }
                }
            }
        }

        SeriesMoments.Agreed agreed =
                new SeriesMoments(SERIES).read(network.statistics(network.initialise(1), records));

        assertEquals(sum / one, agreed.mean()[0], 1e-6);
        assertEquals(product / both, agreed.secondMoment()[2], 1e-6);
    }

    @Property(tries = 50, seed = "20261124")
    void whiteningGivesIdentityCovarianceOnThePooledRecords(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        List<SiteRecord> records = mixed(random, 60);
        Network network = network(Normalisation.WHITEN);
        ParameterVector model = network.statistics(network.initialise(1), records);
        var settings = new SeriesSettings(Normalisation.WHITEN, true, List.of());

        double[] covariance = covariance(records, normaliser(model, settings));

        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                // Moments travel as float32: 1e-7 of a second moment of about 1 against variances of about 1e-2.
                assertEquals(i == j ? 1 : 0, covariance[4 * i + j], 1e-3, "seed " + seed + ", " + i + "," + j);
            }
        }
    }

    @Test
    void aConstantChannelDoesNotBlowUp() {
        var random = new SplittableRandom(8);
        List<SiteRecord> records = new ArrayList<>();
        for (SiteRecord record : mixed(random, 40)) {
            var series = (ModalityValue.Series) record.values().get("motion");
            float[] values = series.values().clone();
            java.util.Arrays.fill(values, STEPS, 2 * STEPS, 0.9f);
            records.add(withSeries(record, new ModalityValue.Series(values, series.observed())));
        }
        for (Normalisation normalisation : Normalisation.values()) {
            Network network = network(normalisation);
            ParameterVector model = network.statistics(network.initialise(1), records);
            SeriesNormaliser normaliser = normaliser(model, new SeriesSettings(normalisation, true, List.of()));
            for (SiteRecord record : records) {
                float[] values = normaliser
                        .apply((ModalityValue.Series) record.values().get("motion"))
                        .values();
                for (float value : values) {
                    assertTrue(Math.abs(value) < 10, normalisation + ": normalised value " + value);
                }
            }
            for (float score : TinyNetworks.scores(network, model, records, Set.of("motion"))) {
                assertTrue(Float.isFinite(score), normalisation + ": score " + score);
            }
        }
    }

    @Test
    void whatNoSiteObservedIsLeftAsItIs() {
        var unseen = new ModalityValue.Series(new float[4 * STEPS], new boolean[4 * STEPS]);
        List<SiteRecord> records = TinyRecords.draw(SCHEMA, 4, 0, 3).stream()
                .map(record -> withSeries(record, unseen))
                .toList();
        for (Normalisation normalisation : Normalisation.values()) {
            Network network = network(normalisation);
            ParameterVector model = network.statistics(network.initialise(1), records);
            float[] values = normaliser(model, new SeriesSettings(normalisation, true, List.of()))
                    .apply(unseen)
                    .values();
            assertArrayEquals(new float[4 * STEPS], values, normalisation.toString());
            float[] scores = TinyNetworks.scores(network, model, records, Set.of("motion"));
            assertTrue(Float.isFinite(scores[1]), normalisation + ": score " + scores[1]);
        }
    }

    @Test
    void standardisedChannelsHaveMeanZeroAndVarianceOne() {
        List<SiteRecord> records = mixed(new SplittableRandom(9), 60);
        Network network = network(Normalisation.STANDARDISE);
        ParameterVector model = network.statistics(network.initialise(1), records);
        double[] covariance =
                covariance(records, normaliser(model, new SeriesSettings(Normalisation.STANDARDISE, true, List.of())));
        for (int i = 0; i < 4; i++) {
            assertEquals(1, covariance[5 * i], 1e-4, "variance of channel " + i);
        }
    }

    @Test
    void rootMeanSquareKeepsThePhysicalZeroOfAnUnevenRange() {
        var uneven = new Modality.Series(
                "motion",
                List.of(new Channel("a", "g", -1, 3), new Channel("b", "g", -1, 3), new Channel("c", "g", -1, 3)),
                STEPS,
                10);
        var schema = new RecordSchema(List.of(uneven), List.of("well", "ill"));
        var settings = new SeriesSettings(Normalisation.RMS, false, List.of(List.of("a", "b", "c")));
        Network network =
                Tier.XS.architecture().withSeries(Map.of("motion", settings)).network(schema);
        float[] values = new float[3 * STEPS];
        boolean[] observed = new boolean[3 * STEPS];
        java.util.Arrays.fill(observed, true);
        for (int t = 0; t < STEPS; t++) {
            for (int axis = 0; axis < 3; axis++) {
                // 2, 0 and 0 g: a vector of length 2.
                values[axis * STEPS + t] = uneven.channels().get(axis).scaled(axis == 0 ? 2 : 0);
            }
        }
        var series = new ModalityValue.Series(values, observed);
        SiteRecord record = withSeries(TinyRecords.draw(SCHEMA, 1, 0, 3).getFirst(), series);
        ParameterVector model = network.statistics(network.initialise(1), List.of(record));
        var normaliser = new SeriesNormaliser(uneven, settings, new SeriesMoments(uneven).read(model));

        float[] normalised = normaliser.apply(series).values();

        assertEquals(1, normalised[0], 1e-4, "2 g at a root mean square of 2 g");
        assertEquals(0, normalised[STEPS], 1e-2, "0 g stays 0");
        assertEquals(1, normalised[3 * STEPS], 1e-4, "the magnitude, divided by its own root mean square");
    }

    @Test
    void onlyNormalisationsThatNeedMomentsAskForThem() {
        for (Normalisation normalisation : Normalisation.values()) {
            assertEquals(
                    normalisation != Normalisation.NONE, network(normalisation).needsStatistics());
        }
        assertFalse(network(Normalisation.NONE).layout().blocks().stream()
                .anyMatch(block -> block.name().startsWith("statistics.")));
    }

    private static SeriesNormaliser normaliser(ParameterVector model, SeriesSettings settings) {
        boolean agreed = settings.normalisation() != Normalisation.NONE;
        return new SeriesNormaliser(SERIES, settings, agreed ? new SeriesMoments(SERIES).read(model) : null);
    }

    /** Over all steps of all records, about the mean. */
    private static double[] covariance(List<SiteRecord> records, SeriesNormaliser normaliser) {
        double[] mean = new double[4];
        double[] second = new double[16];
        int count = records.size() * STEPS;
        for (SiteRecord record : records) {
            float[] values = normaliser
                    .apply((ModalityValue.Series) record.values().get("motion"))
                    .values();
            for (int t = 0; t < STEPS; t++) {
                for (int i = 0; i < 4; i++) {
                    mean[i] += values[i * STEPS + t] / count;
                    for (int j = 0; j < 4; j++) {
                        second[4 * i + j] += (double) values[i * STEPS + t] * values[j * STEPS + t] / count;
                    }
                }
            }
        }
        for (int i = 0; i < 4; i++) {
            assertEquals(0, mean[i], 1e-3, "mean of channel " + i);
            for (int j = 0; j < 4; j++) {
                second[4 * i + j] -= mean[i] * mean[j];
            }
        }
        return second;
    }

    /** Fully observed records whose channels are random mixtures of four sources, around random means. */
    private static List<SiteRecord> mixed(SplittableRandom random, int count) {
        double[] mixture = new double[16];
        double[] mean = new double[4];
        for (int i = 0; i < 4; i++) {
            mean[i] = random.nextDouble(-0.5, 0.5);
            for (int j = 0; j < 4; j++) {
                mixture[4 * i + j] = (i == j ? 0.2 : 0) + 0.05 * random.nextGaussian();
            }
        }
        List<SiteRecord> records = new ArrayList<>();
        for (SiteRecord record : TinyRecords.draw(SCHEMA, count, 0, random.nextLong())) {
            float[] values = new float[4 * STEPS];
            boolean[] observed = new boolean[values.length];
            java.util.Arrays.fill(observed, true);
            for (int t = 0; t < STEPS; t++) {
                for (int j = 0; j < 4; j++) {
                    double source = random.nextGaussian();
                    for (int i = 0; i < 4; i++) {
                        values[i * STEPS + t] += (float) (mixture[4 * i + j] * source + (j == 0 ? mean[i] : 0));
                    }
                }
            }
            records.add(withSeries(record, new ModalityValue.Series(values, observed)));
        }
        return records;
    }

    private static SiteRecord withSeries(SiteRecord r, ModalityValue.Series series) {
        return withValues(r, Map.of("motion", series));
    }

    private static SiteRecord withoutSeries(SiteRecord r) {
        return withValues(r, Map.of());
    }

    private static SiteRecord withValues(SiteRecord r, Map<String, ModalityValue> values) {
        return new SiteRecord(
                r.recordId(), r.subjectId(), r.siteId(), r.clock(), values, r.label(), r.consent(), r.provenance());
    }
}
