package dev.parley.sim.attack;

import dev.parley.learning.multimodal.HandcraftedFeatures;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.DpSgd;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.learning.training.LearningConfiguration;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.audit.OneRunAudit;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An audit of private training at one site by a single run (Steinke, Nasr, Jagielski 2023, algorithm 1), against the learner
 * that sites train with.
 *
 * <p>Every canary is a note of one word that nobody else writes, and was given to the site or not by its own fair coin. Its
 * gradient is a direction of its own, apart from the bias that all share (a "Dirac canary", Nasr and others 2023), clipped
 * like any other and as long as the clip norm allows: no record can show more of itself. Whoever sees the final model reads the
 * weight of each canary's word; those that moved most as their label pulls are guessed to have been there, those
 * that moved least not to have been.
 *
 * <p><b>Guarantees</b>: the training audited is {@link LearningConfiguration#learner}'s, Poisson sampling, clipping and
 * noise included; equal settings give equal results. <b>Does not</b> audit the accountant's assumptions about randomness:
 * its noise can be foretold, so that the run repeats.
 */
public record CanaryAudit(Settings settings) {
    private static final int CROWD = 200;
    private static final int ROUNDS = 5;
    private static final int STEPS_PER_ROUND = 8;
    private static final double RATE = 0.25;
    private static final String NOTE = "note";
    private static final Set<String> PURPOSES = Set.of("audit");

    /** Confidence of 95 %, as in the paper. */
    private static final double SIGNIFICANCE = 0.05;

    /**
     * What noise is when it is off. A document cannot say it: reading one refuses multipliers below 0.05, and sites train by
     * documents alone.
     */
    private static final NoiseMultiplier OFF = new NoiseMultiplier(1e-6);

    /**
     * @param canaries how many coins are thrown, at least 2
     * @param guesses of how many it is guessed whether they were included, half each way; decided before the run, or the
     *     bound would not hold
     * @param target epsilon that the noise is calculated for
     * @param noise whether there is any; off, the audit must refute the claim
     */
    public record Settings(int canaries, int guesses, Epsilon target, Delta delta, boolean noise, long seed) {
        public Settings {
            if (canaries < 2 || canaries > 100_000 || guesses < 2 || guesses > canaries || guesses % 2 != 0) {
                throw new IllegalArgumentException("an audit has 2 to 100000 canaries and an even number of guesses, at"
                        + " most one for each, got " + canaries + " canaries and " + guesses + " guesses");
            }
        }
    }

    /**
     * @param claimed what the accountant says of the noise that should be there
     * @param audit how many guesses were right
     * @param least epsilon that they prove, with 95 % confidence
     */
    public record Result(Epsilon claimed, OneRunAudit audit, Epsilon least) {
        /** Whether the claim is shown to be false. */
        public boolean refuted() {
            return least.compareTo(claimed) > 0;
        }
    }

    /** Trains once and guesses. */
    public Result run() {
        LearningConfiguration honest = configuration();
        LearningConfiguration trained = settings.noise() ? honest : withoutNoise(honest);
        var coins = new SplittableRandom(settings.seed());
        boolean[] included = new boolean[settings.canaries()];
        List<SiteRecord> records = new ArrayList<>();
        for (int canary = 0; canary < included.length; canary++) {
            included[canary] = coins.nextBoolean();
            if (included[canary]) {
                records.add(record("canary" + canary, new int[] {canary}, label(canary)));
            }
        }
        crowd(coins, records);
        double[] scores = scores(trained, records);
        var audit = new OneRunAudit(included.length, settings.guesses(), correct(scores, included));
        Epsilon claimed = ((DpSgd) honest.privacy()).epsilon(ROUNDS);
        return new Result(claimed, audit, audit.lowerBound(settings.delta(), SIGNIFICANCE));
    }

    private LearningConfiguration configuration() {
        int words = 2 * settings.canaries();
        var schema = new RecordSchema(List.of(new Modality.Text(NOTE, 2, 1, words)), List.of("no", "yes"));
        int expected = (int) Math.round(RATE * (settings.canaries() / 2.0 + CROWD));
        return LearningConfiguration.of(
                schema,
                Map.of(
                        // The word is ten times the bias, so nearly all of a canary's gradient is its own.
                        "architecture", Map.of("type", "handcrafted-features", "lengths", Map.of(NOTE, 10)),
                        "optimizer", Map.of("type", "sgd", "wideLearningRate", 1, "momentum", 0),
                        "schedule", Map.of("shape", "constant"),
                        "privacy",
                                Map.of(
                                        "unit",
                                        "record",
                                        "epsilon",
                                        settings.target().value(),
                                        "delta",
                                        settings.delta().value(),
                                        "rounds",
                                        ROUNDS,
                                        "clipNorm",
                                        0.1,
                                        "samplingRate",
                                        RATE,
                                        "expectedBatch",
                                        expected,
                                        "stepsPerRound",
                                        STEPS_PER_ROUND,
                                        "rowsAtOnce",
                                        256)));
    }

    /** The same training with the noise switched off, which no document describes. */
    static LearningConfiguration withoutNoise(LearningConfiguration honest) {
        var privacy = (DpSgd) honest.privacy();
        return honest.with(new DpSgd(
                privacy.unit(),
                privacy.clipNorm(),
                OFF,
                privacy.rate(),
                privacy.expectedBatch(),
                privacy.stepsPerRound(),
                privacy.clipping(),
                privacy.recordsPerSubject(),
                privacy.rowsAtOnce(),
                privacy.delta()));
    }

    private static int label(int canary) {
        return canary % 2;
    }

    /** Ordinary records, of words that no canary has. */
    private void crowd(SplittableRandom random, List<SiteRecord> records) {
        for (int i = 0; i < CROWD; i++) {
            int[] words = IntStream.generate(() -> settings.canaries() + random.nextInt(settings.canaries()))
                    .limit(10)
                    .sorted()
                    .distinct()
                    .toArray();
            records.add(record("ordinary" + i, words, random.nextInt(2)));
        }
    }

    private static SiteRecord record(String id, int[] words, int label) {
        return new SiteRecord(
                id,
                id,
                "site",
                null,
                Map.of(NOTE, new ModalityValue.Text(new int[] {1}, words)),
                label,
                new SiteRecord.Consent.Granted(PURPOSES),
                new SiteRecord.Provenance("invented", List.of()));
    }

    /** How far the final model has moved each canary's weight as its label pulls. */
    private double[] scores(LearningConfiguration configuration, List<SiteRecord> records) {
        Learner learner = configuration.learner(InsecureNoiseSource::replaying);
        var seeds = new SplittableRandom(settings.seed());
        ParameterVector start = learner.initialise(settings.seed());
        ParameterVector model = start;
        for (int round = 0; round < ROUNDS; round++) {
            model = learner.train(model, records, new RoundPosition(round, ROUNDS), seeds.nextLong(), StepListener.NONE)
                    .model();
        }
        int weights = learner.layout().offset(HandcraftedFeatures.weights(NOTE));
        double[] scores = new double[settings.canaries()];
        for (int canary = 0; canary < scores.length; canary++) {
            double moved = model.get(weights + canary) - start.get(weights + canary);
            scores[canary] = label(canary) == 1 ? moved : -moved;
        }
        return scores;
    }

    private int correct(double[] scores, boolean[] included) {
        Integer[] order = new Integer[scores.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
        int correct = 0;
        for (int i = 0; i < settings.guesses() / 2; i++) {
            correct += included[order[i]] ? 0 : 1;
            correct += included[order[order.length - 1 - i]] ? 1 : 0;
        }
        return correct;
    }
}
