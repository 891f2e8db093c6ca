package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Modality dropout and the wide path, seen from outside through models of which only one part speaks. With two classes
 * and class 1 right, the loss {@code log(1 + exp(-score))} gives the fused score back.
 */
class ModalityDropoutTest {
    private static final Objective FUSED_ONLY = new Objective(0, 0, Augmentation.NONE);
    private static final int DRAWS = 150;
    private static final long SEED = 17;

    @Test
    void hidesEachModalityWithItsProbabilityButNeverAll() {
        for (double probability : new double[] {0.3, 0.9}) {
            Network network = TinyNetworks.transformer(0, probability, 0).network(TinyRecords.SCHEMA);
            // Every head answers 1 for a present modality, so the fused score counts those that were shown.
            ParameterVector model = silent(network);
            for (String name : TinyNetworks.ALL) {
                model = TinyNetworks.with(network, model, name + ".head.bias", 1);
            }
            for (int have = 1; have <= 4; have++) {
                SiteRecord record = ill(have);
                int[] shown = new int[5];
                try (TensorArena arena = TensorArena.open(network.layout())) {
                    arena.load(model.toArray());
                    Network.Prepared prepared = network.prepare(model, List.of(record), TinyNetworks.ALL);
                    var random = new SplittableRandom(SEED + have);
                    for (int draw = 0; draw < DRAWS; draw++) {
                        shown[(int) Math.round(fusedScore(arena, prepared, random))]++;
                    }
                }
                String what = "seed " + SEED + ", " + have + " modalities, dropout " + probability;
                assertEquals(0, shown[0], what + ": all hidden");
                // At least one of n stays: the binomial mean, plus the share of draws in which one had to be kept.
                double expected = have * (1 - probability) + Math.pow(probability, have);
                double mean = (shown[1] + 2.0 * shown[2] + 3.0 * shown[3] + 4.0 * shown[4]) / DRAWS;
                // Five standard errors of a count with variance at most n / 4: wrong once in a million runs.
                assertEquals(expected, mean, 5 * Math.sqrt(have * 0.25 / DRAWS), what);
                assertEquals(have == 1 ? DRAWS : shown[1], shown[1], what);
            }
        }
    }

