package dev.parley.sim.up;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parley.agent.participation.AddressedModel;
import dev.parley.agent.participation.Assignment;
import dev.parley.agent.participation.Participation;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.update.FixedPointEncoding;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateSum;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.Task;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** The arithmetic of a FedAvg federation without engine, network or processes, written down a second time. */
final class ReferenceFederation {
    private final FederationSpec spec;
    private final SortedMap<String, SiteParticipant> sites;

    ReferenceFederation(FederationSpec spec, SortedMap<String, SiteParticipant> sites) {
        this.spec = spec;
        this.sites = sites;
    }

    /** @param absent for each round, the sites that did not contribute */
    byte[] run(ParameterVector initial, List<Set<String>> absent) {
        ParameterVector model = initial;
        for (int round = 0; round < spec.totalRounds(); round++) {
            AddressedModel addressed = AddressedModel.of(model);
            Assignment assignment = assignment(round, addressed);
            UpdateSum sum = new UpdateSum(
                    model.layout(), new FixedPointEncoding(assignment.clipNorm(), assignment.cohortLimit()));
            for (Map.Entry<String, SiteParticipant> site : sites.entrySet()) {
                if (!absent.get(round).contains(site.getKey())) {
                    Participation participation = site.getValue().participate(assignment, addressed, StepListener.NONE);
                    sum.addBytes(assertInstanceOf(Participation.Contributed.class, participation)
                            .update()
                            .toBytes());
                }
            }
            model = model.plus(sum.decode().update(), 1f);
        }
        return Safetensors.write(model, Map.of());
    }

    private Assignment assignment(int round, AddressedModel model) {
        Task task = spec.task(round);
        return new Assignment(
                spec.name().value(),
                round,
                0,
                switch (task) {
                    case Task.AgreeStatistics statistics -> new Assignment.Task.AgreeStatistics();
                    case Task.Train train -> new Assignment.Task.Train(train.round(), train.totalRounds());
                },
                model.hash(),
                model.parameters().layout().hash(),
                spec.learningHash(),
                spec.policyHash(),
                List.copyOf(sites.keySet()),
                task instanceof Task.AgreeStatistics
                        ? spec.update().statisticsBound()
                        : spec.update().clipNorm(),
                spec.cohort().maximum(),
                spec.update().exampleCap(),
                spec.update().proximalMu(),
                spec.update().noise(),
                spec.update().masking(),
                spec.seed(),
                Instant.EPOCH);
    }
}
