package dev.parley.rounds;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.update.ContentHash;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The keys that sites have announced, and what they have sent each other through the coordinator to agree on secrets. It
 * holds public keys and encapsulations only; whoever reads it learns nothing. Immutable.
 *
 * @param sites by name; a site that announces new keys loses what was agreed under the old ones
 */
public record KeyDirectory(SortedMap<SiteName, SiteKeys> sites) {
    public KeyDirectory {
        sites = Collections.unmodifiableSortedMap(new TreeMap<>(sites));
    }

    /**
     * One site's.
     *
     * @param hash the announcement's
     * @param made what it has encapsulated to sites after it
     * @param received announcements of sites before it whose encapsulation it has acknowledged
     */
    public record SiteKeys(
            Announcement announcement,
            ContentHash hash,
            SortedMap<SiteName, Encapsulation> made,
            SortedMap<SiteName, ContentHash> received) {
        public SiteKeys {
            made = Collections.unmodifiableSortedMap(new TreeMap<>(made));
            received = Collections.unmodifiableSortedMap(new TreeMap<>(received));
        }
    }

    /** @param receiver the announcement that it was made for */
    public record Encapsulation(ContentHash receiver, Bytes bytes) {}

    static KeyDirectory empty() {
        return new KeyDirectory(new TreeMap<>());
    }

    /** With a site's announcement; the same announcement again changes nothing. */
    KeyDirectory with(SiteName site, Announcement announcement) {
        ContentHash hash = announcement.hash();
        SiteKeys known = sites.get(site);
        if (known != null && known.hash().equals(hash)) {
            return this;
        }
        SortedMap<SiteName, SiteKeys> more = new TreeMap<>(sites);
        more.put(site, new SiteKeys(announcement, hash, new TreeMap<>(), new TreeMap<>()));
        return new KeyDirectory(more);
    }

    KeyDirectory only(Collection<SiteName> kept) {
        SortedMap<SiteName, SiteKeys> fewer = new TreeMap<>(sites);
        fewer.keySet().retainAll(kept);
        return new KeyDirectory(fewer);
    }

    Roster roster(Collection<SiteName> members) {
        return Roster.of(members.stream()
                .sorted()
                .map(site -> sites.get(site))
                .map(keys -> Objects.requireNonNull(keys, "an attached site without keys")
                        .announcement())
                .toList());
    }

    /** Which peers each member of the roster still has to encapsulate to; members with none are left out. */
    SortedMap<SiteName, MemberSet> missing(Roster roster, SecureSumTerms terms) {
        SharingGraph graph = terms.graph(roster.size(), roster.hash());
        SortedMap<SiteName, MemberSet> missing = new TreeMap<>();
        for (int i = 0; i < roster.size(); i++) {
            int from = i;
            MemberSet peers = MemberSet.of(IntStream.of(graph.neighbours(from))
                    .filter(to -> to > from && made(roster, from, to).isEmpty()));
            if (peers.size() > 0) {
                missing.put(name(roster, from), peers);
            }
        }
        return missing;
    }

    /** What one member has encapsulated to another's present keys. */
    private Optional<Bytes> made(Roster roster, int from, int to) {
        return Optional.ofNullable(keys(roster, from).made().get(name(roster, to)))
                .filter(made -> made.receiver().equals(keys(roster, to).hash()))
                .map(Encapsulation::bytes);
    }

    KeyDirectory withEncapsulations(Roster roster, SiteName site, Map<Integer, Bytes> encapsulations) {
        SiteKeys known = Objects.requireNonNull(sites.get(site), "a roster's member has keys");
        SortedMap<SiteName, Encapsulation> made = new TreeMap<>(known.made());
        encapsulations.forEach((to, bytes) ->
                made.put(name(roster, to), new Encapsulation(keys(roster, to).hash(), bytes)));
        return replacing(site, new SiteKeys(known.announcement(), known.hash(), made, known.received()));
    }

    /** What each member of the roster has not acknowledged yet, by the position of the member that made it. */
    SortedMap<SiteName, SortedMap<Integer, Bytes>> undelivered(Roster roster, SecureSumTerms terms) {
        SharingGraph graph = terms.graph(roster.size(), roster.hash());
        SortedMap<SiteName, SortedMap<Integer, Bytes>> undelivered = new TreeMap<>();
        for (int i = 0; i < roster.size(); i++) {
            int to = i;
            SortedMap<Integer, Bytes> toOne = new TreeMap<>();
            for (int from : graph.neighbours(to)) {
                if (from < to && !isReceived(roster, from, to)) {
                    made(roster, from, to).ifPresent(bytes -> toOne.put(from, bytes));
                }
            }
            undelivered.put(name(roster, to), toOne);
        }
        return undelivered;
    }

    private boolean isReceived(Roster roster, int from, int to) {
        return keys(roster, from).hash().equals(keys(roster, to).received().get(name(roster, from)));
    }

    /** A member has dealt under this roster, so it has what its peers encapsulated to it. */
    KeyDirectory acknowledged(Roster roster, SecureSumTerms terms, SiteName site) {
        SiteKeys known = sites.get(site);
        int to = roster.position(site.value()).orElse(-1);
        if (known == null || to < 0 || !known.hash().equals(roster.member(to).hash())) {
            return this;
        }
        SortedMap<SiteName, ContentHash> received = new TreeMap<>(known.received());
        for (int from : terms.graph(roster.size(), roster.hash()).neighbours(to)) {
            if (from < to) {
                received.put(name(roster, from), roster.member(from).hash());
            }
        }
        return received.equals(known.received())
                ? this
                : replacing(site, new SiteKeys(known.announcement(), known.hash(), known.made(), received));
    }

    private KeyDirectory replacing(SiteName site, SiteKeys keys) {
        SortedMap<SiteName, SiteKeys> changed = new TreeMap<>(sites);
        changed.put(site, keys);
        return new KeyDirectory(changed);
    }

    private SiteKeys keys(Roster roster, int member) {
        return Objects.requireNonNull(sites.get(name(roster, member)), "a roster's member has keys");
    }

    private static SiteName name(Roster roster, int member) {
        return new SiteName(roster.member(member).site());
    }
}
