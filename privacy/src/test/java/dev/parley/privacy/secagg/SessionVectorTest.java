package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.HonestSites.taken;
import static dev.parley.privacy.secagg.VectorFile.bytes;
import static dev.parley.privacy.secagg.VectorFile.integers;
import static dev.parley.privacy.secagg.VectorFile.items;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Deal.DealtShare;
import dev.parley.privacy.secagg.MemberSecrets.SharePair;
import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.RecordedAgreement;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.secagg.share.InconsistentSharesException;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.secagg.share.SecretSharing;
import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * One recorded session, recomputed from what was drawn in it: every derived key, box, commitment, upload, signature and
 * opened share has the recorded bytes. {@code -Dparley.vectors=write} records a new one.
 */
class SessionVectorTest {
    private static final VectorFile FILE = new VectorFile("session.json");
    private static JsonNode vector;
    private static SumSession session;

    @BeforeAll
    static void readOrWrite() {
        if (VectorFile.isWriting()) {
            FILE.write(new SessionVectorWriter().write());
        }
        vector = FILE.read();
        session = new SumSession(
                hash("plan"),
                Purpose.UPDATE,
                Roster.of(bytes(vector, "roster")),
                new SecureSumTerms(
                        vector.required("threshold").intValue(),
                        vector.required("colluding").intValue(),
                        vector.required("degree").intValue(),
                        vector.required("groups").intValue()));
    }

    @Test
    void rosterIsAuthenticAndHasTheRecordedHash() {
        Roster roster = session.roster();

        assertArrayEquals(bytes(vector, "roster"), roster.toBytes());
        assertEquals(vector.required("rosterHash").textValue(), roster.hash().hex());
        assertTrue(roster.members().stream().allMatch(Announcement::isAuthentic));
    }

    @Test
    void sessionHasTheRecordedIds() {
        assertEquals(vector.required("sessionId").textValue(), session.id().hex());
        assertEquals(vector.required("occasion").textValue(), session.occasion().hex());
        assertArrayEquals(
                bytes(vector, "confirmationStatement"),
                session.confirmationStatement(hash("subject"), members("survivors")));
    }

    @Test
    void pairsDeriveTheRecordedKeys() {
        byte[] rosterHash = session.roster().hash().bytes();
        byte[] id = session.idBytes();
        for (JsonNode pair : items(vector.required("pairs"))) {
            int first = pair.required("first").intValue();
            int second = pair.required("second").intValue();
            byte[] scalar = bytes(vector.required("members").get(first), "x25519Secret");
            RecordedAgreement agreement = RecordedAgreement.of(
                    scalar,
                    bytes(pair, "mlKemDrawn"),
                    session.roster().member(second).keys(),
                    bytes(pair, "encapsulation"));
            PairKey key = agreement.pairKey(rosterHash);

            assertArrayEquals(bytes(pair, "x25519"), agreement.x25519());
            assertArrayEquals(bytes(pair, "mlKem"), agreement.mlKem());
            assertSecret(pair, "pairSecret", agreement.pairSecret());
            assertSecret(pair, "pairKey", agreement.pairKeyBytes(rosterHash));
            assertSecret(pair, "maskSeed", key.maskSeed(id));
            assertSecret(
                    pair,
                    "vectorSeed",
                    key.maskSeed(id).forSubject(hash("subject").bytes()));
            assertSecret(pair, "sealFirstToSecond", key.sealingKey(id, first, second));
            assertSecret(pair, "sealSecondToFirst", key.sealingKey(id, second, first));
        }
    }

