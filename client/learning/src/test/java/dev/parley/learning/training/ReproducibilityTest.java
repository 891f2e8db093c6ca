package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.learning.training.Learner.Trained;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The same seed gives the same bits, with all that is random switched on, however many sites train at once. */
class ReproducibilityTest {
    private static final int SITES = 6;

    /** Every source of randomness on: order, dropout of all three kinds, every augmentation. */
    private static final Map<String, ?> LEARNING = Map.of(
            "architecture",
            Map.of(
                    "width", 16,
                    "heads", 2,
                    "feedForward", 24,
                    "layers", 3,
                    "textEmbedding", 8,
                    "dropout", 0.2,
                    "modalityDropout", 0.3,
                    "wideDropout", 0.1,
                    "series",
                            Map.of(
                                    "motion",
                                    Map.of("normalisation", "rms", "vectors", List.of(List.of("x", "y", "z"))))),
            "augmentation",
            Map.of(
                    "imageShift", 1,
                    "imageContrast", 0.1,
                    "imageNoise", 0.1,
                    "tokenReplacement", 0.1,
                    "seriesScale", 0.1,
                    "seriesNoise", 0.1,
                    "axisTurns", true),
            "batchSize",
            8,
            "localEpochs",
            2);

    private final Learner learner =
            LearningConfiguration.of(TinyRecords.SCHEMA, LEARNING).learner();
    private final ParameterVector model =
            learner.statistics(learner.initialise(1), TinyRecords.draw(TinyRecords.SCHEMA, 30, 0.2, 1));

    @Test
    void theSameSeedGivesTheSameBitsAndAnotherOthers() {
        Trained once = train(0, 5);
        Trained again = train(0, 5);
        assertEquals(once.model().hash(), again.model().hash());
        assertEquals(once.meanLoss(), again.meanLoss());
        assertNotEquals(once.model().hash(), train(0, 6).model().hash(), "seed 6 trains as seed 5");
        assertNotEquals(once.model().hash(), train(1, 5).model().hash(), "other records train the same");
    }

    @Test
    void theSameBitsOnOneTwoAndFourThreads() throws Exception {
        List<String> alone = new ArrayList<>();
        for (int site = 0; site < SITES; site++) {
            alone.add(answer(site));
        }
        for (int threads : new int[] {1, 2, 4}) {
            List<Future<String>> together = new ArrayList<>();
            try (var pool = Executors.newFixedThreadPool(threads)) {
                for (int site = 0; site < SITES; site++) {
                    int id = site;
                    together.add(pool.submit(() -> answer(id)));
                }
            }
            for (int site = 0; site < SITES; site++) {
                assertEquals(
                        alone.get(site), together.get(site).get(), "site " + site + " among " + threads + " threads");
            }
        }
    }

    @Test
    void virtualThreadsToo() throws Exception {
        List<Future<String>> together = new ArrayList<>();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int site = 0; site < SITES; site++) {
                int id = site;
                together.add(pool.submit(() -> answer(id)));
            }
        }
        for (int site = 0; site < SITES; site++) {
            assertEquals(answer(site), together.get(site).get(), "site " + site);
        }
    }

    @Test
    void noRecordsLeaveTheModelAsItIs() {
        Trained trained = learner.train(model, List.of(), new RoundPosition(0, 1), 1, StepListener.NONE);
        assertEquals(new Trained(model, 0, 0, 0), trained);
    }

    @Test
    void stepsAreCountedAndTold() {
        List<String> told = new ArrayList<>();
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 17, 0.2, 2);
        Trained trained = learner.train(
                model, records, new RoundPosition(0, 1), 1, (step, steps) -> told.add(step + "/" + steps));
        assertEquals(List.of("1/6", "2/6", "3/6", "4/6", "5/6", "6/6"), told, "17 records in batches of 8, twice");
        assertEquals(17, trained.examples());
        assertEquals(6, trained.steps());
    }

    @Test
    void statisticsAreNotTrained() {
        ParameterVector trained = train(0, 1).model();
        for (var block : learner.layout().blocks()) {
            if (block.name().startsWith("statistics.")) {
                for (int i = 0; i < block.size(); i++) {
                    int at = learner.layout().offset(block.name()) + i;
                    assertEquals(model.get(at), trained.get(at), block + " moved in training");
                }
            }
        }
    }

    private Trained train(int site, long seed) {
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 30, 0.2, 100 + site);
        return learner.train(model, records, new RoundPosition(0, 2, 0.01), seed, StepListener.NONE);
    }

    /** Hash of the model a site trains, and the bits of what it then predicts. */
    private String answer(int site) {
        ParameterVector trained = train(site, site).model();
        float[] predicted = learner.predict(
                trained,
                TinyRecords.draw(TinyRecords.SCHEMA, 9, 0.3, site),
                Set.copyOf(TinyRecords.SCHEMA.modalityNames()));
        return trained.hash() + " " + java.util.Arrays.hashCode(predicted);
    }
}
