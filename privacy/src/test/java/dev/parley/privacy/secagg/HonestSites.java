package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.Step.Refused;
import dev.parley.privacy.secagg.Step.Taken;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sites with keys, all agreed with each other once, as they are after the first round of an epoch. */
final class HonestSites {
    static final SiteFloors FLOORS = new SiteFloors(2, 2, 0, Map.of());
    static final SiteFloors SPARSE_FLOORS = new SiteFloors(2, 2, 0, Map.of(), Set.of(Allowance.SPARSE));
    static final SiteFloors GROUP_FLOORS = new SiteFloors(2, 2, 0, Map.of(), Set.of(Allowance.GROUPS));

    private final List<SiteIdentityKey> identities;
    private final List<MemberKeys> keys;

    private HonestSites(List<SiteIdentityKey> identities, List<MemberKeys> keys) {
        this.identities = identities;
        this.keys = keys;
    }

    static HonestSites agreed(int count, SecureRandom random) {
        List<SiteIdentityKey> identities = new ArrayList<>();
        List<MemberKeys> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SiteIdentityKey identity = SiteIdentityKey.generate(random);
            identities.add(identity);
            keys.add(MemberKeys.begin("test", name(i), 1, identity, random));
        }
        HonestSites sites = new HonestSites(identities, keys);
        sites.agree(sites.roster(count), random);
        return sites;
    }

    static String name(int i) {
        return "site-%03d".formatted(i);
    }

    static ContentHash hash(String text) {
        return ContentHash.of(text.getBytes(StandardCharsets.UTF_8));
    }

    SiteIdentityKey identity(int i) {
        return identities.get(i);
    }

    MemberKeys keys(int i) {
        return keys.get(i);
    }

    /** Of the first {@code count}. */
    Roster roster(int count) {
        return Roster.of(
                keys.subList(0, count).stream().map(MemberKeys::announcement).toList());
    }

    private void agree(Roster roster, SecureRandom random) {
        Map<Integer, Map<Integer, byte[]>> inboxes = new HashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            MemberKeys checked = taken(keys.get(i).checkRoster(roster));
            MemberSet after = MemberSet.of(java.util.stream.IntStream.range(i + 1, keys.size()));
            MemberKeys.Encapsulations made = taken(checked.encapsulate(roster, after, random));
            keys.set(i, made.keys());
            int from = i;
            made.byPeer()
                    .forEach((peer, box) ->
                            inboxes.computeIfAbsent(peer, p -> new HashMap<>()).put(from, box));
        }
        for (int i = 1; i < keys.size(); i++) {
            keys.set(i, taken(keys.get(i).receive(roster, inboxes.get(i))));
        }
    }

    static <T> T taken(Step<T> step) {
        if (step instanceof Refused<T> refused) {
            throw new AssertionError("refused: " + refused.refusal());
        }
        return ((Taken<T>) step).result();
    }

    static Refusal.Reason refused(Step<?> step) {
        if (step instanceof Refused<?> refused) {
            return refused.refusal().reason();
        }
        throw new AssertionError("expected a refusal, got " + step);
    }
}
