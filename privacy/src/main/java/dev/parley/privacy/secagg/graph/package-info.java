/**
 * Who shares secrets with whom: the communication graph of secure aggregation, and how many neighbours and which
 * threshold a cohort needs for a stated probability of failure.
 *
 * <p>What may not enter: secrets, shares, vectors. Members are indices here, and everything is public.
 */
@NullMarked
package dev.parley.privacy.secagg.graph;

import org.jspecify.annotations.NullMarked;
