package dev.parley.sim.world;

import java.time.Instant;
import java.util.Set;

/**
 * One record before it is shown in any modality.
 *
 * @param id unique in the world
 * @param subject pseudonym, unique in the world
 * @param at true time
 * @param consent as the manifest's consent column has it
 * @param present names of the modalities that the record has; never empty
 * @param streams randomness of this record alone
 * @param subjectStreams randomness that all records of the subject share
 */
record Visit(
        String id,
        String subject,
        Condition condition,
        Instant at,
        String consent,
        Set<String> present,
        RandomStreams streams,
        RandomStreams subjectStreams) {
    Visit {
        present = Set.copyOf(present);
    }
}
