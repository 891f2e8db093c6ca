/**
 * What people and scripts see of a running federation: one snapshot, as {@code status.json} in the data folder and as JSON
 * lines on standard output.
 *
 * <p>What may not enter: anything of a single record; anything that decides about a round.
 */
@NullMarked
package dev.parley.server.status;

import org.jspecify.annotations.NullMarked;
