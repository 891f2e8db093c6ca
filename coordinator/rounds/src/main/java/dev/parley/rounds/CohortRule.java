package dev.parley.rounds;

import dev.parley.privacy.secagg.Roster;

/**
 * How many sites a round needs and takes: {@code 2 <= quorum <= minimum <= starting <= maximum}. A sum over one site would
 * be that site's update.
 *
 * @param starting sites that must be attached before round 0 is planned for the first time, so that a federation does
 *     not begin with whoever happens to be first
 * @param minimum sites that must be attached before any round is planned, and that must accept before it collects
 * @param maximum most sites invited to one round, at most 10,000, which is what a roster holds; of more, a seeded sample is
 *     taken
 * @param quorum fewest updates with which a round may release
 */
public record CohortRule(int starting, int minimum, int maximum, int quorum) {
    private static final int MOST = Roster.MAX_MEMBERS;

    public CohortRule {
        if (quorum < 2 || minimum < quorum || starting < minimum || maximum < starting || maximum > MOST) {
            throw new IllegalArgumentException("a cohort needs 2 <= quorum <= minimum <= starting <= maximum <= 10,000"
                    + ", got quorum " + quorum + ", minimum " + minimum + ", starting " + starting + ", maximum "
                    + maximum);
        }
    }

    /** Every round waits for exactly these {@code sites} and releases with all of them only. */
    public static CohortRule everyOneOf(int sites) {
        return new CohortRule(sites, sites, sites, sites);
    }
}
