package dev.parley.rounds;

import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.WeightedMean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of one attempt at a round: each site's masked update is added at most once, to the sum of its group. Not
 * thread-safe.
 */
final class RoundSum {
    private final RoundPlan plan;
    private final ParameterLayout layout;
    private final RobustRule robust;
    private final SharingGraph graph;
    private final UpdateEncoding encoding;
    private final List<Part> parts = new ArrayList<>();
    private @Nullable String defect;

    /** One group's, or everyone's. */
    private record Part(RingSum sum, Set<SiteName> begun, Set<SiteName> added) {}

    RoundSum(RoundPlan plan, ParameterLayout layout, RobustRule robust) {
        this.plan = plan;
        this.layout = layout;
        this.robust = robust;
        this.graph = plan.sums();
        this.encoding = plan.encoding(layout.size());
        for (int part = 0; part < graph.components(); part++) {
            parts.add(new Part(new RingSum(encoding.length(), encoding.modulus()), new TreeSet<>(), new TreeSet<>()));
        }
    }

    RoundPlan plan() {
        return plan;
    }

    private Part part(SiteName site) {
        return parts.get(graph.component(Collections.binarySearch(plan.cohort(), site)));
    }

    /** Begins to add a site's update, unless it is added already. */
    Optional<Addition> begin(SiteName site) {
        Part part = part(site);
        return part.begun().add(site)
                ? Optional.of(new Addition(site, part, part.sum().begin()))
                : Optional.empty();
    }

    void add(SiteName site, MaskedUpdate update) {
        Part part = part(site);
        if (!part.begun().add(site)) {
            return;
        }
        if (!update.layoutHash().equals(layout.hash())
                || update.length() != encoding.length()
                || !update.ring().modulus().equals(encoding.modulus())) {
            spoil("the update of " + site + " does not fit: it is of another layout or ring");
            return;
        }
        part.sum().add(update.ring());
        part.added().add(site);
    }

    /**
     * One update on its way into the sum. The site counts as a contributor already, so what does not fit spoils the round
     * rather than being skipped.
     */
    final class Addition implements RoundVectors.Accumulation {
        private final SiteName site;
        private final Part part;
        private final RingSum.Addition addition;

        private Addition(SiteName site, Part part, RingSum.Addition addition) {
            this.site = site;
            this.part = part;
            this.addition = addition;
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
                part.added().add(site);
            } catch (IllegalArgumentException e) {
                fail(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void fail(String reason) {
            spoil("the update of " + site + " does not fit: " + reason);
        }
    }

    /** The first reason is the one that is told. */
    void spoil(String reason) {
        if (defect == null) {
            defect = reason;
        }
    }

    /** Why there can be no mean over exactly these contributors, if there can be none. */
    Optional<String> defect(SortedSet<SiteName> contributors) {
        if (defect != null) {
            return Optional.of(defect);
        }
        Set<SiteName> held = new TreeSet<>();
        // A group that nobody of contributes is one that could not be opened.
        parts.stream()
                .map(Part::added)
                .filter(added -> added.stream().anyMatch(contributors::contains))
                .forEach(held::addAll);
        return held.equals(contributors)
                ? Optional.empty()
                : Optional.of("the sum holds the updates of " + held.size() + " sites, the round counts "
                        + contributors.size() + " contributors");
    }

    /**
     * Takes the masks off, once, and decodes.
     *
     * @param contributors for which there is no {@link #defect}
     * @throws IllegalStateException if what remains cannot be the sum of honest members' updates
     */
    WeightedMean open(Recovery recovery, SortedSet<SiteName> contributors, int threads) {
        switch (recovery.open()) {
            case Recovery.Outcome.Spoiled spoiled ->
                throw new IllegalStateException("site " + spoiled.site() + " has spoiled the sum: " + spoiled.why());
            case Recovery.Outcome.MasksToAdd masks -> takeOff(masks, threads);
        }
        List<WeightedMean> means = parts.stream()
                .filter(part -> part.added().stream().anyMatch(contributors::contains))
                .map(part -> encoding.decode(part.sum().centred(), part.added().size(), layout))
                .toList();
        return switch (robust) {
            case RobustRule.Groups groups ->
                // The statistics round has one sum.
                means.size() == 1 && parts.size() == 1
                        ? means.getFirst()
                        : GroupMeans.combine(means, groups.combination());
            case RobustRule.None none -> means.getFirst();
        };
    }

    private void takeOff(Recovery.Outcome.MasksToAdd masks, int threads) {
        Map<Integer, List<MaskTerm>> byPart = new TreeMap<>();
        masks.byDealer()
                .forEach((dealer, terms) -> byPart.computeIfAbsent(graph.component(dealer), part -> new ArrayList<>())
                        .addAll(terms));
        byPart.forEach((part, terms) -> {
            parts.get(part).sum().addMasks(terms, threads);
            terms.forEach(term -> term.seed().close());
        });
    }
}
