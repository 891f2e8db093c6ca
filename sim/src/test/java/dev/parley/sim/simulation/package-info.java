@NullMarked
package dev.parley.sim.simulation;

import org.jspecify.annotations.NullMarked;
