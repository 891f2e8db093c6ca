package dev.parley.privacy.secagg.mask;

import dev.parley.privacy.secagg.key.SecretSeed;

/**
 * One pseudorandom vector of a mask and its sign.
 *
 * @param seed expands to the vector; used for one vector ever
 * @param added whether it is added or subtracted
 */
public record MaskTerm(SecretSeed seed, boolean added) {
    /** The term that cancels this one. */
    public MaskTerm negated() {
        return new MaskTerm(seed, !added);
    }
}
