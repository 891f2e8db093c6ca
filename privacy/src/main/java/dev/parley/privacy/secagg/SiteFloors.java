package dev.parley.privacy.secagg;

import java.util.Map;
import java.util.Set;

/**
 * What a site's owner demands of every sum.
 *
 * @param minimumCohort fewest members of a roster, this site included, at least 2
 * @param minimumSurvivors fewest vectors in an opened sum, at least {@code colluding + 2}: colluding members can subtract
 *     their own, and two honest ones must be left
 * @param colluding members that the owner expects to work together with the coordinator, at least 0
 * @param trustedIdentities the only identities that may be members, by site name; empty to trust the first that is seen
 *     under a name and no other afterwards
 * @param allowed what the owner allows beyond one sum among members that are all peers
 */
public record SiteFloors(
        int minimumCohort,
        int minimumSurvivors,
        int colluding,
        Map<String, String> trustedIdentities,
        Set<Allowance> allowed) {
    public SiteFloors {
        trustedIdentities = Map.copyOf(trustedIdentities);
        allowed = Set.copyOf(allowed);
        if (minimumCohort < 2 || colluding < 0 || minimumSurvivors < colluding + 2) {
            throw new IllegalArgumentException(
                    "a sum hides a site among at least one other honest one: expected a minimum "
                            + "cohort of at least 2, colluding of at least 0 and minimum survivors of at least colluding + 2, got "
                            + minimumCohort + ", " + colluding + " and " + minimumSurvivors);
        }
    }

    /** What makes a sum hide less, and is refused unless the owner asks for it. */
    public enum Allowance {
        /** Not all members are peers, as in cohorts of hundreds: what is guaranteed then is a probability. */
        SPARSE,
        /** The members are cut into groups, each summed by itself: a site hides among fewer. */
        GROUPS
    }

    /** Honest members in every sum that this owner helps to open: how many shares of noise he can count on. */
    public int honestSurvivors() {
        return minimumSurvivors - colluding;
    }

    /** One sum among members that are all peers. */
    public SiteFloors(int minimumCohort, int minimumSurvivors, int colluding, Map<String, String> trustedIdentities) {
        this(minimumCohort, minimumSurvivors, colluding, trustedIdentities, Set.of());
    }

    boolean allows(Allowance what) {
        return allowed.contains(what);
    }
}
