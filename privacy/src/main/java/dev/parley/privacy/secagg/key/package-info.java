/**
 * Secrets of secure aggregation, and every operation that touches their bytes: identities, epoch keys, key agreement,
 * derivation, sealing. All other packages hold these types and never what is in them.
 *
 * <p>What may not enter: the protocol's states, vectors, files, networks.
 */
@NullMarked
package dev.parley.privacy.secagg.key;

import org.jspecify.annotations.NullMarked;
