package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.graph.GroupedGraph;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.RotationSeed;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.privacy.update.UpdateNoise;

/**
 * How a round hides each update inside the sum. Part of the plan, so every site sees it and may refuse. There is no form
 * without masks: what cannot be asked for cannot be asked for by mistake.
 *
 * @param modulus of the ring on which updates are encoded, masked and summed
 * @param terms of secure aggregation
 */
public record UpdateMasking(RingModulus modulus, SecureSumTerms terms) {
    /**
     * The encoding in which every update is sent and summed, with room for the largest sum that is opened by itself.
     *
     * @param dimension number of values
     * @param bound the clip norm
     * @param noise what the plan declares
     * @param members of the roster
     * @param seed the round's
     * @throws IllegalArgumentException if the ring cannot hold so many updates and their noise
     */
    public UpdateEncoding encoding(int dimension, ClipNorm bound, UpdateNoise noise, int members, RotationSeed seed) {
        return new UpdateEncoding(
                dimension, bound, GroupedGraph.largest(members, terms.groups()), modulus, seed, noise);
    }

    /**
     * The session of one of the plan's sums. Updates are summed in groups where the terms say so; counts of an evaluation
     * always in one sum, because by group they would show each group's mistakes.
     *
     * @param plan the plan's hash
     */
    public SumSession session(ContentHash plan, Purpose purpose, Roster roster) {
        return new SumSession(
                plan,
                purpose,
                roster,
                switch (purpose) {
                    case UPDATE -> terms;
                    case EVALUATION -> terms.ungrouped(roster.size());
                });
    }
}
