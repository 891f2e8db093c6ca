package dev.parley.learning.training;

import dev.parley.learning.multimodal.Network;
import dev.parley.learning.multimodal.PerExampleRules;
import dev.parley.learning.multimodal.TensorArena;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.dp.noise.PoissonDraws;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A {@link Network} trained by {@link DpSgd}.
 *
 * <p><b>Guarantees</b>: the model that {@link #train} returns is, of the training records, differentially private as {@link
 * DpSgd#composition} says, for whoever sees models, plans and everything public, of any number of rounds. That includes
 * the number of records: steps, batch divisor and weight of the result do not depend on it. An empty batch is a step of
 * noise alone. Dropout and augmentation draw from a fresh secret seed in every step, so what the other records of a batch
 * draw does not tell whether one was among them.
 *
 * <p><b>Does not</b> make {@link #statistics} or {@link #predict} private, hide how long training took, or hold if the
 * origin of its randomness is one that can be foretold.
 */
final class PrivateLearner extends ForwardingLearner {
    private final LearningConfiguration configuration;
    private final DpSgd privacy;
    private final NoiseOrigin origin;
    private final Network network;
    private final PerExampleRules rules;

    /** @throws IllegalArgumentException if a layer has no per-example rule */
    PrivateLearner(LearningConfiguration configuration, DpSgd privacy, NoiseOrigin origin) {
        this(configuration, privacy, origin, new GradientLearner(configuration));
    }

    private PrivateLearner(
            LearningConfiguration configuration, DpSgd privacy, NoiseOrigin origin, GradientLearner plain) {
        super(plain);
        this.configuration = configuration;
        this.privacy = privacy;
        this.origin = origin;
        this.network = plain.network();
        this.rules = PerExampleRules.of(network);
    }

    @Override
    public Trained train(
            ParameterVector model, List<SiteRecord> records, RoundPosition position, long seed, StepListener progress) {
        Network.Prepared prepared = network.prepare(model, records, Set.copyOf(schema().modalityNames()));
        PrivacyUnits units = PrivacyUnits.of(records, privacy);
        NoiseSource source = origin.forRound(seed);
        var draws = new PoissonDraws(source);
        StepNoise noise = StepNoise.of(privacy, rules, layout(), source);
        var sum = new ClippedSum(
                network,
                prepared,
                configuration.objective(),
                privacy,
                rules.layers().size());
        float[] weights = model.toArray();
        float[] gradient = new float[weights.length];
        var optimizer = new LocalOptimizer(configuration.optimizer(), network, weights, position.proximalMu());
        double bound = privacy.clipNorm().value();
        int steps = privacy.stepsPerRound();
        try (TensorArena arena = TensorArena.open(layout())) {
            for (int step = 0; step < steps; step++) {
                List<int[]> batch = batch(units, draws);
                noise.checkBatch(batch.size());
                arena.load(weights);
                sum.sum(arena, batch, bound, new SplittableRandom(draws.seed()));
                noise.release(sum.total(), bound, gradient);
                bound = noise.next(bound, sum.below(), batch.size());
                double factor = configuration.schedule().factor(position, (double) step / steps);
                optimizer.step(weights, gradient, factor);
                progress.onStep(step + 1, steps);
            }
        }
        return new Trained(ParameterVector.of(layout(), weights), privacy.nominalUnits(), steps, Double.NaN);
    }

    private List<int[]> batch(PrivacyUnits units, PoissonDraws draws) {
        List<int[]> batch = new ArrayList<>();
        for (int unit : draws.participants(privacy.rate(), units.count())) {
            batch.add(units.drawn(unit, draws));
        }
        return batch;
    }

    @Override
    public LocalPrivacy privacy() {
        return privacy;
    }
}
