package dev.parley.privacy.secagg.mask;

import org.jspecify.annotations.Nullable;

/**
 * What one site contributes, as ring elements in the clear. It has one way out: {@link #mask}, once.
 *
 * <p><b>Guarantees</b>: never printed; after masking it is gone, because the mask is added in place.
 */
public final class EncodedRing {
    private final RingModulus modulus;
    private final int length;
    private int @Nullable [] elements;

    private EncodedRing(int[] elements, RingModulus modulus) {
        this.elements = elements;
        this.length = elements.length;
        this.modulus = modulus;
    }

    /** Takes over {@code elements}, of which the low bits count; the caller forgets the array. */
    public static EncodedRing adopting(int[] elements, RingModulus modulus) {
        return new EncodedRing(elements, modulus);
    }

    public int length() {
        return length;
    }

    public RingModulus modulus() {
        return modulus;
    }

    /**
     * Adds the mask and gives the only form that may leave the site.
     *
     * @throws IllegalStateException the second time, or if the mask was used before
     */
    public synchronized MaskedRing mask(OneTimeMask mask) {
        int[] ring = elements;
        if (ring == null) {
            throw new IllegalStateException("a vector is masked once");
        }
        elements = null;
        mask.addTo(ring);
        return MaskedRing.adopting(ring, modulus);
    }

    @Override
    public String toString() {
        return "EncodedRing[redacted, " + length + " elements of " + modulus.bits() + " bits]";
    }
}
