package dev.parley.rounds;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who of a cohort did what, when collecting was over. Each member is in exactly one of the three.
 *
 * @param contributors whose update is in the sum
 * @param stragglers who neither contributed nor refused
 * @param refusals who refused, and by which rule of theirs
 */
public record Participation(
        SortedSet<SiteName> contributors, SortedSet<SiteName> stragglers, SortedMap<SiteName, String> refusals) {
    public Participation {
        contributors = sortedCopy(contributors);
        stragglers = sortedCopy(stragglers);
        refusals = Collections.unmodifiableSortedMap(new TreeMap<>(refusals));
    }

    static Participation of(SortedMap<SiteName, Standing> standings) {
        SortedSet<SiteName> contributors = new TreeSet<>();
        SortedSet<SiteName> stragglers = new TreeSet<>();
        SortedMap<SiteName, String> refusals = new TreeMap<>();
        standings.forEach((site, standing) -> {
            switch (standing) {
                case Standing.Submitted submitted -> contributors.add(site);
                case Standing.Refused refused -> refusals.put(site, refused.rule());
                case Standing.Invited invited -> stragglers.add(site);
                case Standing.Accepted accepted -> stragglers.add(site);
                case Standing.Lost lost -> stragglers.add(site);
            }
        });
        return new Participation(contributors, stragglers, refusals);
    }

    static SortedSet<SiteName> sortedCopy(Collection<SiteName> sites) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(sites));
    }
}
