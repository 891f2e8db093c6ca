package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.ConvolutionalNetwork;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ConvolutionalNetworkTest {
    private static final RecordSchema SCHEMA = TinyRecords.THREE_CLASSES.restrictedTo(Set.of("scan"));
    private static final Set<String> SCAN = Set.of("scan");
    private static final Map<String, ?> TINY =
            Map.of("type", "convolutional-network", "kernel", 3, "firstChannels", 4, "secondChannels", 6, "hidden", 8);
    private static final Map<String, ?> SGD =
            Map.of("type", "sgd", "learningRate", 0.1, "momentum", 0.5, "clipNorm", 2);

    private static LearningConfiguration configuration() {
        return LearningConfiguration.of(
                SCHEMA,
                Map.of(
                        "architecture",
                        TINY,
                        "optimizer",
                        SGD,
                        "augmentation",
                        Map.of("imageShift", 1, "imageContrast", 0.1, "imageNoise", 0.05),
                        "batchSize",
                        8));
    }

    private static List<SiteRecord> withoutImage(List<SiteRecord> records, int index) {
        List<SiteRecord> changed = new ArrayList<>(records);
        SiteRecord r = records.get(index);
        changed.set(
                index,
                new SiteRecord(
                        r.recordId(),
                        r.subjectId(),
                        r.siteId(),
                        r.clock(),
                        Map.of(),
                        r.label(),
                        r.consent(),
                        r.provenance()));
        return changed;
    }

    @Test
    void learnsThirtyTwoImagesByHeart() {
        // Two of the classes look alike: noise has to be memorised, so no augmentation and a wider hidden layer.
        Learner learner = LearningConfiguration.of(
                        SCHEMA,
                        Map.of(
                                "architecture",
                                Map.of("type", "convolutional-network", "kernel", 3, "hidden", 32),
                                "optimizer",
                                SGD,
                                "batchSize",
                                8))
                .learner();
        List<SiteRecord> records = TinyRecords.draw(SCHEMA, 32, 0, 2);
        ParameterVector model = learner.initialise(2);
        for (int round = 0; round < 150; round++) {
            model = learner.train(model, records, new RoundPosition(round, 150), round, StepListener.NONE)
                    .model();
        }
        float[] probabilities = learner.predict(model, records, SCAN);
        int right = 0;
        for (int i = 0; i < records.size(); i++) {
            right += probabilities[3 * i + records.get(i).label()] > 0.5 ? 1 : 0;
        }
        assertEquals(32, right, "images classified rightly after 150 epochs");
    }

    @Test
    void sameBitsOnOneThreadAndOnFour() throws Exception {
        Learner learner = configuration().learner();
        ParameterVector model = learner.initialise(3);
        List<ParameterVector> alone = new ArrayList<>();
        for (int site = 0; site < 8; site++) {
            alone.add(trained(learner, model, site));
        }
        List<Future<ParameterVector>> together = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int site = 0; site < 8; site++) {
                int id = site;
                together.add(threads.submit(() -> trained(learner, model, id)));
            }
        }
        for (int site = 0; site < 8; site++) {
            assertEquals(alone.get(site).hash(), together.get(site).get().hash(), "model of site " + site);
        }
        assertFalse(alone.get(0).hash().equals(alone.get(1).hash()), "two sites learned the same from other records");
    }

    private static ParameterVector trained(Learner learner, ParameterVector model, int site) {
        List<SiteRecord> records = TinyRecords.draw(SCHEMA, 40, 0, site);
        return learner.train(model, records, new RoundPosition(0, 1), site, StepListener.NONE)
                .model();
    }

    @Test
    void withoutAnImageOnlyTheOutputBiasAnswers() {
        Learner learner = configuration().learner();
        float[] values = learner.initialise(4).toArray();
        int bias = learner.layout().offset("output.bias");
        values[bias] = (float) Math.log(0.5);
        values[bias + 1] = (float) Math.log(0.3);
        values[bias + 2] = (float) Math.log(0.2);
        ParameterVector model = ParameterVector.of(learner.layout(), values);
        List<SiteRecord> records = TinyRecords.draw(SCHEMA, 4, 0, 4);
        float[] complete = learner.predict(model, records, SCAN);

        float[] partial = learner.predict(model, withoutImage(records, 1), SCAN);
        assertArrayEquals(new float[] {0.5f, 0.3f, 0.2f}, row(partial, 1), 1e-6f);
        assertArrayEquals(row(complete, 0), row(partial, 0), 1e-6f, "a neighbour's missing image changed a record");
        assertArrayEquals(row(partial, 1), row(learner.predict(model, records, Set.of()), 0), 1e-6f);
    }

    private static float[] row(float[] probabilities, int row) {
        return java.util.Arrays.copyOfRange(probabilities, 3 * row, 3 * row + 3);
    }

    @Test
    void configurationSurvivesItsCanonicalForm() {
        LearningConfiguration configuration = configuration();
        assertEquals(new ConvolutionalNetwork(3, 4, 6, 8), configuration.architecture());
        assertEquals(configuration, LearningConfiguration.parse(configuration.toCanonicalJson()));
    }

    @Test
    void refusesSchemasThatItCannotRead() {
        var several = assertThrows(
                LearningConfigurationException.class,
                () -> LearningConfiguration.of(TinyRecords.SCHEMA, Map.of("architecture", TINY)));
        assertEquals("learning.architecture.type", several.path());
        assertTrue(several.getMessage().contains("whose only modality is an image"), several.getMessage());
        var direct = assertThrows(
                IllegalArgumentException.class, () -> ConvolutionalNetwork.DEFAULT.network(TinyRecords.SCHEMA));
        assertTrue(direct.getMessage().contains("exactly one image"), direct.getMessage());
        var even = assertThrows(
                LearningConfigurationException.class,
                () -> LearningConfiguration.of(
                        SCHEMA, Map.of("architecture", Map.of("type", "convolutional-network", "kernel", 4))));
        assertEquals("learning.architecture.kernel: got '4'; expected an odd number", even.getMessage());
    }
}
