@NullMarked
package dev.parley.sim.up;

import org.jspecify.annotations.NullMarked;
