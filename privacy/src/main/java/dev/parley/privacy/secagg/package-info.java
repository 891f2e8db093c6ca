/**
 * Secure aggregation: what a site and a coordinator say to each other so that the coordinator learns the sum of the sites'
 * vectors and nothing else about them. Both ends are sealed states with pure transitions; docs/SECURE_AGGREGATION.md is the
 * protocol as a specification, with its security argument, and this package follows it section by section.
 *
 * <p>Where to start: {@link dev.parley.privacy.secagg.MemberState} for the site's end,
 * {@link dev.parley.privacy.secagg.AggregatorState} for the coordinator's, {@link dev.parley.privacy.secagg.Refusal} for
 * everything that an honest site says no to.
 *
 * <p>What may not enter: I/O, clocks, threads, floats, the bytes of secrets (those stay in {@code key}). Randomness is an
 * argument.
 */
@NullMarked
package dev.parley.privacy.secagg;

import org.jspecify.annotations.NullMarked;
