package dev.parley.server.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.Noise;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SecureAggregation;
import dev.parley.contract.v1.Task;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.cluster.SiteMessage;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ContractWriterTest {
    @Test
    void aPlanReadsOnTheWireAsItWasMadeAndHashesAsItWasSent() throws Exception {
        ByteString sent = ContractWriter.message("hospital", new SiteMessage.Plan(Plans.plan(4, 1), new TreeMap<>()))
                .getPlan()
                .getPlan();

        assertEquals(ContentHash.of(sent.toByteArray()), Plans.plan(4, 1).hash());
        assertNotEquals(Plans.plan(4, 2).hash(), Plans.plan(4, 1).hash());
        RoundPlan plan = RoundPlan.parseFrom(sent);
        ByteString any = ByteString.copyFrom(ContentHash.of(new byte[0]).bytes());
        RoundPlan expected = RoundPlan.newBuilder()
                .setFederation("hospital")
                .setRound(4)
                .setAttempt(1)
                .setTask(Task.TASK_TRAIN)
                .setTrainingRound(4)
                .setTrainingRounds(10)
                .setModelHash(any)
                .setLayoutHash(any)
                .setLearningHash(any)
                .setPolicyHash(any)
                .addAllCohort(List.of("north", "south"))
                .setClipNorm(2.5)
                .setExampleCap(5000)
                .setProximalMu(0.01)
                .setNoise(Noise.NOISE_NONE)
                .setSeed(-7)
                .setDeadlineEpochMillis(1_795_521_600_000L)
                .setRosterHash(
                        ByteString.copyFrom(ContentHash.of(new byte[] {9}).bytes()))
                .setSecureAggregation(SecureAggregation.newBuilder()
                        .setBits(20)
                        .setThreshold(2)
                        .setColluding(1))
                .setEvaluated(true)
                .build();
        assertEquals(expected, plan);
        // Written by hand there and by the library here: the same bytes.
        assertEquals(expected.toByteString(), sent);
    }
}
