package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Deal.DealtShare;
import dev.parley.privacy.secagg.MemberSecrets.SharePair;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.secagg.share.SecretSharing;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The first step of a site: check what is asked, then share two fresh secrets among the holders. */
final class MemberDealing {
    private MemberDealing() {}

    static Step<MemberState.Dealing> deal(SumSession session, MemberKeys keys, SiteFloors floors, SecureRandom random) {
        Optional<Refusal> objection = objection(session, keys, floors);
        if (objection.isPresent()) {
            return new Step.Refused<>(objection.get());
        }
        int me = session.roster().position(keys.announcement().site()).orElseThrow();
        Map<Integer, PairKey> pairKeys = new TreeMap<>();
        for (int peer : session.peers(me).stream().toArray()) {
            Optional<PairKey> key = keys.pairKey(session.roster(), peer);
            if (key.isEmpty()) {
                return Step.refused(
                        Reason.KEY_MISSING,
                        "no key is agreed with site "
                                + session.roster().member(peer).site());
            }
            pairKeys.put(peer, key.get());
        }
        Map<Integer, SecretSeed> pairSeeds = new TreeMap<>();
        pairKeys.forEach((peer, key) -> pairSeeds.put(peer, key.maskSeed(session.idBytes())));
        SecretSeed self = SecretSeed.random(random);
        int[] holders = session.holders(me);
        SecretSharing sharing = new SecretSharing(session.terms().threshold(), holders.length);
        try (SecretSeed recovery = SecretSeed.random(random)) {
            List<SecretShare> recoveryShares = sharing.deal(recovery, random);
            List<SecretShare> selfShares = sharing.deal(self, random);
            List<DealtShare> dealt = new ArrayList<>();
            for (int i = 0; i < holders.length; i++) {
                dealt.add(seal(session, me, holders[i], recoveryShares.get(i), selfShares.get(i), pairKeys));
            }
            int own = Arrays.binarySearch(holders, me);
            SharePair ownShares = new SharePair(recoveryShares.get(own), selfShares.get(own));
            closeOthers(recoveryShares, selfShares, own);
            Deal deal = new Deal(me, dealt, deposit(session, me, recovery, pairSeeds));
            return new Step.Taken<>(new MemberState.Dealing(
                    keys.withSession(session),
                    new MemberState.Dealt(
                            session,
                            me,
                            floors,
                            keys.identity(),
                            new MemberSecrets(self, pairSeeds, me, ownShares),
                            pairKeys),
                    deal));
        }
    }

