/** Tests of the synthetic worlds: their promises about files, their statistics, and how much each modality tells. */
@NullMarked
package dev.parley.sim.world;

import org.jspecify.annotations.NullMarked;
