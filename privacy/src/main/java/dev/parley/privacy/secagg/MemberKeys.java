package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.PairSecret;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.key.WeakKeyException;
import dev.parley.privacy.update.ContentHash;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One site's keys for one epoch, what it has agreed with peers under them, and the sessions in which it has used them.
 * Immutable: each step gives the next value. It lives in memory only; a restarted agent begins a new epoch.
 *
 * <p>Agreement: of two members the one that comes first in the roster encapsulates to the other. What was agreed holds for
 * as long as both announcements do, so a round with known peers needs no agreement at all.
 */
public final class MemberKeys {
    /** Sessions under one epoch's keys. */
    public static final int MAX_SESSIONS = 10_000;

    private final SiteIdentityKey identity;
    private final EpochKeys epochKeys;
    private final Announcement announcement;
    private final Map<String, Agreed> agreed;
    private final Map<String, ContentHash> authentic;
    private final Set<ContentHash> sessions;

    /**
     * What is shared with a peer.
     *
     * @param announcement hash of the peer's
     * @param made what this site has encapsulated to it, empty for a peer before it
     */
    private record Agreed(ContentHash announcement, PairSecret secret, Deal.Bytes made) {}

    private MemberKeys(
            SiteIdentityKey identity,
            EpochKeys epochKeys,
            Announcement announcement,
            Map<String, Agreed> agreed,
            Map<String, ContentHash> authentic,
            Set<ContentHash> sessions) {
        this.identity = identity;
        this.epochKeys = epochKeys;
        this.announcement = announcement;
        this.agreed = Map.copyOf(agreed);
        this.authentic = Map.copyOf(authentic);
        this.sessions = Set.copyOf(sessions);
    }

    /**
     * Fresh keys.
     *
     * @param epoch higher than any that the site has announced before; {@link SitePledges#withNextEpoch} counts
     */
    public static MemberKeys begin(
            String federation, String site, long epoch, SiteIdentityKey identity, SecureRandom random) {
        EpochKeys keys = EpochKeys.generate(random);
        Announcement announcement = Announcement.of(federation, site, epoch, keys.publicKeys(), identity);
        return new MemberKeys(identity, keys, announcement, Map.of(), Map.of(site, announcement.hash()), Set.of());
    }

    /** What the coordinator passes on to the others. */
    public Announcement announcement() {
        return announcement;
    }

    SiteIdentityKey identity() {
        return identity;
    }

    /**
     * Checks a roster: every member signed, of this federation, and this site among them with these very keys. Members that
     * were checked before are not verified again.
     */
    public Step<MemberKeys> checkRoster(Roster roster) {
        Map<String, ContentHash> checked = new HashMap<>(authentic);
        for (Announcement member : roster.members()) {
            if (!member.federation().equals(announcement.federation())) {
                return Step.refused(
                        Reason.ROSTER_MALFORMED,
                        "site " + member.site() + " is announced for another federation than "
                                + announcement.federation());
            }
            ContentHash hash = member.hash();
            if (!hash.equals(authentic.get(member.site())) && !member.isAuthentic()) {
                return Step.refused(
                        Reason.ANNOUNCEMENT_FORGED,
                        "the keys of site " + member.site() + " do not carry its signatures");
            }
            checked.put(member.site(), hash);
        }
        Optional<Integer> position = roster.position(announcement.site());
        if (position.isEmpty() || !roster.member(position.get()).hash().equals(announcement.hash())) {
            return Step.refused(
                    Reason.NOT_IN_ROSTER,
                    "the roster does not have site " + announcement.site() + " with the keys that it has announced");
        }
        return new Step.Taken<>(new MemberKeys(identity, epochKeys, announcement, agreed, checked, sessions));
    }

    /** Whether every member of the roster is one that {@link #checkRoster} has found authentic. */
    boolean hasChecked(Roster roster) {
        return roster.members().stream().allMatch(member -> member.hash().equals(authentic.get(member.site())));
    }

    /** What encapsulating gave: the next keys, and what each peer needs, by the peer's position. */
    public record Encapsulations(MemberKeys keys, SortedMap<Integer, byte[]> byPeer) {}

