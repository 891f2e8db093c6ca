package dev.parley.agent.participation;

import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateNoise;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Assignments that differ from a good one in one respect. */
final class Assignments {
    static final ContentHash LEARNING = ContentHash.of("learning document".getBytes(StandardCharsets.UTF_8));
    static final AddressedModel MODEL = AddressedModel.of(ParameterVector.zeros(ShiftLearner.LAYOUT));

    /** What a test may change. */
    static final class Draft {
        String federation = "hospital";
        int round = 2;
        int attempt;
        Assignment.Task task = new Assignment.Task.Train(1, 10);
        ContentHash model = MODEL.hash();
        ContentHash layout = ShiftLearner.LAYOUT.hash();
        ContentHash learning = LEARNING;
        List<String> cohort = List.of("east", "north", "south");
        ClipNorm clipNorm = new ClipNorm(1);
        ContentHash roster = ContentHash.of(new byte[0]);
        UpdateMasking masking = new UpdateMasking(new RingModulus(24), SecureSumTerms.full(3, 0));
        boolean evaluated = true;
        long exampleCap = 100;
        UpdateNoise noise = new UpdateNoise.None();
        long seed = 42;

        Assignment build() {
            return new Assignment(
                    federation,
                    round,
                    attempt,
                    task,
                    model,
                    layout,
                    learning,
                    ContentHash.of(new byte[0]),
                    cohort,
                    roster,
                    clipNorm,
                    exampleCap,
                    0,
                    noise,
                    masking,
                    evaluated,
                    seed,
                    Instant.EPOCH);
        }
    }

    private Assignments() {}

    static Assignment good() {
        return new Draft().build();
    }
}