    @Test
    void dealsHaveTheRecordedSharesBoxesCommitmentsAndDeposits() {
        for (int dealer : members("cohort").stream().toArray()) {
            JsonNode member = member(dealer);
            List<SecretShare> recovery = shares(member, "recoveryKey", "recoveryCoefficients");
            List<SecretShare> self = shares(member, "selfSeed", "selfCoefficients");
            assertSecret(
                    member,
                    "selfVectorSeed",
                    secret(member, "selfSeed").forSubject(hash("subject").bytes()));
            ByteBuffer seeds = ByteBuffer.allocate((session.roster().size() - 1) * 32);
            for (int holder = 0; holder < session.roster().size(); holder++) {
                byte[] recoveryShare = recovery.get(holder).toBytes(SecretAccess.token());
                byte[] selfShare = self.get(holder).toBytes(SecretAccess.token());
                JsonNode dealt = member.required("dealt").get(holder);

                assertArrayEquals(bytes(member.required("recoveryShares").get(holder)), recoveryShare);
                assertArrayEquals(bytes(member.required("selfShares").get(holder)), selfShare);
                assertArrayEquals(
                        bytes(dealt, "commitment"),
                        Deal.Commitments.of(session, dealer, holder, recoveryShare, selfShare));
                byte[] box = new byte[0];
                if (holder != dealer) {
                    byte[] both = ByteBuffer.allocate(80)
                            .put(recoveryShare)
                            .put(selfShare)
                            .array();
                    SecretSeed key = pairKey(dealer, holder).sealingKey(session.idBytes(), dealer, holder);
                    box = SealedBox.seal(key, both, session.sealContext(dealer, holder));
                    seeds.put(
                            pairKey(dealer, holder).maskSeed(session.idBytes()).copyBytes(SecretAccess.token()));
                }
                assertArrayEquals(bytes(dealt, "box"), box);
            }
            assertArrayEquals(
                    bytes(member, "deposit"),
                    SealedBox.seal(secret(member, "recoveryKey"), seeds.array(), session.sealContext(dealer, dealer)));
        }
    }

    /** Each survivor goes the whole way from its recorded deal on, with the messages that were recorded. */
    @Test
    void survivorsSendTheRecordedMessages() {
        AggregatorState.Summing summing = summing();
        for (int i : members("survivors").stream().toArray()) {
            JsonNode member = member(i);
            EncodedRing encoded = encoded(member);
            MemberState.Contributed<MaskedRing> contributed =
                    taken(dealt(i).join(summing.notice(i))).contribute(hash("subject"), encoded::mask);
            MemberState.Masked.Confirming confirming =
                    taken(contributed.state().confirm(hash("subject"), members("survivors"), SitePledges.none()));
            Opening opening = taken(confirming.state().open(confirmations(), SitePledges.none()))
                    .opening();

            assertArrayEquals(bytes(member, "upload"), contributed.result().toBytes());
            assertEquals(opening(i), opening);
            assertArrayEquals(
                    bytes(member, "confirmation"),
                    RecordedAgreement.sign(bytes(member, "ed25519Secret"), bytes(vector, "confirmationStatement")));
        }
    }

    @Test
    void coordinatorOpensTheRecordedSum() {
        RingSum sum = new RingSum(vector.required("sum").size(), modulus());
        AggregatorState.Confirming confirming =
                SessionVectorWriter.on(summing().close(members("survivors"), hash("subject")));
        for (Confirmation confirmation : confirmations()) {
            confirming = taken(confirming.receive(confirmation));
        }
        AggregatorState.Revealing revealing = confirming.close();
        for (int i : members("survivors").stream().toArray()) {
            RingSum.Addition addition = sum.begin();
            addition.feed(ByteBuffer.wrap(bytes(member(i), "upload")));
            addition.finish();
            revealing = taken(revealing.receive(opening(i)));
        }
        Recovery.Outcome.MasksToAdd masks = assertInstanceOf(
                Recovery.Outcome.MasksToAdd.class, revealing.close().open());
        sum.addMasks(masks.terms(), 1);

        assertArrayEquals(integers(vector.required("sum")), sum.centred());
    }

    @Test
    void anyThresholdOfSharesRecoversTheSecret() throws InconsistentSharesException {
        JsonNode member = member(1);
        List<SecretShare> shares = shares(member, "recoveryKey", "recoveryCoefficients");
        SecretSharing sharing = new SecretSharing(session.terms().threshold(), shares.size());

        assertSecret(member, "recoveryKey", sharing.recover(shares.subList(0, 3)));
        assertSecret(member, "recoveryKey", sharing.recover(List.of(shares.get(1), shares.get(2), shares.get(4))));
    }

