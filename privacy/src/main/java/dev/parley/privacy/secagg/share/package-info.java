/**
 * Shamir's secret sharing of 32-byte secrets: what lets a cohort recover the masks of members that were lost, and lets
 * fewer than a threshold learn nothing.
 *
 * <p>What may not enter: who holds which share and why (that is the protocol, one package up), how a share is sealed on
 * its way (that is {@code key}), networks, files.
 */
@NullMarked
package dev.parley.privacy.secagg.share;

import org.jspecify.annotations.NullMarked;
