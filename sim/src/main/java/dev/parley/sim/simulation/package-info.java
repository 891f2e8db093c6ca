/**
 * A whole federation in one process: the rounds' engine and the sites' participation are those of the deployed programs, only
 * network and files are left out. Also what it is compared with. Nothing is printed here.
 */
@NullMarked
package dev.parley.sim.simulation;

import org.jspecify.annotations.NullMarked;
