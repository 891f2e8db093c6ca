/** Decisions, limits and laws of the engine; fuzzing. */
@NullMarked
package dev.parley.policies.rule;

import org.jspecify.annotations.NullMarked;
