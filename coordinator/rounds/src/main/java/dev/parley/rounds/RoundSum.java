package dev.parley.rounds;

import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.WeightedMean;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The arithmetic of one attempt at a round: each site's masked update is added at most once. Not thread-safe. */
final class RoundSum {
    private final RoundPlan plan;
    private final ParameterLayout layout;
    private final UpdateEncoding encoding;
    private final RingSum sum;
    private final Set<SiteName> begun = new TreeSet<>();
    private final Set<SiteName> added = new TreeSet<>();
    private @Nullable String defect;

    RoundSum(RoundPlan plan, ParameterLayout layout) {
        this.plan = plan;
        this.layout = layout;
        this.encoding = plan.encoding(layout.size());
        this.sum = new RingSum(encoding.length(), encoding.modulus());
    }

    RoundPlan plan() {
        return plan;
    }

    /** Begins to add a site's update, unless it is added already. */
    Optional<Addition> begin(SiteName site) {
        return begun.add(site) ? Optional.of(new Addition(site)) : Optional.empty();
    }

    void add(SiteName site, MaskedUpdate update) {
        if (!begun.add(site)) {
            return;
        }
        if (!update.layoutHash().equals(layout.hash())
                || update.length() != sum.length()
                || !update.ring().modulus().equals(sum.modulus())) {
            spoil("the update of " + site + " does not fit: it is of another layout or ring");
            return;
        }
        sum.add(update.ring());
        added.add(site);
    }

    /**
     * One update on its way into the sum. The site counts as a contributor already, so what does not fit spoils the round
     * rather than being skipped.
     */
    final class Addition implements FederationEngine.Accumulation {
        private final SiteName site;
        private final RingSum.Addition addition = sum.begin();

        private Addition(SiteName site) {
            this.site = site;
        }

        @Override
        public void feed(ByteBuffer bytes) {
            try {
                addition.feed(bytes);
            } catch (IllegalArgumentException e) {
                fail(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void finish() {
            try {
                addition.finish();
                added.add(site);
            } catch (IllegalArgumentException e) {
                fail(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void fail(String reason) {
            spoil("the update of " + site + " does not fit: " + reason);
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

    /** The first reason is the one that is told. */
    void spoil(String reason) {
        if (defect == null) {
            defect = reason;
        }
    }

    /**
     * Takes the masks off, once, and decodes.
     *
     * @throws IllegalStateException if what remains cannot be the sum of honest members' updates
     */
    WeightedMean open(Recovery recovery, int threads) {
        switch (recovery.open()) {
            case Recovery.Outcome.Spoiled spoiled ->
                throw new IllegalStateException("site " + spoiled.site() + " has spoiled the sum: " + spoiled.why());
            case Recovery.Outcome.MasksToAdd masks -> {
                sum.addMasks(masks.terms(), threads);
                masks.terms().forEach(term -> term.seed().close());
            }
        }
        return encoding.decode(sum.centred(), added.size(), layout);
    }
}
