/**
 * Synthetic worlds: sites that have never existed, with records of several modalities in the form that a real site's
 * manifest describes. A hidden condition drives every modality; no modality tells all of it.
 *
 * <p>What may not enter: training, scoring, and anything read from outside. A world writes files; the same loader that
 * reads a real site's files reads these.
 */
@NullMarked
package dev.parley.sim.world;

import org.jspecify.annotations.NullMarked;
