package dev.parley.privacy.secagg;

import java.util.Map;

/**
 * What a site's owner demands of every sum.
 *
 * @param minimumCohort fewest members of a roster, this site included, at least 2
 * @param minimumSurvivors fewest vectors in an opened sum, at least 2
 * @param colluding members that the owner expects to work together with the coordinator, at least 0
 * @param trustedIdentities the only identities that may be members, by site name; empty to trust the first that is seen
 *     under a name and no other afterwards
 */
public record SiteFloors(
        int minimumCohort, int minimumSurvivors, int colluding, Map<String, String> trustedIdentities) {
    public SiteFloors {
        trustedIdentities = Map.copyOf(trustedIdentities);
        if (minimumCohort < 2 || minimumSurvivors < 2 || colluding < 0) {
            throw new IllegalArgumentException("a sum over fewer than 2 sites is no sum: expected a minimum cohort and "
                    + "minimum survivors of at least 2 and colluding of at least 0, got " + minimumCohort + ", "
                    + minimumSurvivors + ", " + colluding);
        }
    }
}
