/**
 * Integer vectors modulo 2^b, one-time masks over them, and their sum: the part of secure aggregation that handles bulk
 * data. Its speed is that of AES-CTR and of memory.
 *
 * <p>What may not enter: who the parties are, which secrets exist and why (that is the protocol, one package up), floats.
 */
@NullMarked
package dev.parley.privacy.secagg.mask;

import org.jspecify.annotations.NullMarked;
