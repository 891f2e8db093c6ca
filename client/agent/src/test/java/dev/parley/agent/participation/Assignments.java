package dev.parley.agent.participation;

import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateMasking;
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
        int cohortLimit = 8;
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
                    clipNorm,
                    cohortLimit,
                    100,
                    0,
                    new UpdateNoise.None(),
                    new UpdateMasking.None(),
                    seed,
                    Instant.EPOCH);
        }
    }

    private Assignments() {}

    static Assignment good() {
        return new Draft().build();
    }
}
