/**
 * {@code parley policy}: check, test, explain, replay, schema. Files are read and lines are printed here and nowhere else
 * in this module.
 *
 * <p>What may not enter: anything that decides.
 */
@NullMarked
package dev.parley.policies.cli;

import org.jspecify.annotations.NullMarked;
