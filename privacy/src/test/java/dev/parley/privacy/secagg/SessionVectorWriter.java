package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.HonestSites.taken;
import static dev.parley.privacy.secagg.VectorFile.hex;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.RecordedAgreement;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.secagg.share.SecretSharing;
import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes down one whole session with everything that was drawn in it. Five sites are in the roster; the fifth never deals,
 * the second deals and is lost before it uploads, the other three are exactly the threshold.
 */
final class SessionVectorWriter {
    private static final List<String> SITES = List.of("alder", "birch", "cedar", "douglas", "elm");
    private static final int NEVER_DEALS = 4;
    private static final int LOST = 1;
    private static final int BITS = 20;
    private static final int LENGTH = 8;

    private final DeterministicRandom seeded = new DeterministicRandom(20261125);
    private final RingModulus modulus = new RingModulus(BITS);
    private final ContentHash subject = HonestSites.hash("the model that the vectors were made from");
    private final List<SiteIdentityKey> identities = new ArrayList<>();
    private final List<MemberKeys> keys = new ArrayList<>();
    private final List<byte[]> scalars = new ArrayList<>();
    private final Map<List<Integer>, RecordedAgreement> agreements = new TreeMap<>((a, b) ->
            a.get(0).equals(b.get(0)) ? a.get(1).compareTo(b.get(1)) : a.get(0).compareTo(b.get(0)));
    private final Map<List<Integer>, byte[]> drawnByPair = new HashMap<>();
    private final ObjectNode root = JsonNodeFactory.instance.objectNode();
    private final ArrayNode members = JsonNodeFactory.instance.arrayNode();

    ObjectNode write() {
        Roster roster = announce();
        agree(roster);
        SumSession session = new SumSession(
                HonestSites.hash("the plan of the vectors"), Purpose.UPDATE, roster, SecureSumTerms.full(5, 0));
        head(session);
        run(session);
        return root;
    }

    private Roster announce() {
        for (int i = 0; i < SITES.size(); i++) {
            SiteIdentityKey identity = SiteIdentityKey.generate(seeded);
            RecordingRandom random = new RecordingRandom(seeded);
            identities.add(identity);
            keys.add(MemberKeys.begin("vectors", SITES.get(i), i + 1, identity, random));
            scalars.add(random.draw(0, 32));
            members.addObject()
                    .put("site", SITES.get(i))
                    .put("epoch", i + 1)
                    .put("ed25519Secret", hex(Arrays.copyOf(identity.export(SecretAccess.token()), 32)))
                    .put("x25519Secret", hex(scalars.get(i)));
        }
        return Roster.of(keys.stream().map(MemberKeys::announcement).toList());
    }

    private void agree(Roster roster) {
        List<Map<Integer, byte[]>> inboxes = new ArrayList<>();
        SITES.forEach(site -> inboxes.add(new HashMap<>()));
        for (int i = 0; i < SITES.size(); i++) {
            MemberSet after = MemberSet.first(SITES.size()).without(MemberSet.first(i + 1));
            RecordingRandom random = new RecordingRandom(seeded);
            MemberKeys.Encapsulations made =
                    taken(taken(keys.get(i).checkRoster(roster)).encapsulate(roster, after, random));
            keys.set(i, made.keys());
            int draw = 0;
            for (Map.Entry<Integer, byte[]> entry : made.byPeer().entrySet()) {
                int peer = entry.getKey();
                byte[] drawn = random.draw(draw++, 32);
                inboxes.get(peer).put(i, entry.getValue());
                drawnByPair.put(List.of(i, peer), drawn);
                agreements.put(
                        List.of(i, peer),
                        RecordedAgreement.of(
                                scalars.get(i), drawn, roster.member(peer).keys(), entry.getValue()));
            }
        }
        for (int i = 0; i < SITES.size(); i++) {
            keys.set(i, taken(keys.get(i).receive(roster, inboxes.get(i))));
        }
    }

