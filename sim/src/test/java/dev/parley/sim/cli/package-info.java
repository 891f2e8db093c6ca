@NullMarked
package dev.parley.sim.cli;

import org.jspecify.annotations.NullMarked;
