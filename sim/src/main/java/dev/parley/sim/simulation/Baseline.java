package dev.parley.sim.simulation;

import dev.parley.agent.participation.SiteSeed;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What a federation is compared with: the same model, settings and number of passes on one set of records, without any
 * exchange and without privacy, so that the difference to a private federation shows what privacy costs.
 */
record Baseline(PreparedRun run, String name, List<SiteRecord> records, StepListener steps)
        implements Callable<ParameterVector> {
    @Override
    public ParameterVector call() {
        Learner learner = run.unprotected();
        ParameterVector model = learner.needsStatistics() ? learner.statistics(run.initial(), records) : run.initial();
        int rounds = run.scenario().rounds().training();
        for (int round = 0; round < rounds; round++) {
            long seed = SiteSeed.derive(run.seed(), round, name);
            model = learner.train(model, records, new RoundPosition(round, rounds), seed, steps)
                    .model();
        }
        return model;
    }

    @Override
    public String toString() {
        return "Baseline[" + name + "]";
    }
}
