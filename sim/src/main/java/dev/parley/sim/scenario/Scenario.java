package dev.parley.sim.scenario;

import dev.parley.privacy.dp.Delta;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.SiteLevelRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that decides a run, apart from where the records lie.
 *
 * @param name names the federation and the run's folder
 * @param title one line for people
 * @param records where records come from
 * @param partition how records are shared among sites
 * @param purpose the use of records that the federation is for; others are withheld
 * @param heldOut what is never trained on, to be scored on
 * @param modalities the only modalities that are learned from; empty for all that the records have
 * @param rounds how the rounds run
 * @param baselines what the federated model is compared with
 * @param learning the {@code learning:} section, read when the schema is known
 * @param settings the scenario as a tree with every override in place, for reports
 */
public record Scenario(
        String name,
        String title,
        Records records,
        Partition partition,
        String purpose,
        HeldOut heldOut,
        List<String> modalities,
        Rounds rounds,
        Baselines baselines,
        Map<String, Object> learning,
        Map<String, Object> settings) {

    public Scenario {
        modalities = List.copyOf(modalities);
    }

    /** Where records come from. */
    public sealed interface Records {
        /** Drawn from a seed, written as dataset folders, and read back like any other. */
        record Synthetic(String world) implements Records {}

        /**
         * A folder that the caller names, described by a manifest of the product.
         *
         * @param manifest its name among the resources
         * @param folders where below the caller's folder the records may lie, tried in this order
         */
        record Shipped(String manifest, List<String> folders) implements Records {
            public Shipped {
                folders = List.copyOf(folders);
            }
        }

        /** A manifest file beside the scenario file. */
        record Described(Path manifest) implements Records {}
    }

    /** What is never trained on. */
    public sealed interface HeldOut {
        /** Of what, 0 to below 1. */
        double share();

        /** Of each site's subjects: how well the model serves new subjects at known sites. */
        record Subjects(double share) implements HeldOut {}

        /** Of the sites, whole: how well it serves new sites. For records where a site is one subject. */
        record Sites(double share) implements HeldOut {}
    }

    /** How records are shared among sites. */
    public sealed interface Partition {
        /** As the records say. */
        record BySite() implements Partition {}

        /**
         * Records sorted by label, cut into {@code count * shards} runs of equal size, {@code shards} drawn for each site
         * (McMahan et al. 2017, section 3: the pathological non-IID split).
         */
        record LabelShards(int count, int shards) implements Partition {}
    }

    /**
     * @param training rounds of training
     * @param participants sites in one round at most; empty for all
     * @param statisticsBound norm of the moments at most; empty for the largest that they can have
     * @param exampleCap examples that count for one site at most; empty for the largest site's
     * @param evaluateEvery training rounds from one evaluation to the next
     * @param bits of the ring on which updates are summed, 12 to 32
     * @param robust whether updates are summed in groups that are compared
     * @param colluding sites that may work together with the coordinator; empty for 1, or 0 of fewer than five sites
     * @param siteLevel whether the sum's noise hides whole sites
     */
    public record Rounds(
            int training,
            Optional<Integer> participants,
            double clipNorm,
            Optional<Double> statisticsBound,
            Optional<Integer> exampleCap,
            double proximalMu,
            int evaluateEvery,
            int bits,
            RobustRule robust,
            Optional<Integer> colluding,
            Optional<SiteLevel> siteLevel,
            ServerOptimizer optimizer) {}

    /**
     * Differential privacy whose unit is a site.
     *
     * @param rule how much noise, or for what it has to be enough
     * @param delta at which epsilon is reported
     */
    public record SiteLevel(SiteLevelRule rule, Delta delta) {}

    /**
     * @param local a model of each site's records alone
     * @param central one model of the pooled records, which a federation is there to avoid
     */
    public record Baselines(boolean local, boolean central) {}
}
