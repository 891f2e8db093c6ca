/**
 * Attacks on our own claims: what somebody who sees everything that is released can find out, and whether that is less than was
 * promised.
 *
 * <p>What may not enter: records of real people. Canaries are invented, and so is whatever they hide among.
 */
@NullMarked
package dev.parley.sim.attack;

import org.jspecify.annotations.NullMarked;
