@NullMarked
package dev.parley.sim.scenario;

import org.jspecify.annotations.NullMarked;
