/**
 * {@code parley up}: one coordinator and its agents as real processes of this computer, over TLS on loopback, from a
 * scenario of the simulator.
 *
 * <p>What may not enter: arithmetic of a round. The processes do it; here they are started, watched and ended.
 */
@NullMarked
package dev.parley.sim.up;

import org.jspecify.annotations.NullMarked;