    private static Optional<Refusal> objection(SumSession session, MemberKeys keys, SiteFloors floors) {
        Roster roster = session.roster();
        SecureSumTerms terms = session.terms();
        Optional<Integer> position = roster.position(keys.announcement().site());
        if (position.isEmpty()
                || !roster.member(position.get())
                        .hash()
                        .equals(keys.announcement().hash())) {
            return refusal(
                    Reason.NOT_IN_ROSTER, "the roster does not have this site with the keys that it has announced");
        }
        if (!keys.hasChecked(roster)) {
            return refusal(Reason.ROSTER_UNCHECKED, "the roster has members whose announcements were not checked");
        }
        if (roster.size() < floors.minimumCohort()) {
            return refusal(
                    Reason.COHORT_BELOW_FLOOR,
                    "the roster has " + roster.size() + " members, this site asks for at least "
                            + floors.minimumCohort());
        }
        if (terms.colluding() < floors.colluding()) {
            return refusal(
                    Reason.COLLUSION_BELOW_FLOOR,
                    "the plan provides for " + terms.colluding() + " colluding members, this site asks for "
                            + floors.colluding());
        }
        if (terms.degree() > 0 && !floors.allows(Allowance.SPARSE)) {
            return refusal(
                    Reason.SPARSE_NOT_ALLOWED,
                    "the plan makes each member a peer of " + terms.degree() + " others only, this site's owner allows "
                            + "sums among members that are all peers");
        }
        if (terms.groups() > 1 && !floors.allows(Allowance.GROUPS)) {
            return refusal(
                    Reason.GROUPS_NOT_ALLOWED,
                    "the plan sums " + terms.groups()
                            + " groups one by one, this site's owner allows one sum over all");
        }
        int holders = terms.holders(roster.size());
        if (!terms.excludesTwoStories(roster.size())) {
            return refusal(
                    Reason.THRESHOLD_TOO_LOW,
                    terms.degree() > 0
                            ? "a graph of " + roster.size() + " members with " + terms.degree()
                                    + " peers each at threshold " + terms.threshold() + " can be cut by "
                                    + terms.colluding() + " colluding members"
                            : "2 x threshold " + terms.threshold() + " must exceed " + holders + " holders + "
                                    + terms.colluding() + " colluding");
        }
        if (terms.threshold() > terms.fewestHolders(roster.size())) {
            return refusal(
                    Reason.THRESHOLD_UNREACHABLE,
                    "a threshold of " + terms.threshold() + " cannot be reached by " + holders + " holders");
        }
        if (keys.isSessionUsed(session)) {
            return refusal(Reason.SESSION_REPEATED, "this site has taken part under this plan before");
        }
        if (keys.isExhausted()) {
            return refusal(
                    Reason.SESSION_REPEATED,
                    "these keys were used in " + MemberKeys.MAX_SESSIONS + " sessions; new ones must be announced");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refusal(Reason reason, String detail) {
        return Optional.of(new Refusal(reason, detail));
    }

    private static DealtShare seal(
            SumSession session,
            int me,
            int holder,
            SecretShare recovery,
            SecretShare self,
            Map<Integer, PairKey> keys) {
        byte[] recoveryBytes = recovery.toBytes(SecretAccess.token());
        byte[] selfBytes = self.toBytes(SecretAccess.token());
        byte[] both = ByteBuffer.allocate(recoveryBytes.length + selfBytes.length)
                .put(recoveryBytes)
                .put(selfBytes)
                .array();
        try {
            Bytes commitment = Bytes.of(Deal.Commitments.of(session, me, holder, recoveryBytes, selfBytes));
            Bytes box = holder == me ? Bytes.of(new byte[0]) : box(session, me, holder, both, keys);
            return new DealtShare(holder, box, commitment);
        } finally {
            Arrays.fill(both, (byte) 0);
            Arrays.fill(recoveryBytes, (byte) 0);
            Arrays.fill(selfBytes, (byte) 0);
        }
    }

    private static Bytes box(SumSession session, int me, int holder, byte[] both, Map<Integer, PairKey> keys) {
        PairKey key = Objects.requireNonNull(keys.get(holder), "a peer without a key");
        try (SecretSeed sealing = key.sealingKey(session.idBytes(), me, holder)) {
            return Bytes.of(SealedBox.seal(sealing, both, session.sealContext(me, holder)));
        }
    }

    private static Bytes deposit(SumSession session, int me, SecretSeed recovery, Map<Integer, SecretSeed> pairSeeds) {
        byte[] list = new byte[pairSeeds.size() * SecretSeed.SIZE_BYTES];
        int at = 0;
        for (SecretSeed seed : new TreeMap<>(pairSeeds).values()) {
            byte[] bytes = seed.copyBytes(SecretAccess.token());
            System.arraycopy(bytes, 0, list, at, bytes.length);
            Arrays.fill(bytes, (byte) 0);
            at += SecretSeed.SIZE_BYTES;
        }
        try {
            return Bytes.of(SealedBox.seal(recovery, list, session.sealContext(me, me)));
        } finally {
            Arrays.fill(list, (byte) 0);
        }
    }

    private static void closeOthers(List<SecretShare> recovery, List<SecretShare> self, int own) {
        for (int i = 0; i < recovery.size(); i++) {
            if (i != own) {
                recovery.get(i).close();
                self.get(i).close();
            }
        }
    }
}
