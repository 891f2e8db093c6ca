/**
 * What a composition of releases costs: accountants by privacy loss distribution and by Rényi divergence, conversions
 * between the ways of saying it, and calibration of noise, steps or rate to a target.
 *
 * <p>Every upper bound is meant to hold in floating point, not only on paper: discretisation, truncation and rounding are
 * moved to the unsafe side or counted in delta. Mechanisms are descriptions here; drawing noise happens elsewhere.
 *
 * <p>What may not enter: sampling, records, clocks, budgets, networks.
 */
@NullMarked
package dev.parley.privacy.dp.accounting;

import org.jspecify.annotations.NullMarked;
