/**
 * What happens in a round, as arithmetic: pure functions {@code (state, event) -> (state, effects)}. The same code runs
 * inside the coordinator's actor, inside the simulator, and inside a replay of a journal, bit for bit.
 *
 * <p>Where to start: {@link dev.parley.rounds.RoundState} for one round, {@link dev.parley.rounds.FederationState} for
 * the sequence of rounds, {@link dev.parley.rounds.FederationEngine} for both joined with the vectors.
 *
 * <p>What may not enter: clocks (time arrives as an {@code Instant} inside an event), threads, I/O, randomness other
 * than what is derived from the federation's seed, generated protobuf types.
 */
@NullMarked
package dev.parley.rounds;

import org.jspecify.annotations.NullMarked;
