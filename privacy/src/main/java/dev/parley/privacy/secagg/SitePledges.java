package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a site must not forget, whatever happens to its process: the epochs that it has used, who its peers are, and which
 * sums it has helped to open. The agent makes a changed value durable before it sends the message that the change belongs
 * to.
 *
 * <p>Secrets are not among it: keys and shares live in memory, so after a restart there is nothing left to reveal.
 *
 * @param epoch the highest epoch that this site has announced keys for, 0 for none
 * @param peers what was learned of each site name
 * @param opened for each subject and purpose, the sets of survivors whose sum this site has helped to open, oldest first
 */
public record SitePledges(long epoch, Map<String, Peer> peers, Map<String, List<Set<String>>> opened) {
    /**
     * Sums of one subject, over different sites, that a site helps to open: one. A majority helps to open each sum, so any two
     * share a member that refuses the second. Of more, some would combine to one site's part: of 1234, 4567 and 123567 the
     * first two less the third leave 4. The same sum again shows nothing new and is opened again.
     */
    public static final int MAX_SUMS_OF_A_SUBJECT = 1;

    /** Subjects that are remembered. A subject is a model that this site trained from; each is new for an honest coordinator. */
    private static final int MAX_SUBJECTS = 4096;

    private static final int MAX_PEERS = 20_000;

    public SitePledges {
        peers = Map.copyOf(new TreeMap<>(peers));
        Map<String, List<Set<String>>> frozen = new LinkedHashMap<>();
        opened.forEach((subject, sets) ->
                frozen.put(subject, sets.stream().map(Set::copyOf).toList()));
        opened = java.util.Collections.unmodifiableMap(frozen);
    }

    /**
     * A peer as it is known.
     *
     * @param fingerprint of its identity
     * @param epoch the highest epoch of it that was seen
     * @param announcement hash of its announcement of that epoch
     */
    public record Peer(String fingerprint, long epoch, String announcement) {}

    public static SitePledges none() {
        return new SitePledges(0, Map.of(), Map.of());
    }

    /** With the next epoch of this site's own keys. */
    public SitePledges withNextEpoch() {
        return new SitePledges(Math.incrementExact(epoch), peers, opened);
    }

    /** Compares a roster's members with what is known of them, and remembers those that are new. */
    public Step<SitePledges> meet(Roster roster, Map<String, String> trusted) {
        Map<String, Peer> known = new TreeMap<>(peers);
        for (Announcement member : roster.members()) {
            String fingerprint = member.identity().fingerprint();
            if (!trusted.isEmpty() && !fingerprint.equals(trusted.get(member.site()))) {
                return Step.refused(
                        Reason.IDENTITY_NOT_TRUSTED,
                        "site " + member.site() + " with identity " + fingerprint
                                + " is not among the identities that this site's owner has listed");
            }
            Peer before = known.get(member.site());
            if (before != null && !before.fingerprint().equals(fingerprint)) {
                return Step.refused(
                        Reason.IDENTITY_CHANGED,
                        "site " + member.site() + " is presented with identity " + fingerprint + ", it was known as "
                                + before.fingerprint() + "; if the site was installed anew, its owner confirms the new "
                                + "one, and this site's owner lists it");
            }
            if (before != null && member.epoch() < before.epoch()) {
                return Step.refused(
                        Reason.EPOCH_TOO_OLD,
                        "site " + member.site() + " is presented with keys of epoch " + member.epoch() + ", epoch "
                                + before.epoch() + " was seen");
            }
            String announcement = member.hash().hex();
            if (before != null && member.epoch() == before.epoch() && !announcement.equals(before.announcement())) {
                return Step.refused(
                        Reason.EPOCH_REUSED,
                        "site " + member.site() + " is presented with other keys of epoch " + before.epoch()
                                + " than were seen: its state was restored from a backup, or two agents run for it");
            }
            known.put(member.site(), new Peer(fingerprint, member.epoch(), announcement));
        }
        if (known.size() > MAX_PEERS) {
            return Step.refused(
                    Reason.ROSTER_MALFORMED, "more than " + MAX_PEERS + " site names were seen in this federation");
        }
        return new Step.Taken<>(new SitePledges(epoch, known, opened));
    }

    /** Whether the sum over {@code survivors} may be opened beside those that were. */
    Optional<Refusal> objection(SumSession.Purpose purpose, ContentHash subject, Set<String> survivors, int floor) {
        List<Set<String>> before = opened.getOrDefault(key(purpose, subject), List.of());
        for (Set<String> other : before) {
            Set<String> difference = new TreeSet<>(other);
            survivors.forEach(site -> {
                if (!difference.remove(site)) {
                    difference.add(site);
                }
            });
            if (!difference.isEmpty() && difference.size() < floor) {
                return Optional.of(new Refusal(
                        Reason.SURVIVORS_TOO_SIMILAR,
                        "a sum of the same model was opened over a set that differs in " + difference.size()
                                + " sites; the two together would show them. At least " + floor + " may differ"));
            }
        }
        if (!before.contains(survivors) && before.size() >= MAX_SUMS_OF_A_SUBJECT) {
            return Optional.of(new Refusal(
                    Reason.SUBJECT_EXHAUSTED,
                    "a sum over other sites was opened for the same model; together they could show single sites. A "
                            + "repeated round needs the same survivors, or a new model"));
        }
        return Optional.empty();
    }

    SitePledges withOpened(SumSession.Purpose purpose, ContentHash subject, Set<String> survivors) {
        Map<String, List<Set<String>>> more = new LinkedHashMap<>(opened);
        List<Set<String>> sets = new ArrayList<>(more.getOrDefault(key(purpose, subject), List.of()));
        if (!sets.contains(survivors)) {
            sets.add(survivors);
        }
        more.remove(key(purpose, subject));
        more.put(key(purpose, subject), sets);
        while (more.size() > MAX_SUBJECTS) {
            more.remove(more.keySet().iterator().next());
        }
        return new SitePledges(epoch, peers, more);
    }

    private static String key(SumSession.Purpose purpose, ContentHash subject) {
        return purpose + "/" + subject.hex();
    }
}
