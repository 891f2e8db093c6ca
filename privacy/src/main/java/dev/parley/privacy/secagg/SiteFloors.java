package dev.parley.privacy.secagg;

import java.util.Map;

/**
 * What a site's owner demands of every sum.
 *
 * @param minimumCohort fewest members of a roster, this site included, at least 2
 * @param minimumSurvivors fewest vectors in an opened sum, at least {@code colluding + 2}: colluding members can subtract
 *     their own, and two honest ones must be left
 * @param colluding members that the owner expects to work together with the coordinator, at least 0
 * @param trustedIdentities the only identities that may be members, by site name; empty to trust the first that is seen
 *     under a name and no other afterwards
 * @param sparse whether not all members need to be peers, as in cohorts of hundreds
 */
public record SiteFloors(
        int minimumCohort, int minimumSurvivors, int colluding, Map<String, String> trustedIdentities, boolean sparse) {
    public SiteFloors {
        trustedIdentities = Map.copyOf(trustedIdentities);
        if (minimumCohort < 2 || colluding < 0 || minimumSurvivors < colluding + 2) {
            throw new IllegalArgumentException(
                    "a sum hides a site among at least one other honest one: expected a minimum "
                            + "cohort of at least 2, colluding of at least 0 and minimum survivors of at least colluding + 2, got "
                            + minimumCohort + ", " + colluding + " and " + minimumSurvivors);
        }
    }

    /** Among members that are all peers. */
    public SiteFloors(int minimumCohort, int minimumSurvivors, int colluding, Map<String, String> trustedIdentities) {
        this(minimumCohort, minimumSurvivors, colluding, trustedIdentities, false);
    }
}
