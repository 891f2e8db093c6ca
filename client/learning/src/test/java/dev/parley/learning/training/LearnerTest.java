package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LearnerTest {
    private static final Set<String> ALL = Set.copyOf(TinyRecords.SCHEMA.modalityNames());

    /** Small sizes, no regularisation: what can be learned by heart should be. */
    private static Learner tiny(Map<String, ?> optimizer) {
        return LearningConfiguration.of(
                        TinyRecords.SCHEMA,
                        Map.of(
                                "architecture",
                                Map.of(
                                        "width",
                                        16,
                                        "heads",
                                        2,
                                        "feedForward",
                                        32,
                                        "layers",
                                        2,
                                        "bottlenecks",
                                        2,
                                        "textEmbedding",
                                        8,
                                        "dropout",
                                        0,
                                        "modalityDropout",
                                        0),
                                "optimizer",
                                optimizer,
                                "batchSize",
                                8))
                .learner();
    }

    @Test
    void overfitsThirtyTwoExamples() {
        Learner learner = tiny(Map.of("learningRate", 0.003));
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 32, 0.3, 1);
        var model = learner.statistics(learner.initialise(1), records);
        double loss = Double.NaN;
        for (int round = 0; round < 40; round++) {
            var trained = learner.train(model, records, new RoundPosition(round, 40), round, StepListener.NONE);
            model = trained.model();
            loss = trained.meanLoss();
        }
        float[] probabilities = learner.predict(model, records, ALL);
        int right = 0;
        for (int i = 0; i < records.size(); i++) {
            right += probabilities[2 * i + records.get(i).label()] > 0.5 ? 1 : 0;
        }
        assertEquals(32, right, "records classified rightly after 40 epochs, last loss " + loss);
        assertTrue(loss < 0.2, "loss " + loss);
    }

    @Test
    void cutsAreTrainedOnAndNotCounted() {
        var schema = TinyRecords.SCHEMA.restrictedTo(Set.of("motion"));
        // Ten windows of 1.6 s, one every 0.8 s, of one recording: three cuts between each two.
        List<SiteRecord> records = new ArrayList<>();
        for (SiteRecord r : TinyRecords.draw(schema, 10, 0, 1)) {
            records.add(new SiteRecord(
                    r.recordId(),
                    "s1",
                    r.siteId(),
                    r.clock(),
                    r.values(),
                    0,
                    r.consent(),
                    r.provenance(),
                    new SiteRecord.Excerpt("walk", 0.8 * records.size(), 1)));
        }
        Map<String, Object> plain = Map.of("batchSize", 1);
        Map<String, Object> recut = Map.of("batchSize", 1, "augmentation", Map.of("recutSeconds", 0.2));
        Learner without = LearningConfiguration.of(schema, plain).learner();
        Learner with = LearningConfiguration.of(schema, recut).learner();
        var model = with.statistics(with.initialise(1), records);

        assertEquals(without.statistics(without.initialise(1), records), model, "sites agree on their records");
        var trained = with.train(model, records, new RoundPosition(0, 1), 1, StepListener.NONE);
        assertEquals(10 + 9 * 3, trained.steps());
        assertEquals(10, trained.examples());
        assertEquals(
                10,
                without.train(model, records, new RoundPosition(0, 1), 1, StepListener.NONE)
                        .steps());
    }
}
