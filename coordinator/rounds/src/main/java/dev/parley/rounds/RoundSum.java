package dev.parley.rounds;

import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.UpdateSum;
import dev.parley.privacy.update.WeightedMean;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The arithmetic of one attempt at a round: each site's update is added at most once. Not thread-safe. */
final class RoundSum {
    private final RoundPlan plan;
    private final UpdateSum sum;
    private final Set<SiteName> added = new TreeSet<>();
    private @Nullable String defect;

    RoundSum(RoundPlan plan, ParameterLayout layout) {
        this.plan = plan;
        this.sum = new UpdateSum(layout, plan.encoding());
    }

    RoundPlan plan() {
        return plan;
    }

    void add(SiteName site, byte[] update) {
        add(site, into -> into.addBytes(update));
    }

    void add(SiteName site, MaskedUpdate update) {
        if (!update.masking().equals(plan.masking())) {
            defect = "the update of " + site + " has masking " + update.masking() + ", the plan says " + plan.masking();
        }
        add(site, into -> into.add(update));
    }

    private void add(SiteName site, Consumer<UpdateSum> addition) {
        if (!added.add(site)) {
            return;
        }
        try {
            addition.accept(sum);
        } catch (IllegalArgumentException | IllegalStateException e) {
            // The site counts as a contributor already, so what it sent spoils the round rather than being skipped.
            defect = "the update of " + site + " does not fit: " + e.getMessage();
        }
    }

    /** Why there can be no mean over exactly these contributors, if there can be none. */
    Optional<String> defect(SortedSet<SiteName> contributors) {
        if (defect != null) {
            return Optional.of(defect);
        }
        return added.equals(contributors)
                ? Optional.empty()
                : Optional.of("the sum holds the updates of " + added.size() + " sites, the round counts "
                        + contributors.size() + " contributors");
    }

    /** @throws IllegalStateException if the sum of weights is not positive */
    WeightedMean mean() {
        return sum.decode();
    }
}