    @Test
    void predictionHidesNothing() {
        Network network = TinyNetworks.transformer(0.5, 0.9, 0.9).network(TinyRecords.SCHEMA);
        Network plain = TinyNetworks.network(TinyRecords.SCHEMA);
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 5, 0.2, SEED);
        ParameterVector model = TinyNetworks.moved(plain, records, SEED);
        assertArrayEquals(
                TinyNetworks.scores(plain, model, records, TinyNetworks.ALL),
                TinyNetworks.scores(network, model, records, TinyNetworks.ALL));
    }

    @Test
    void theWidePathStartsAtZero() {
        Network network = TinyNetworks.network(TinyRecords.SCHEMA);
        for (float weight : network.initialise(SEED).block("note.wide")) {
            assertEquals(0f, weight);
        }
        assertEquals(Network.Pace.WIDE, network.pace(block(network, "note.wide")));
    }

    @Test
    void theWidePathIsZeroWhereTextIsAbsent() {
        Network network = TinyNetworks.network(TinyRecords.SCHEMA);
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 8, 0.5, SEED);
        ParameterVector model = TinyNetworks.moved(network, records, SEED);
        ParameterVector loud = TinyNetworks.with(network, model, "note.wide", 50);
        float[] quietScores = TinyNetworks.scores(network, model, records, TinyNetworks.ALL);
        float[] loudScores = TinyNetworks.scores(network, loud, records, TinyNetworks.ALL);
        int without = 0;
        for (int i = 0; i < records.size(); i++) {
            boolean has = records.get(i).values().containsKey("note");
            without += has ? 0 : 1;
            assertEquals(has, Math.abs(loudScores[2 * i + 1] - quietScores[2 * i + 1]) > 10, "record " + i);
            if (!has) {
                assertEquals(quietScores[2 * i + 1], loudScores[2 * i + 1], "record " + i + " has no text");
            }
        }
        assertTrue(without > 0 && without < records.size(), "seed " + SEED + ": " + without + " records without text");
        assertArrayEquals(
                TinyNetworks.scores(network, model, records, Set.of("scan", "lab")),
                TinyNetworks.scores(network, loud, records, Set.of("scan", "lab")),
                "text not among the present modalities");
    }

    @Test
    void theWidePathIsZeroWhereTextIsDropped() {
        Network network = TinyNetworks.transformer(0, 0.5, 0).network(TinyRecords.SCHEMA);
        ParameterVector model = TinyNetworks.with(network, silent(network), "note.wide", 2);
        SiteRecord record = ill(4);
        double wide = 2 * Math.sqrt(((ModalityValue.Text) record.values().get("note")).wide().length);
        int dropped = 0;
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            Network.Prepared prepared = network.prepare(model, List.of(record), TinyNetworks.ALL);
            var random = new SplittableRandom(SEED);
            for (int draw = 0; draw < 200; draw++) {
                double score = fusedScore(arena, prepared, random);
                boolean hidden = Math.abs(score) < 1e-5;
                assertTrue(hidden || Math.abs(score - wide) < 0.01, "score " + score + ", expected 0 or " + wide);
                dropped += hidden ? 1 : 0;
            }
        }
        assertTrue(dropped > 60 && dropped < 140, "seed " + SEED + ": text was dropped " + dropped + " times of 200");
    }

    @Test
    void wideDropoutHidesSingleFeatures() {
        Network network = TinyNetworks.transformer(0, 0, 0.5).network(TinyRecords.SCHEMA);
        ParameterVector model = TinyNetworks.with(network, silent(network), "note.wide", 1);
        SiteRecord record = ill(4);
        int features = ((ModalityValue.Text) record.values().get("note")).wide().length;
        double kept = 0;
        try (TensorArena arena = TensorArena.open(network.layout())) {
            arena.load(model.toArray());
            Network.Prepared prepared = network.prepare(model, List.of(record), TinyNetworks.ALL);
            var random = new SplittableRandom(SEED);
            for (int draw = 0; draw < DRAWS; draw++) {
                double count = fusedScore(arena, prepared, random) * Math.sqrt(features);
                assertEquals(Math.rint(count), count, 1e-3, "features kept");
                kept += count / DRAWS;
            }
        }
        assertEquals(features / 2.0, kept, 5 * Math.sqrt(features * 0.25 / DRAWS), "seed " + SEED);
    }

    private static Block block(Network network, String name) {
        return network.layout().blocks().stream()
                .filter(block -> block.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** All heads start at zero, so a fresh model says nothing. */
    private static ParameterVector silent(Network network) {
        return network.initialise(SEED);
    }

    /** A record of class 1 with the first modalities of the schema; the note is among the first two. */
    private static SiteRecord ill(int modalities) {
        SiteRecord complete = TinyRecords.draw(TinyRecords.SCHEMA, 20, 0, SEED).stream()
                .filter(record -> record.label() == 1)
                .findFirst()
                .orElseThrow();
        var values = new HashMap<>(complete.values());
        List<String> names = TinyRecords.SCHEMA.modalityNames();
        values.keySet().retainAll(names.subList(0, modalities));
        return new SiteRecord(
                complete.recordId(),
                complete.subjectId(),
                complete.siteId(),
                complete.clock(),
                values,
                1,
                complete.consent(),
                complete.provenance());
    }

    private static double fusedScore(TensorArena arena, Network.Prepared prepared, SplittableRandom random) {
        try (StepScope scope = arena.predictionStep()) {
            double loss = StepScope.values(prepared.loss(scope, new int[] {0}, random, FUSED_ONLY))[0];
            return -Math.log(Math.expm1(loss));
        }
    }
}
