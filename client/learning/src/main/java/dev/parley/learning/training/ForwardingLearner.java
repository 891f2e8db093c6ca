package dev.parley.learning.training;

import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A learner that trains in a way of its own and is another one in all else. */
abstract class ForwardingLearner implements Learner {
    private final Learner learner;

    ForwardingLearner(Learner learner) {
        this.learner = learner;
    }

    final Learner learner() {
        return learner;
    }

    @Override
    public LocalPrivacy privacy() {
        return learner.privacy();
    }

    @Override
    public Optional<String> objection() {
        return learner.objection();
    }

    @Override
    public final RecordSchema schema() {
        return learner.schema();
    }

    @Override
    public final ParameterLayout layout() {
        return learner.layout();
    }

    @Override
    public final ParameterVector initialise(long seed) {
        return learner.initialise(seed);
    }

    @Override
    public final boolean needsStatistics() {
        return learner.needsStatistics();
    }

    @Override
    public final ParameterVector statistics(ParameterVector model, List<SiteRecord> records) {
        return learner.statistics(model, records);
    }

    @Override
    public final float[] predict(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        return learner.predict(model, records, present);
    }
}
