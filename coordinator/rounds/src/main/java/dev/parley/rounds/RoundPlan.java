package dev.parley.rounds;

import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one round asks of a site. Everything that decides the outcome is here or named by hash, so that two sites that
 * see the same plan hash see the same world. Field by field the contract's message of the same name.
 *
 * @param cohort invited sites, ascending, each once; at least two
 * @param roster the hash of the roster of secure aggregation, which has exactly the cohort's members
 * @param exampleCap examples that count for one site at most
 * @param proximalMu weight of FedProx's term in the sites' objective, 0 for none
 * @param masking ring and terms of secure aggregation
 * @param evaluated whether the version will be scored, so that sites deal for that sum too
 * @param seed the federation's seed
 * @param deadline the last moment at which an update counts, in whole milliseconds
 */
public record RoundPlan(
        FederationName federation,
        RoundId id,
        Task task,
        ContentHash modelHash,
        ContentHash layoutHash,
        ContentHash learningHash,
        ContentHash policyHash,
        List<SiteName> cohort,
        ContentHash roster,
        ClipNorm clipNorm,
        long exampleCap,
        double proximalMu,
        UpdateNoise noise,
        UpdateMasking masking,
        boolean evaluated,
        long seed,
        Instant deadline) {
    public RoundPlan {
        cohort = List.copyOf(cohort);
        if (cohort.size() < 2) {
            throw new IllegalArgumentException("a sum needs a cohort of at least 2 sites, got " + cohort.size());
        }
        for (int i = 1; i < cohort.size(); i++) {
            if (cohort.get(i - 1).compareTo(cohort.get(i)) >= 0) {
                throw new IllegalArgumentException("a cohort is ascending and names each site once, got "
                        + cohort.get(i - 1) + " before " + cohort.get(i));
            }
        }
        if (!(noise instanceof UpdateNoise.None) && exampleCap != 1) {
            throw new IllegalArgumentException(
                    "under noise that hides a site every site weighs 1: the example cap is 1, got " + exampleCap);
        }
        if (deadline.getNano() % 1_000_000 != 0) {
            throw new IllegalArgumentException("a deadline is in whole milliseconds, got " + deadline);
        }
    }

    /**
     * The plan as bytes: a {@code parley.v1.RoundPlan} message with its fields in the order of their numbers and
     * defaults left out, which is also what protobuf's own serialisers write. Sent to sites exactly as they are.
     */
    public byte[] canonicalBytes() {
        return RoundPlanBytes.of(this);
    }

    /** SHA-256 of {@link #canonicalBytes()}: the plan hash that every site of the cohort must see alike. */
    public ContentHash hash() {
        return ContentHash.of(canonicalBytes());
    }

    /**
     * The encoding in which every update of this round is sent and summed.
     *
     * @param dimension the layout's size
     */
    public UpdateEncoding encoding(int dimension) {
        return masking.encoding(
                dimension,
                clipNorm,
                noise,
                cohort.size(),
                RotationSeed.ofRound(federation.value(), seed, id.round(), id.attempt()));
    }

    /** Who is in which sum, by position in the cohort. */
    SharingGraph sums() {
        return masking.terms().sums(cohort.size(), roster, hash());
    }

    /**
     * Among how many sites the least hidden of these contributors is: the updates in the smallest sum that was opened.
     *
     * @param contributors sites of the cohort, at least one
     */
    public int smallestSum(Set<SiteName> contributors) {
        SharingGraph graph = sums();
        return (int) contributors.stream()
                .collect(Collectors.groupingBy(
                        site -> graph.component(Collections.binarySearch(cohort, site)), Collectors.counting()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .min()
                .orElseThrow(() -> new IllegalArgumentException("a sum has contributors, got none"));
    }

    public SubmissionId submissionOf(SiteName site) {
        return new SubmissionId(federation, id, site);
    }
}
