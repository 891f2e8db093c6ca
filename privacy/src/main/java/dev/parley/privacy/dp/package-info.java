/**
 * The words in which every privacy loss is said: how much ({@link dev.parley.privacy.dp.Epsilon},
 * {@link dev.parley.privacy.dp.Delta}), of whom ({@link dev.parley.privacy.dp.PrivacyUnit}), against which neighbours
 * ({@link dev.parley.privacy.dp.NeighbouringRelation}), and with what noise and sampling.
 *
 * <p>What may not enter: arithmetic of accountants, noise, networks, tensors. Validated values only, so that no two bare
 * doubles in a row can change places.
 */
@NullMarked
package dev.parley.privacy.dp;

import org.jspecify.annotations.NullMarked;
