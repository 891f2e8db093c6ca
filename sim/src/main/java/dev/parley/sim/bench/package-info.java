/**
 * Benchmarks that print a ratio against a baseline measured in the same run. No test asserts what they print; figures worth
 * keeping stand in docs/BENCHMARKS.md.
 */
@NullMarked
package dev.parley.sim.bench;

import org.jspecify.annotations.NullMarked;
