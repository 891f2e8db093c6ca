package dev.parley.privacy.transparency;

import dev.parley.privacy.secagg.key.PublicIdentity;
import java.util.Arrays;

/**
 * What a site is called as a witness: {@code parley-site/} and the first 16 digits of its identity's fingerprint. The
 * key is the Ed25519 half of that identity; what it signs elsewhere never begins like a cosignature.
 */
public final class WitnessName {
    private static final String PREFIX = "parley-site/";
    private static final int DIGITS = 16;

    private WitnessName() {}

    /** By which the site's cosignatures verify. */
    public static NoteKey keyOf(PublicIdentity identity) {
        return new NoteKey(
                PREFIX + identity.fingerprint().substring(0, DIGITS),
                NoteKey.Algorithm.COSIGNATURE_V1,
                Arrays.copyOf(identity.toBytes(), NoteKey.KEY_BYTES));
    }
}
