package dev.parley.agent.participation;

import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A model family small enough to follow by hand: training adds random steps that depend on the seed and on how many
 * records there are; the prediction for a record is decided by the first parameter.
 */
final class ShiftLearner implements Learner {
    static final ParameterLayout LAYOUT =
            ParameterLayout.of(List.of(Block.of("body.weight", 40, 5), Block.of("statistics.mean", 3)));
    static final RecordSchema SCHEMA = new RecordSchema(
            List.of(new Modality.Table("vitals", List.of(new Channel("pulse", "1/min", 0, 300)))),
            List.of("well", "ill"));
    static final int STEPS = 4;

    private final float poison;
    private final boolean statistics;
    private final Runnable eachStep;

    private ShiftLearner(float poison, boolean statistics, Runnable eachStep) {
        this.poison = poison;
        this.statistics = statistics;
        this.eachStep = eachStep;
    }

    static ShiftLearner honest() {
        return watched(() -> {});
    }

    /** Runs {@code eachStep} before each training step. */
    static ShiftLearner watched(Runnable eachStep) {
        return new ShiftLearner(0, true, eachStep);
    }

    static ShiftLearner withoutStatistics() {
        return new ShiftLearner(0, false, () -> {});
    }

    static ShiftLearner diverging() {
        return new ShiftLearner(Float.NaN, true, () -> {});
    }

    /** Records that consent to {@code purposes}. */
    static List<SiteRecord> records(int count, String... purposes) {
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new SiteRecord(
                    "r" + i,
                    "s" + i,
                    "north",
                    null,
                    Map.of("vitals", new ModalityValue.Table(new float[] {i / 10f}, new boolean[] {true})),
                    i % 2,
                    new SiteRecord.Consent.Granted(Set.of(purposes)),
                    new SiteRecord.Provenance("test", List.of())));
        }
        return records;
    }

    @Override
    public RecordSchema schema() {
        return SCHEMA;
    }

    @Override
    public ParameterLayout layout() {
        return LAYOUT;
    }

    @Override
    public ParameterVector initialise(long seed) {
        return ParameterVector.zeros(LAYOUT);
    }

    @Override
    public boolean needsStatistics() {
        return statistics;
    }

    @Override
    public ParameterVector statistics(ParameterVector model, List<SiteRecord> records) {
        float[] values = model.toArray();
        values[LAYOUT.offset("statistics.mean")] = records.size();
        return ParameterVector.of(LAYOUT, values);
    }

    @Override
    public Trained train(
            ParameterVector model, List<SiteRecord> records, RoundPosition position, long seed, StepListener progress) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = model.toArray();
        for (int step = 1; step <= STEPS; step++) {
            eachStep.run();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (random.nextDouble() - 0.5) + poison;
            }
            progress.onStep(step, STEPS);
        }
        return new Trained(ParameterVector.of(LAYOUT, values), records.size(), STEPS, 0.5);
    }

    @Override
    public float[] predict(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        float[] probabilities = new float[2 * records.size()];
        for (int i = 0; i < records.size(); i++) {
            float ill = (float) (1 / (1 + Math.exp(-model.get(0) - i)));
            probabilities[2 * i] = 1 - ill;
            probabilities[2 * i + 1] = ill;
        }
        return probabilities;
    }
}
