package dev.parley.sim.simulation;

import dev.parley.rounds.ReleasedVersion;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.RoundEntry;
import java.util.List;

/**
 * What the rounds of a federation gave, wherever they ran.
 *
 * @param model the last released version
 * @param trainingSeconds of the rounds, less what follows
 * @param aggregationSeconds of adding, decoding and the server's optimiser
 */
public record Federated(
        ReleasedVersion model,
        List<RoundEntry> rounds,
        Bytes bytes,
        double trainingSeconds,
        double aggregationSeconds) {
    public Federated {
        rounds = List.copyOf(rounds);
    }
}
