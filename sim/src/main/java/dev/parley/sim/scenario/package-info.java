/**
 * What a run is: scenarios as files, and the sites with their records that they name. Reads and writes datasets; no
 * rounds, no training, no printing.
 */
@NullMarked
package dev.parley.sim.scenario;

import org.jspecify.annotations.NullMarked;
