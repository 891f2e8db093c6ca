/**
 * What is written down about a federation so that it outlives the process: its events and, now and then, a snapshot between two
 * rounds, as versioned protobuf messages ({@code journal.proto}) in PostgreSQL.
 *
 * <p>{@link dev.parley.server.journal.JournalEvent} and {@link dev.parley.server.journal.FederationRecord} are the plain values;
 * {@link dev.parley.server.journal.EventMessages} and {@link dev.parley.server.journal.SnapshotMessages} write and read them; the
 * generated types stop here. What may not enter: a decision about a round, which is {@code dev.parley.rounds}' own, and actors.
 */
@NullMarked
package dev.parley.server.journal;

import org.jspecify.annotations.NullMarked;
