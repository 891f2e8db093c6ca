/**
 * The arithmetic of a transparency log: the Merkle tree of RFC 6962 with its proofs, the C2SP formats (tlog-tiles
 * addresses and entry bundles, signed notes, checkpoints, cosignatures), and the rule by which a witness signs.
 * docs/AUDIT.md is the specification. Used alike by the coordinator that keeps the log, the sites that witness it, and
 * a verifier that has only files.
 *
 * <p>What may not enter: files, sockets, clocks, and classes outside the Java platform on the verifying side, so that
 * a verifier is one jar. The signing side uses Bouncy Castle.
 */
@NullMarked
package dev.parley.privacy.transparency;

import org.jspecify.annotations.NullMarked;
