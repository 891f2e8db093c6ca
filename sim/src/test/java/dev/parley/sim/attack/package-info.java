/** Attacks on our own claims, with and without what protects. */
@NullMarked
package dev.parley.sim.attack;

import org.jspecify.annotations.NullMarked;
