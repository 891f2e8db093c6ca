package dev.parley.learning.training;

import dev.parley.learning.training.DpSgd.Clipping;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.update.ClipNorm;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code privacy} section of a learning configuration. A target epsilon is turned into a noise multiplier when the
 * section is read, so the document that sites agree on says how much noise there is and nobody calibrates again.
 */
final class DpSgdFormat {
    private static final String FLAT = "flat";
    private static final String PER_LAYER = "perlayer";
    private static final int MOST_STEPS = 1_000_000;

    private DpSgdFormat() {}

    static DpSgd read(ConfigurationReader reader, int localEpochs) {
        PrivacyUnit unit =
                reader.choice("unit", "record", List.of("record", "subject")).equals("record")
                        ? PrivacyUnit.RECORD
                        : PrivacyUnit.SUBJECT;
        var clipNorm = new ClipNorm(required(reader, "clipNorm", 1e-6, 1e6));
        var rate = new SamplingRate(required(reader, "samplingRate", 1e-9, 1));
        int expectedBatch = reader.requiredInteger("expectedBatch", 1, 1 << 20);
        var delta = new Delta(required(reader, "delta", 1e-30, 0.1));
        int epochSteps = (int) Math.clamp(Math.round(localEpochs / rate.value()), 1, MOST_STEPS);
        int steps = reader.integer("stepsPerRound", epochSteps, 1, MOST_STEPS);
        int records = unit == PrivacyUnit.SUBJECT ? reader.integer("recordsPerSubject", 4, 1, 1024) : 1;
        int rows = reader.integer("rowsAtOnce", Math.max(32, records), records, 1 << 16);
        NoiseMultiplier noise = noise(reader, rate, delta, steps);
        Clipping clipping = clipping(reader, noise, expectedBatch);
        reader.refuseUnknownKeys();
        return new DpSgd(unit, clipNorm, noise, rate, expectedBatch, steps, clipping, records, rows, delta);
    }

    private static double required(ConfigurationReader reader, String key, double minimum, double maximum) {
        if (!reader.has(key)) {
            throw reader.refuse(
                    key,
                    "a number from " + minimum + " to " + maximum
                            + "; it is public and the same at every site, so it has no default taken from data");
        }
        return reader.number(key, minimum, minimum, maximum);
    }

    /** Either the multiplier itself, or a target with the rounds it has to last. */
    private static NoiseMultiplier noise(ConfigurationReader reader, SamplingRate rate, Delta delta, int steps) {
        boolean given = reader.has("noiseMultiplier");
        if (given == reader.has("epsilon")) {
            throw new LearningConfigurationException(
                    reader.at("noiseMultiplier"),
                    given ? "a noiseMultiplier and an epsilon" : "neither a noiseMultiplier nor an epsilon",
                    "one of them: the noise itself, or epsilon with rounds, from which the noise is calculated");
        }
        if (given) {
            reader.has("rounds");
            return new NoiseMultiplier(reader.number("noiseMultiplier", 1, 0.05, DpSgd.MOST_NOISE));
        }
        double target = reader.number("epsilon", 1, 0.01, 100);
        if (!reader.has("rounds")) {
            throw reader.refuse("rounds", "the number of rounds that the epsilon is for");
        }
        int rounds = reader.integer("rounds", 1, 1, 100_000);
        try {
            return DpSgd.calibrated(new Epsilon(target), delta, rate, (long) steps * rounds);
        } catch (IllegalArgumentException e) {
            throw new LearningConfigurationException(
                    reader.at("epsilon"), "'" + target + "'", String.valueOf(e.getMessage()));
        }
    }

    private static Clipping clipping(ConfigurationReader reader, NoiseMultiplier noise, int expectedBatch) {
        String kind = reader.choice("clipping", FLAT, List.of(FLAT, PER_LAYER));
        if (!reader.has("adaptive")) {
            return kind.equals(FLAT) ? new Clipping.Flat() : new Clipping.PerLayer();
        }
        if (!kind.equals(FLAT)) {
            throw new LearningConfigurationException(
                    reader.at("adaptive"), "adaptive clipping by layer", "clipping: flat, or a fixed bound");
        }
        ConfigurationReader adaptive = reader.section("adaptive");
        double quantile = adaptive.number("quantile", 0.5, 0, 1);
        double pace = adaptive.number("pace", 0.2, 0, 2);
        // The paper's choice, a twentieth of the batch, where the batch is large enough to leave anything for the
        // gradients.
        double countNoise = adaptive.number(
                "countNoise", Math.max(expectedBatch / 20.0, 2 * noise.value()), noise.value() / 2, 1e6);
        adaptive.refuseUnknownKeys();
        if (!(2 * countNoise > noise.value())) {
            throw adaptive.refuse("countNoise", "a number above half the noise multiplier " + noise.value());
        }
        return new Clipping.Adaptive(quantile, pace, countNoise);
    }

    static Map<String, Object> tree(DpSgd privacy) {
        Map<String, Object> tree = new TreeMap<>();
        tree.put("unit", privacy.unit().name().toLowerCase(Locale.ROOT));
        tree.put("clipNorm", privacy.clipNorm().value());
        tree.put("noiseMultiplier", privacy.noise().value());
        tree.put("samplingRate", privacy.rate().value());
        tree.put("expectedBatch", privacy.expectedBatch());
        tree.put("stepsPerRound", privacy.stepsPerRound());
        tree.put("rowsAtOnce", privacy.rowsAtOnce());
        tree.put("delta", privacy.delta().value());
        if (privacy.unit() == PrivacyUnit.SUBJECT) {
            tree.put("recordsPerSubject", privacy.recordsPerSubject());
        }
        switch (privacy.clipping()) {
            case Clipping.Flat flat -> tree.put("clipping", FLAT);
            case Clipping.PerLayer perLayer -> tree.put("clipping", PER_LAYER);
            case Clipping.Adaptive adaptive -> {
                tree.put("clipping", FLAT);
                tree.put(
                        "adaptive",
                        new TreeMap<>(Map.of(
                                "quantile", adaptive.quantile(),
                                "pace", adaptive.pace(),
                                "countNoise", adaptive.countNoise())));
            }
        }
        return tree;
    }
}