    private static AggregatorState.Summing summing() {
        AggregatorState.Dealing dealing = AggregatorState.begin(session);
        for (int i : members("cohort").stream().toArray()) {
            List<DealtShare> shares = items(member(i).required("dealt")).stream()
                    .map(share -> new DealtShare(
                            share.required("to").intValue(),
                            Bytes.of(bytes(share, "box")),
                            Bytes.of(bytes(share, "commitment"))))
                    .toList();
            dealing = taken(dealing.receive(new Deal(i, shares, Bytes.of(bytes(member(i), "deposit")))));
        }
        AggregatorState.Summing summing = SessionVectorWriter.on(dealing.close(MemberSet.first(5)));
        assertEquals(members("cohort"), summing.cohort());
        return summing;
    }

    private static MemberState.Dealt dealt(int me) {
        Map<Integer, PairKey> pairKeys = new TreeMap<>();
        Map<Integer, SecretSeed> seeds = new TreeMap<>();
        for (int peer : session.peers(me).stream().toArray()) {
            pairKeys.put(peer, pairKey(me, peer));
            seeds.put(peer, pairKey(me, peer).maskSeed(session.idBytes()));
        }
        SharePair own = new SharePair(
                shares(member(me), "recoveryKey", "recoveryCoefficients").get(me),
                shares(member(me), "selfSeed", "selfCoefficients").get(me));
        // Its signature is thrown away: the recorded ones are another identity's, and are compared by themselves.
        SiteIdentityKey any = SiteIdentityKey.generate(new DeterministicRandom(1));
        return new MemberState.Dealt(
                session,
                me,
                HonestSites.FLOORS,
                any,
                new MemberSecrets(secret(member(me), "selfSeed"), seeds, me, own),
                pairKeys);
    }

    private static PairKey pairKey(int a, int b) {
        for (JsonNode pair : items(vector.required("pairs"))) {
            if (Set.of(a, b)
                    .equals(Set.of(
                            pair.required("first").intValue(),
                            pair.required("second").intValue()))) {
                return new RecordedAgreement(bytes(pair, "x25519"), bytes(pair, "mlKem"), bytes(pair, "encapsulation"))
                        .pairKey(session.roster().hash().bytes());
            }
        }
        throw new AssertionError("no pair " + a + ", " + b);
    }

    private static List<SecretShare> shares(JsonNode member, String secret, String coefficients) {
        List<byte[]> drawn = items(member.required(coefficients)).stream()
                .map(VectorFile::bytes)
                .toList();
        return new SecretSharing(session.terms().threshold(), session.roster().size())
                .deal(secret(member, secret), ReplayedRandom.ofCoefficients(drawn));
    }

    private static List<Confirmation> confirmations() {
        List<Confirmation> confirmations = new ArrayList<>();
        members("survivors")
                .forEach(i -> confirmations.add(new Confirmation(i, Bytes.of(bytes(member(i), "confirmation")))));
        return confirmations;
    }

    private static Opening opening(int from) {
        return new Opening(
                from,
                items(member(from).required("opening")).stream()
                        .map(share -> new OpenedShare(
                                share.required("dealer").intValue(),
                                ShareKind.of(share.required("kind").intValue()),
                                Bytes.of(bytes(share, "share"))))
                        .toList());
    }

    private static EncodedRing encoded(JsonNode member) {
        return EncodedRing.adopting(integers(member.required("vector")), modulus());
    }

    private static RingModulus modulus() {
        return new RingModulus(vector.required("bits").intValue());
    }

    private static MemberSet members(String field) {
        return MemberSet.ofBytes(bytes(vector, field));
    }

    private static JsonNode member(int position) {
        return vector.required("members").get(position);
    }

    private static ContentHash hash(String field) {
        return new ContentHash(vector.required(field).textValue());
    }

    private static SecretSeed secret(JsonNode object, String field) {
        return SecretSeed.copyOf(bytes(object, field), SecretAccess.token());
    }

    private static void assertSecret(JsonNode object, String field, SecretSeed actual) {
        assertArrayEquals(bytes(object, field), actual.copyBytes(SecretAccess.token()), field);
    }
}
