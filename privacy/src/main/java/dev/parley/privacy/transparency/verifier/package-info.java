/**
 * A verifier that has nothing but files and a public key: a log's folder, or the story of one version. Says in words
 * what was proved and what was not. It is its own program too, of these packages alone.
 *
 * <p>What may not enter: a network, private keys, libraries, anything that a coordinator says about itself.
 */
@NullMarked
package dev.parley.privacy.transparency.verifier;

import org.jspecify.annotations.NullMarked;
