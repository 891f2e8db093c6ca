package dev.parley.sim.world;

import java.util.List;

/**
 * Which factors of the condition a modality sees, and how well.
 *
 * @param modality its name in the manifest
 * @param factors indices of the factors, in the order in which the modality shows them
 * @param noise deviation of the modality's own noise on each, where a factor's deviation is 1
 */
record Sight(String modality, List<Integer> factors, double noise) {
    Sight {
        factors = List.copyOf(factors);
    }

    /** One value for each of {@link #factors}, the same each time for one visit. */
    double[] evidence(Visit visit) {
        return visit.condition()
                .evidence(
                        factors.stream().mapToInt(Integer::intValue).toArray(),
                        noise,
                        visit.streams().random("evidence of " + modality));
    }
}
