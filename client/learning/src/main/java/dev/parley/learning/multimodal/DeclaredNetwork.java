package dev.parley.learning.multimodal;

import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.List;

/** A network whose blocks are what was declared of them; it needs no moments of all sites unless it says otherwise. */
interface DeclaredNetwork extends Network {
    Parameters parameters();

    @Override
    default ParameterLayout layout() {
        return parameters().layout();
    }

    @Override
    default ParameterVector initialise(long seed) {
        return parameters().initialise(seed);
    }

    @Override
    default Pace pace(Block block) {
        return parameters().of(block).pace();
    }

    @Override
    default GradientRule rule(Block block) {
        return parameters().of(block).rule();
    }

    @Override
    default boolean needsStatistics() {
        return false;
    }

    @Override
    default ParameterVector statistics(ParameterVector model, List<SiteRecord> records) {
        return model;
    }
}
