package dev.parley.sim.up;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parley.agent.participation.AddressedModel;
import dev.parley.agent.participation.Assignment;
import dev.parley.agent.participation.Participation;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.WeightedMean;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.Task;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * The arithmetic of a FedAvg federation without engine, network or processes, written down a second time. Each update gets a
 * mask of this class's own that is taken off its sum again: of secure aggregation only its promise is used.
 */
public final class ReferenceFederation {
    private final FederationSpec spec;
    private final SortedMap<String, SiteParticipant> sites;

    public ReferenceFederation(FederationSpec spec, SortedMap<String, SiteParticipant> sites) {
        this.spec = spec;
        this.sites = sites;
    }

    /** @param absent for each round, the members of its cohort that did not contribute */
    public byte[] run(ParameterVector initial, List<Set<String>> absent) {
        ParameterVector model = initial;
        for (int round = 0; round < spec.totalRounds(); round++) {
            model = model.plus(mean(round, model, absent.get(round)).update(), 1f);
        }
        return Safetensors.write(model, Map.of());
    }

    private WeightedMean mean(int round, ParameterVector model, Set<String> absent) {
        AddressedModel addressed = AddressedModel.of(model);
        Assignment assignment = assignment(round, addressed);
        UpdateEncoding encoding = new UpdateEncoding(
                model.size(),
                assignment.clipNorm(),
                sites.size(),
                assignment.masking().modulus(),
                RotationSeed.ofRound(spec.name().value(), spec.seed(), round, 0));
        RingSum sum = new RingSum(encoding.length(), encoding.modulus());
        MaskTerm self = new MaskTerm(SecretSeed.random(new SecureRandom()), true);
        MaskTerm pair = new MaskTerm(SecretSeed.random(new SecureRandom()), true);
        int contributions = 0;
        for (Map.Entry<String, SiteParticipant> site : sites.entrySet()) {
            if (!absent.contains(site.getKey())) {
                Participation participation = site.getValue().participate(assignment, addressed, StepListener.NONE);
                sum.add(assertInstanceOf(Participation.Contributed.class, participation)
                        .update()
                        .mask(OneTimeMask.of(self.seed(), List.of(pair)))
                        .ring());
                sum.addMasks(List.of(self.negated(), pair.negated()), 1);
                contributions++;
            }
        }
        return encoding.decode(sum.centred(), contributions, model.layout());
    }

    private Assignment assignment(int round, AddressedModel model) {
        Task task = spec.task(round);
        boolean statistics = task instanceof Task.AgreeStatistics;
        return new Assignment(
                spec.name().value(),
                round,
                0,
                switch (task) {
                    case Task.AgreeStatistics agreed -> new Assignment.Task.AgreeStatistics();
                    case Task.Train train -> new Assignment.Task.Train(train.round(), train.totalRounds());
                },
                model.hash(),
                model.parameters().layout().hash(),
                spec.learningHash(),
                spec.policyHash(),
                List.copyOf(sites.keySet()),
                ContentHash.of(new byte[0]),
                statistics ? spec.update().statisticsBound() : spec.update().clipNorm(),
                spec.update().exampleCap(),
                spec.update().proximalMu(),
                spec.update().noise(),
                new UpdateMasking(
                        statistics
                                ? new RingModulus(RingModulus.MOST_BITS)
                                : spec.update().masking().modulus(),
                        SecureSumTerms.full(
                                sites.size(), spec.update().masking().colluding())),
                false,
                spec.seed(),
                Instant.EPOCH);
    }
}
