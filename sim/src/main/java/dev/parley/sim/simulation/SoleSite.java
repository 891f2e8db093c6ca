package dev.parley.sim.simulation;

import dev.parley.agent.participation.SiteSeed;
import dev.parley.learning.training.Learner;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.ReleasedVersion;
import dev.parley.rounds.SiteName;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.scenario.FederatedSite;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A federation of one, whose every round's model is the site's own. Nothing is summed and nothing masked, which is why {@link
 * PreparedRun} allows it under private training only: it is what the literature calls central differential privacy.
 */
record SoleSite(PreparedRun run, RoundScores scores, StepListener steps, RunListener listener) {
    Federated train() throws SimulationException, InterruptedException {
        FederatedSite site = run.records().sites().getFirst();
        Learner learner = run.learner();
        ParameterVector model = run.initial();
        int total = run.scenario().rounds().training();
        long began = System.nanoTime();
        List<RoundEntry> rounds = new ArrayList<>();
        if (learner.needsStatistics()) {
            model = learner.statistics(model, site.training().records());
        }
        for (int round = 0; round < total; round++) {
            long roundBegan = System.nanoTime();
            long seed = SiteSeed.derive(run.seed(), round, site.name().value());
            model = learner.train(model, site.training().records(), new RoundPosition(round, total), seed, steps)
                    .model();
            RoundEntry entry = new RoundEntry(
                    round + 1,
                    "train",
                    1,
                    0,
                    scores.of(round + 1, model),
                    (System.nanoTime() - roundBegan) / 1e9,
                    0,
                    0);
            rounds.add(entry);
            listener.onRound(entry, total);
        }
        SortedMap<SiteName, Integer> trained = new TreeMap<>();
        trained.put(site.name(), total);
        return new Federated(
                ReleasedVersion.of(model), rounds, new Bytes(0, 0), trained, (System.nanoTime() - began) / 1e9, 0);
    }
}
