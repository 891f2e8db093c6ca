/**
 * Parameter vectors, and the one-way steps an update takes before it may leave a site:
 * {@code RawUpdate -> ClippedUpdate -> NoisedUpdate -> EncodedUpdate -> MaskedUpdate}.
 *
 * <p>What may not enter: networks, actors, tensors, keys other than the seed of one rounding. This room handles numbers and
 * their privacy state only.
 */
@NullMarked
package dev.parley.privacy.update;

import org.jspecify.annotations.NullMarked;
