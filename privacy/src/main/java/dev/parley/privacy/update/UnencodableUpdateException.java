package dev.parley.privacy.update;

/**
 * A bounded update had no form on the ring under this round's randomness. Nothing has left the site; it drops out of the
 * round, and the next round draws anew. For honest sites each cause has a probability below 2^-40.
 */
public final class UnencodableUpdateException extends RuntimeException {
    private UnencodableUpdateException(String message) {
        super(message);
    }

    /** Says the range and not the coordinate's value, which is the site's secret. */
    static UnencodableUpdateException beyondRange(int range) {
        return new UnencodableUpdateException(
                "a rotated coordinate lies beyond the " + range
                        + " ring steps that each site has, and the sum could wrap: leave this round, the next one rotates anew");
    }

    static UnencodableUpdateException neverWithinNorm(int roundings) {
        return new UnencodableUpdateException("none of " + roundings
                + " roundings kept the rounded norm bound: leave this round, the next one rounds anew");
    }
}
