/** The command line: reads arguments, shows progress, turns failures into one line and an exit code. No arithmetic. */
@NullMarked
package dev.parley.sim.cli;

import org.jspecify.annotations.NullMarked;