    private void head(SumSession session) {
        root.put("protocol", "parley-secagg-v1")
                .put("federation", "vectors")
                .put("plan", session.plan().hex())
                .put("purpose", 1)
                .put("threshold", session.terms().threshold())
                .put("colluding", session.terms().colluding())
                .put("degree", session.terms().degree())
                .put("groups", session.terms().groups())
                .put("bits", BITS)
                .put("subject", subject.hex())
                .put("roster", hex(session.roster().toBytes()))
                .put("rosterHash", session.roster().hash().hex())
                .put("sessionId", session.id().hex())
                .put("occasion", session.occasion().hex());
        root.set("members", members);
        ArrayNode pairs = root.putArray("pairs");
        byte[] rosterHash = session.roster().hash().bytes();
        agreements.forEach((pair, agreement) -> {
            int first = pair.get(0);
            int second = pair.get(1);
            PairKey key = agreement.pairKey(rosterHash);
            pairs.addObject()
                    .put("first", first)
                    .put("second", second)
                    .put("mlKemDrawn", hex(drawnByPair.get(pair)))
                    .put("encapsulation", hex(agreement.encapsulation()))
                    .put("x25519", hex(agreement.x25519()))
                    .put("mlKem", hex(agreement.mlKem()))
                    .put("pairSecret", secret(agreement.pairSecret()))
                    .put("pairKey", secret(agreement.pairKeyBytes(rosterHash)))
                    .put("maskSeed", secret(key.maskSeed(session.idBytes())))
                    .put("vectorSeed", secret(key.maskSeed(session.idBytes()).forSubject(subject.bytes())))
                    .put("sealFirstToSecond", secret(key.sealingKey(session.idBytes(), first, second)))
                    .put("sealSecondToFirst", secret(key.sealingKey(session.idBytes(), second, first)));
        });
    }

    private void run(SumSession session) {
        AggregatorState.Dealing dealing = AggregatorState.begin(session);
        Map<Integer, MemberState.Dealt> dealt = new TreeMap<>();
        for (int i = 0; i < SITES.size(); i++) {
            if (i != NEVER_DEALS) {
                RecordingRandom random = new RecordingRandom(seeded);
                MemberState.Dealing deal = taken(MemberState.deal(session, keys.get(i), HonestSites.FLOORS, random));
                recordDeal(session, i, random, deal.deal());
                dealt.put(i, deal.state());
                dealing = taken(dealing.receive(deal.deal()));
            }
        }
        AggregatorState.Summing summing = on(dealing.close(MemberSet.first(SITES.size())));
        root.put("cohort", hex(summing.cohort().toBytes(SITES.size())));
        RingSum sum = new RingSum(LENGTH, modulus);
        Map<Integer, MemberState.Masked> masked = new TreeMap<>();
        for (int i : summing.cohort().without(MemberSet.of(LOST)).stream().toArray()) {
            int[] vector = vector();
            ArrayNode elements = member(i).putArray("vector");
            Arrays.stream(vector).forEach(elements::add);
            EncodedRing encoded = EncodedRing.adopting(vector, modulus);
            MemberState.Contributed<MaskedRing> contributed =
                    taken(dealt.get(i).join(summing.notice(i))).contribute(subject, encoded::mask);
            MaskedRing ring = contributed.result();
            member(i).put("upload", hex(ring.toBytes()));
            sum.add(ring);
            masked.put(i, contributed.state());
        }
        finish(session, on(summing.close(MemberSet.of(masked.keySet()), subject)), masked, sum);
    }

