package dev.parley.privacy.update;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.OneTimeMask;

/**
 * An update on the ring, before its mask. Only {@link NoisedUpdate#encode} makes one. It still tells of its site;
 * {@link #mask} is the last step before the wire.
 */
@CheckReturnValue
public final class EncodedUpdate {
    private final ContentHash layoutHash;
    private final EncodedRing ring;

    EncodedUpdate(ContentHash layoutHash, EncodedRing ring) {
        this.layoutHash = layoutHash;
        this.ring = ring;
    }

    /**
     * Adds the mask, in place: there is no second time.
     *
     * @throws IllegalStateException if this update was masked before, or the mask was used before
     */
    public MaskedUpdate mask(OneTimeMask mask) {
        return new MaskedUpdate(layoutHash, ring.mask(mask));
    }

    @Override
    public String toString() {
        return "EncodedUpdate[redacted]";
    }
}
