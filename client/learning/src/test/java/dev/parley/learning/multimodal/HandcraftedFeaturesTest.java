package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.FeatureMap.Features;
import dev.parley.learning.multimodal.HandcraftedFeatures.ReferenceRange;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Features that nobody learned: what they are, how long they are, and that what is missing is not seen. */
class HandcraftedFeaturesTest {
    private static final long SEED = 20261201;
    private static final HandcraftedFeatures ARCHITECTURE = new HandcraftedFeatures(
            4,
            Map.of("scan", 3.0, "note", 2.0, "motion", 5.0, "lab", 0.5),
            Map.of("motion", Map.of("x", new ReferenceRange(-0.1, 0.1))));

    private static double length(Features features) {
        double squares = 0;
        for (int i = 0; i < features.values().length - 1; i++) {
            squares += (double) features.values()[i] * features.values()[i];
        }
        return Math.sqrt(squares);
    }

    @Test
    void noRecordsFeaturesAreLongerThanTheDocumentSays() {
        var random = new SplittableRandom(SEED);
        for (Modality modality : TinyRecords.SCHEMA.modalities()) {
            FeatureMap map = FeatureMap.of(modality, ARCHITECTURE);
            for (int draw = 0; draw < 50; draw++) {
                Features features = map.of(TinyRecords.value(modality, draw % 2, random));
                double most = ARCHITECTURE.length(modality.name());
                boolean exact = modality instanceof Modality.Image || modality instanceof Modality.Text;
                assertTrue(length(features) <= most * (1 + 1e-6), modality.name() + ": " + length(features));
                assertEquals(exact ? most : length(features), length(features), 1e-5, modality.name());
                int last = features.ids().length - 1;
                assertEquals(map.width() - 1, features.ids()[last], "the bias is the last feature");
                assertEquals(1f, features.values()[last]);
            }
        }
    }

    @Test
    void aCourseIsReadInHalfWidthsOfItsReferenceRange() {
        var pulse = new Modality.Series(
                "vitals", List.of(new Channel("pulse", "1/min", 0, 200), new Channel("unseen", "u", 0, 1)), 4, 1);
        FeatureMap map = FeatureMap.of(
                pulse,
                new HandcraftedFeatures(
                        8,
                        Map.of("vitals", Math.sqrt(12)),
                        Map.of("vitals", Map.of("pulse", new ReferenceRange(60, 100)))));
        // 100, 120, nothing, 400 out of range: 1, 2 and 16 half-widths above 80; cut at 3, which becomes 1.
        Channel channel = pulse.channels().getFirst();
        float[] values = {channel.scaled(100), channel.scaled(120), 0, channel.scaled(400), 0, 0, 0, 0};
        boolean[] observed = {true, true, false, true, false, false, false, false};
        double mean = 19 / 3.0;
        double deviation = Math.sqrt((1 + 4 + 256) / 3.0 - mean * mean);
        assertTrue(mean > 3 && deviation > 3, "both are beyond the cut");
        assertArrayEquals(
                new float[] {1, 1, 1, 1 / 3f, 1, 0.75f, 0, 0, 0, 0, 0, 0, 1},
                map.of(new ModalityValue.Series(values, observed)).values(),
                1e-5f);
    }

    @Test
    void anImagesAreasAreMeansOfItsStandardisedPixels() {
        var image = new Modality.Image("scan", 1, 4);
        FeatureMap map = FeatureMap.of(image, new HandcraftedFeatures(2, Map.of(), Map.of()));
        float[] pixels = {1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        // One bright quarter, three dark: deviations as 3 to -1, of length 1.
        float unit = (float) (1 / Math.sqrt(12));
        assertArrayEquals(
                new float[] {3 * unit, -unit, -unit, -unit, 1},
                map.of(new ModalityValue.Image(pixels)).values(),
                1e-5f);
    }

    @Test
    void whatIsMissingOrNotAllowedAddsNothing() {
        Network network = ARCHITECTURE.network(TinyRecords.SCHEMA);
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 12, 0.4, SEED);
        ParameterVector model = TinyNetworks.moved(network, records, SEED);
        float[] all = TinyNetworks.scores(network, model, records, TinyNetworks.ALL);
        float[] sum = new float[all.length];
        for (String name : TinyNetworks.ALL) {
            float[] alone = TinyNetworks.scores(network, model, records, Set.of(name));
            for (int row = 0; row < records.size(); row++) {
                boolean has = records.get(row).values().containsKey(name);
                assertEquals(has, alone[2 * row + 1] != 0, name + " of record " + row);
                sum[2 * row + 1] += alone[2 * row + 1];
            }
        }
        assertArrayEquals(sum, all, 1e-4f, "a record's score is the sum over its modalities");
        assertArrayEquals(
                new float[all.length], TinyNetworks.scores(network, model, records, Set.of()), "nothing seen scores 0");
    }

    @Test
    void rangesAndLengthsThatCannotBeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ReferenceRange(1, 1));
        assertThrows(IllegalArgumentException.class, () -> new HandcraftedFeatures(0, Map.of(), Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new HandcraftedFeatures(8, Map.of("scan", -1.0), Map.of()));
    }
}