    private void finish(
            SumSession session,
            AggregatorState.Confirming begun,
            Map<Integer, MemberState.Masked> masked,
            RingSum sum) {
        AggregatorState.Confirming confirming = begun;
        MemberSet survivors = begun.survivors();
        root.put("survivors", hex(survivors.toBytes(SITES.size())))
                .put("confirmationStatement", hex(session.confirmationStatement(subject, survivors)));
        Map<Integer, MemberState.Confirmed> confirmed = new TreeMap<>();
        for (Map.Entry<Integer, MemberState.Masked> entry : masked.entrySet()) {
            MemberState.Masked.Confirming step =
                    taken(entry.getValue().confirm(subject, survivors, SitePledges.none()));
            confirmed.put(entry.getKey(), step.state());
            member(entry.getKey())
                    .put("confirmation", hex(step.confirmation().signature().toArray()));
            confirming = taken(confirming.receive(step.confirmation()));
        }
        AggregatorState.Revealing revealing = confirming.close();
        for (Map.Entry<Integer, MemberState.Confirmed> entry : confirmed.entrySet()) {
            Opening opening = taken(entry.getValue().open(revealing.confirmations(), SitePledges.none()))
                    .opening();
            ArrayNode shares = member(entry.getKey()).putArray("opening");
            opening.shares()
                    .forEach(share -> shares.addObject()
                            .put("dealer", share.dealer())
                            .put("kind", share.kind().code())
                            .put("share", hex(share.share().toArray())));
            revealing = taken(revealing.receive(opening));
        }
        if (!(revealing.close().open() instanceof Recovery.Outcome.MasksToAdd masks)) {
            throw new AssertionError("honest members spoiled a sum");
        }
        sum.addMasks(masks.terms(), 1);
        ArrayNode elements = root.putArray("sum");
        Arrays.stream(sum.centred()).forEach(elements::add);
    }

    private void recordDeal(SumSession session, int dealer, RecordingRandom random, Deal deal) {
        byte[] self = random.draw(0, 32);
        byte[] recovery = random.draw(1, 32);
        int threshold = session.terms().threshold();
        ObjectNode member = member(dealer)
                .put("selfSeed", hex(self))
                .put(
                        "selfVectorSeed",
                        secret(SecretSeed.copyOf(self, SecretAccess.token()).forSubject(subject.bytes())))
                .put("recoveryKey", hex(recovery));
        coefficients(member.putArray("selfCoefficients"), random.draw(3, 4096), threshold);
        coefficients(member.putArray("recoveryCoefficients"), random.draw(2, 4096), threshold);
        SecretSharing sharing = new SecretSharing(threshold, session.roster().size());
        shares(member.putArray("selfShares"), sharing, self, random.draw(3, 4096));
        shares(member.putArray("recoveryShares"), sharing, recovery, random.draw(2, 4096));
        ArrayNode dealt = member.putArray("dealt");
        deal.shares()
                .forEach(share -> dealt.addObject()
                        .put("to", share.to())
                        .put("box", hex(share.box().toArray()))
                        .put("commitment", hex(share.commitment().toArray())));
        member.put("deposit", hex(deal.deposit().toArray()));
    }

    /** The coefficients of x, x^2, ..., each as five little-endian words, like a share. */
    static void coefficients(ArrayNode to, byte[] drawn, int threshold) {
        ByteBuffer words = ByteBuffer.wrap(drawn).order(ByteOrder.LITTLE_ENDIAN);
        for (int power = 1; power < threshold; power++) {
            ByteBuffer coefficient = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
            for (int limb = 0; limb < 5; limb++) {
                coefficient.putLong(words.getLong() >>> 3);
            }
            to.add(hex(coefficient.array()));
        }
    }

    private static void shares(ArrayNode to, SecretSharing sharing, byte[] secret, byte[] drawn) {
        List<SecretShare> shares =
                sharing.deal(SecretSeed.copyOf(secret, SecretAccess.token()), new ReplayedRandom(drawn));
        shares.forEach(share -> to.add(hex(share.toBytes(SecretAccess.token()))));
    }

    private int[] vector() {
        int[] vector = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            vector[i] = modulus.centred(seeded.nextInt());
        }
        return vector;
    }

    private ObjectNode member(int position) {
        return (ObjectNode) members.get(position);
    }

    private static String secret(SecretSeed seed) {
        return hex(seed.copyBytes(SecretAccess.token()));
    }

    /** What comes next, where enough are left. */
    static <T> T on(AggregatorState.Closed<T> closed) {
        if (closed instanceof AggregatorState.Closed.On<T> on) {
            return on.next();
        }
        throw new AssertionError("too few: " + closed);
    }
}
