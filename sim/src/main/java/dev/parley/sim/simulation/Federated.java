package dev.parley.sim.simulation;

import dev.parley.rounds.ReleasedVersion;
import dev.parley.rounds.SiteName;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.RoundEntry;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the rounds of a federation gave, wherever they ran.
 *
 * @param model the last released version
 * @param trainedRounds for each site the training rounds for which it has computed an update, whether or not it was
 *     released; what private training spends
 * @param trainingSeconds of the rounds, less what follows
 * @param aggregationSeconds of adding, decoding and the server's optimiser
 */
public record Federated(
        ReleasedVersion model,
        List<RoundEntry> rounds,
        Bytes bytes,
        SortedMap<SiteName, Integer> trainedRounds,
        double trainingSeconds,
        double aggregationSeconds) {
    public Federated {
        rounds = List.copyOf(rounds);
        trainedRounds = Collections.unmodifiableSortedMap(new TreeMap<>(trainedRounds));
    }
}
