package dev.parley.learning.training;

import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers a round that is asked for again with what it gave the first time. An abandoned round is tried again under the
 * same seed; fresh noise on the same gradients would be a second release, to be paid for again.
 *
 * <p>Remembers the last round only, in memory: a restarted agent draws anew, and whoever keeps the budget counts that as
 * another round.
 */
final class RepeatingLearner extends ForwardingLearner {
    private @Nullable Remembered last;

    private record Asked(ContentHash model, List<SiteRecord> records, RoundPosition position, long seed) {}

    private record Remembered(Asked asked, Trained trained) {}

    RepeatingLearner(Learner learner) {
        super(learner);
    }

    @Override
    public synchronized Trained train(
            ParameterVector model, List<SiteRecord> records, RoundPosition position, long seed, StepListener progress) {
        var asked = new Asked(model.hash(), records, position, seed);
        if (last != null && last.asked().equals(asked)) {
            return last.trained();
        }
        last = null;
        Trained trained = learner().train(model, records, position, seed, progress);
        last = new Remembered(asked, trained);
        return trained;
    }
}
