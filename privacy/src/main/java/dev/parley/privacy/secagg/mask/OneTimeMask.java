package dev.parley.privacy.secagg.mask;

import dev.parley.privacy.secagg.key.SecretSeed;
import java.util.ArrayList;
import java.util.List;

/**
 * The mask of one site for one vector: {@code PRG(self) + sum of +-PRG(pair)}. It is used once; its seeds stay with the
 * protocol, which wipes them.
 */
public final class OneTimeMask {
    private final List<MaskTerm> terms;
    private boolean used;

    private OneTimeMask(List<MaskTerm> terms) {
        this.terms = terms;
    }

    /**
     * @param self the site's own seed, added
     * @param pairs one for each peer; at least one, because a self mask alone hides nothing once it is taken off
     */
    public static OneTimeMask of(SecretSeed self, List<MaskTerm> pairs) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("a mask without a pair term would come off entirely in recovery");
        }
        List<MaskTerm> terms = new ArrayList<>(pairs.size() + 1);
        terms.add(new MaskTerm(self, true));
        terms.addAll(pairs);
        return new OneTimeMask(List.copyOf(terms));
    }

    synchronized void addTo(int[] ring) {
        if (used) {
            throw new IllegalStateException("a one-time mask is used once");
        }
        used = true;
        MaskStream.addAll(terms, ring, 0, ring.length);
    }

    @Override
    public String toString() {
        return "OneTimeMask[redacted, " + terms.size() + " terms]";
    }
}
