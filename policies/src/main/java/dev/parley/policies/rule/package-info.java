/**
 * The engine: policies and bindings are read, type-checked against the schema of each request that they speak about, and
 * then decide, each time alike. {@code PolicyEngine} is where to begin.
 *
 * <p>What may not enter: clocks, files, networks, randomness. A decision is a function of the policies and the request.
 */
@NullMarked
package dev.parley.policies.rule;

import org.jspecify.annotations.NullMarked;
