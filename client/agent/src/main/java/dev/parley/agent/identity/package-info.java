/**
 * Who this site is: its key, made here and never sent; its certificate; and the authority that it trusts, pinned by
 * fingerprint.
 *
 * <p>What may not enter: the network. Bytes to send are made here, sent elsewhere.
 */
@NullMarked
package dev.parley.agent.identity;

import org.jspecify.annotations.NullMarked;
