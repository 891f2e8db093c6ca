package dev.parley.privacy.secagg;

import java.util.List;

/** The shares that a member reveals, one for each dealer of its cohort whose shares it holds. */
public record Opening(int from, List<OpenedShare> shares) {
    public Opening {
        shares = List.copyOf(shares);
    }

    /** One revealed share: 40 bytes. */
    public record OpenedShare(int dealer, ShareKind kind, Deal.Bytes share) {}
}