    /**
     * Agrees with those of {@code peers} that come after this site in a checked roster. A peer that was agreed with before
     * gets the same again, for the case that it has not received what it needs.
     */
    public Step<Encapsulations> encapsulate(Roster roster, MemberSet peers, SecureRandom random) {
        Optional<Integer> position = roster.position(announcement.site());
        if (position.isEmpty()) {
            return Step.refused(Reason.NOT_IN_ROSTER, "the roster does not have site " + announcement.site());
        }
        if (!hasChecked(roster)) {
            return unchecked();
        }
        Map<String, Agreed> secrets = new HashMap<>(agreed);
        SortedMap<Integer, byte[]> encapsulations = new TreeMap<>();
        for (int peer : peers.stream().toArray()) {
            if (peer <= position.get() || peer >= roster.size()) {
                return Step.refused(
                        Reason.KEY_MISSING,
                        "a site encapsulates to members after it, position " + peer + " is not one of the "
                                + roster.size() + " after " + position.get());
            }
            Announcement member = roster.member(peer);
            Optional<Agreed> known = Optional.ofNullable(agreed.get(member.site()))
                    .filter(before -> before.announcement().equals(member.hash()));
            if (known.isPresent()) {
                encapsulations.put(peer, known.get().made().toArray());
                continue;
            }
            try {
                EpochKeys.Encapsulated encapsulated = epochKeys.encapsulate(member.keys(), random);
                secrets.put(
                        member.site(),
                        new Agreed(member.hash(), encapsulated.secret(), Deal.Bytes.of(encapsulated.encapsulation())));
                encapsulations.put(peer, encapsulated.encapsulation());
            } catch (WeakKeyException e) {
                return Step.refused(Reason.KEY_WEAK, "site " + member.site() + ": " + e.getMessage());
            }
        }
        return new Step.Taken<>(new Encapsulations(
                new MemberKeys(identity, epochKeys, announcement, secrets, authentic, sessions), encapsulations));
    }

    /**
     * Agrees with members that have encapsulated to this site.
     *
     * @param encapsulations by the position of the member that made it
     */
    public Step<MemberKeys> receive(Roster roster, Map<Integer, byte[]> encapsulations) {
        if (!hasChecked(roster)) {
            return unchecked();
        }
        Map<String, Agreed> secrets = new HashMap<>(agreed);
        for (Map.Entry<Integer, byte[]> entry : encapsulations.entrySet()) {
            int peer = entry.getKey();
            if (peer < 0 || peer >= roster.size() || roster.member(peer).site().compareTo(announcement.site()) >= 0) {
                return Step.refused(
                        Reason.KEY_MISSING, "an encapsulation comes from a member before this site, not from " + peer);
            }
            Announcement member = roster.member(peer);
            try {
                secrets.put(
                        member.site(),
                        new Agreed(
                                member.hash(),
                                epochKeys.decapsulate(member.keys(), entry.getValue()),
                                Deal.Bytes.of(new byte[0])));
            } catch (WeakKeyException e) {
                return Step.refused(Reason.KEY_WEAK, "site " + member.site() + ": " + e.getMessage());
            }
        }
        return new Step.Taken<>(new MemberKeys(identity, epochKeys, announcement, secrets, authentic, sessions));
    }

    private static <T> Step<T> unchecked() {
        return Step.refused(Reason.ROSTER_UNCHECKED, "the roster has members whose announcements were not checked");
    }

    /** The members that this site has agreed with, itself not among them. */
    public MemberSet agreedWith(Roster roster) {
        return MemberSet.of(java.util.stream.IntStream.range(0, roster.size())
                .filter(member -> agreedWith(roster.member(member)).isPresent()));
    }

    Optional<PairKey> pairKey(Roster roster, int peer) {
        return agreedWith(roster.member(peer))
                .map(secret -> secret.under(roster.hash().bytes()));
    }

    private Optional<PairSecret> agreedWith(Announcement peer) {
        return Optional.ofNullable(agreed.get(peer.site()))
                .filter(known -> known.announcement().equals(peer.hash()))
                .map(Agreed::secret);
    }

    boolean isSessionUsed(SumSession session) {
        return sessions.contains(session.occasion());
    }

    /** Whether the keys have been used as often as they may be. */
    public boolean isExhausted() {
        return sessions.size() >= MAX_SESSIONS;
    }

    /** Sessions in which the keys were used; at {@link #MAX_SESSIONS} they are exhausted. */
    public int sessions() {
        return sessions.size();
    }

    MemberKeys withSession(SumSession session) {
        Set<ContentHash> more = new HashSet<>(sessions);
        more.add(session.occasion());
        return new MemberKeys(identity, epochKeys, announcement, agreed, authentic, more);
    }

    @Override
    public String toString() {
        return "MemberKeys[redacted, epoch " + announcement.epoch() + " of " + announcement.site() + "]";
    }
}
