@NullMarked
package dev.parley.sim.report;

import org.jspecify.annotations.NullMarked;
