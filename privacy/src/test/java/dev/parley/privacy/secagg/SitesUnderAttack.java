package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.Lie.believed;

import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.update.ContentHash;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Honest sites, each with what it keeps: identity, keys of its epoch, pledges, its owner's floors, and a secret vector. */
final class SitesUnderAttack {
    static final String FEDERATION = "test";
    static final ContentHash MODEL = HonestSites.hash("model");

    final SecureRandom random;
    final SiteFloors floors;
    final SiteIdentityKey[] identities;
    final MemberKeys[] keys;
    final SitePledges[] pledges;

    private SitesUnderAttack(int count, SiteFloors floors, long seed) {
        this.random = new DeterministicRandom(seed);
        this.floors = floors;
        this.identities = new SiteIdentityKey[count];
        this.keys = new MemberKeys[count];
        this.pledges = new SitePledges[count];
        for (int i = 0; i < count; i++) {
            identities[i] = SiteIdentityKey.generate(random);
            pledges[i] = SitePledges.none();
            begin(i);
        }
    }

    /** Strangers to each other. */
    static SitesUnderAttack fresh(int count, SiteFloors floors) {
        return new SitesUnderAttack(count, floors, 20261125);
    }

    /** Agreed with each other under the honest roster. */
    static SitesUnderAttack agreed(int count, SiteFloors floors) {
        SitesUnderAttack sites = fresh(count, floors);
        Roster roster = sites.roster();
        Map<Integer, Map<Integer, byte[]>> sent = new HashMap<>();
        for (int i = 0; i < count; i++) {
            sites.enter(i, roster);
            int from = i;
            sites.encapsulate(i, roster)
                    .forEach((to, box) ->
                            sent.computeIfAbsent(to, t -> new HashMap<>()).put(from, box));
        }
        sent.forEach((to, boxes) -> sites.keys[to] = believed(sites.keys[to].receive(roster, boxes)));
        return sites;
    }

    static SiteFloors floors(int cohort, int survivors, int colluding) {
        return new SiteFloors(cohort, survivors, colluding, Map.of());
    }

    /** The agent starts: nothing is left but the pledges. */
    void begin(int site) {
        pledges[site] = pledges[site].withNextEpoch();
        keys[site] =
                MemberKeys.begin(FEDERATION, HonestSites.name(site), pledges[site].epoch(), identities[site], random);
    }

    /** A site is shown a roster, as before every round. */
    void enter(int site, Roster roster) {
        MemberKeys checked = believed(keys[site].checkRoster(roster));
        pledges[site] = believed(pledges[site].meet(roster, floors.trustedIdentities()));
        keys[site] = checked;
    }

    /** A site encapsulates to all that come after it. */
    Map<Integer, byte[]> encapsulate(int site, Roster roster) {
        int me = roster.position(HonestSites.name(site)).orElseThrow();
        MemberSet after = MemberSet.of(IntStream.range(me + 1, roster.size()));
        MemberKeys.Encapsulations made = believed(keys[site].encapsulate(roster, after, random));
        keys[site] = made.keys();
        return made.byPeer();
    }

    Roster roster() {
        return Roster.of(Arrays.stream(keys).map(MemberKeys::announcement).toList());
    }

    /** The honest roster with one member's announcement exchanged, or one more. */
    Roster rosterWith(Announcement other) {
        List<Announcement> members = new ArrayList<>(roster().members());
        members.removeIf(member -> member.site().equals(other.site()));
        members.add(other);
        members.sort(java.util.Comparator.comparing(Announcement::site));
        return Roster.of(members);
    }

    SumSession session(String plan, SecureSumTerms terms) {
        return new SumSession(HonestSites.hash(plan), Purpose.UPDATE, roster(), terms);
    }

    /** The site's vector, which nobody else may learn. */
    static int[] vector(int site) {
        return new int[] {1000 + site, -7 * site, 1 << site, 3, 0};
    }
}
