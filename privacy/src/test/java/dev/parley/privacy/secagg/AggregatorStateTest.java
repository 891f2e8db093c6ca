package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.HonestSites.refused;
import static dev.parley.privacy.secagg.HonestSites.taken;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.parley.privacy.secagg.AggregatorState.Closed;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Deal.DealtShare;
import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.Recovery.Outcome;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.share.SecretShare;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The coordinator's end among members that lie: what does not fit is refused and changes nothing, and who has dealt what
 * cannot be opened is named. Nothing is thrown.
 */
class AggregatorStateTest {
    private static final int SITES = 5;
    private static final MemberSet ALL = MemberSet.first(SITES);

    private final SitesUnderAttack sites = SitesUnderAttack.agreed(SITES, SitesUnderAttack.floors(2, 2, 0));
    private final SumSession session = sites.session("plan", SecureSumTerms.full(SITES, 0));
    private final LyingCoordinator members = new LyingCoordinator(sites, session);

    @TestFactory
    Stream<DynamicTest> malformedDealIsRefused() {
        members.deal(ALL);
        Deal real = members.deals.get(2);
        List<DealtShare> shares = real.shares();
        Bytes box = shares.get(0).box();
        Bytes commitment = shares.get(0).commitment();
        Map<String, Deal> malformed = new TreeMap<>();
        malformed.put("a holder fewer", new Deal(2, shares.subList(1, SITES), real.deposit()));
        malformed.put("a holder twice", with(real, 1, shares.get(0)));
        malformed.put("a holder that is none", with(real, 4, new DealtShare(9, box, commitment)));
        malformed.put("a short box", with(real, 0, new DealtShare(0, cut(box), commitment)));
        malformed.put("no box", with(real, 0, new DealtShare(0, Bytes.of(new byte[0]), commitment)));
        malformed.put("a box for itself", with(real, 2, new DealtShare(2, box, commitment)));
        malformed.put("a short commitment", with(real, 0, new DealtShare(0, box, cut(commitment))));
        malformed.put("a short deposit", new Deal(2, shares, cut(real.deposit())));
        malformed.put("no shares", new Deal(2, List.of(), real.deposit()));
        AggregatorState.Dealing dealing = AggregatorState.begin(session);

        return malformed.entrySet().stream()
                .map(deal -> DynamicTest.dynamicTest(
                        deal.getKey(),
                        () -> assertEquals(Reason.SHARES_INCOMPLETE, refused(dealing.receive(deal.getValue())))));
    }

    @Test
    void dealOfNoMemberIsRefused() {
        members.deal(ALL);
        Deal real = members.deals.get(2);
        AggregatorState.Dealing dealing = AggregatorState.begin(session);

        List<Reason> reasons = Stream.of(-1, SITES, Integer.MAX_VALUE, Integer.MIN_VALUE)
                .map(from -> refused(dealing.receive(new Deal(from, real.shares(), real.deposit()))))
                .toList();

        assertEquals(
                List.of(Reason.NOT_IN_ROSTER, Reason.NOT_IN_ROSTER, Reason.NOT_IN_ROSTER, Reason.NOT_IN_ROSTER),
                reasons);
    }

    @Test
    void theSameDealAgainChangesNothingAndAnotherIsRefused() {
        members.deal(ALL);
        Deal real = members.deals.get(2);
        AggregatorState.Dealing once = taken(AggregatorState.begin(session).receive(real));
        byte[] other = real.deposit().toArray();
        other[0] ^= 1;

        AggregatorState.Dealing twice = taken(once.receive(real));

        assertEquals(once, twice);
        assertEquals(Reason.SESSION_REPEATED, refused(once.receive(new Deal(2, real.shares(), Bytes.of(other)))));
    }

    @TestFactory
    Stream<DynamicTest> forgedConfirmationIsRefused() {
        AggregatorState.Confirming confirming = confirming(MemberSet.of(0, 1, 2, 3));
        Confirmation real = members.confirm(0, MemberSet.of(0, 1, 2, 3));
        byte[] flipped = real.signature().toArray();
        flipped[3] ^= 4;
        Map<String, Confirmation> forged = new TreeMap<>();
        forged.put("another's", new Confirmation(1, real.signature()));
        forged.put("a lost member's", new Confirmation(4, real.signature()));
        forged.put("nobody's", new Confirmation(-1, real.signature()));
        forged.put("beyond the roster", new Confirmation(SITES, real.signature()));
        forged.put("flipped", new Confirmation(0, Bytes.of(flipped)));
        forged.put("cut", new Confirmation(0, cut(real.signature())));
        forged.put("empty", new Confirmation(0, Bytes.of(new byte[0])));
        forged.put("under another set", members.corruptConfirmation(0, ALL));

        return forged.entrySet().stream()
                .map(confirmation -> DynamicTest.dynamicTest(
                        confirmation.getKey(),
                        () -> assertEquals(
                                Reason.CONFIRMATION_FORGED, refused(confirming.receive(confirmation.getValue())))));
    }

    @TestFactory
    Stream<DynamicTest> forgedOpeningIsRefused() {
        MemberSet survivors = MemberSet.of(0, 1, 2, 3);
        AggregatorState.Revealing revealing = revealing(survivors);
        Opening real = members.open(0, revealing.confirmations());
        OpenedShare first = real.shares().get(0);
        OpenedShare second = real.shares().get(1);
        byte[] flipped = second.share().toArray();
        flipped[0] ^= 1;
        Map<String, Opening> forged = new TreeMap<>();
        forged.put("another share", opened(real, 1, share(1, second.kind(), Bytes.of(flipped))));
        forged.put("another dealer's share", opened(real, 1, share(1, second.kind(), first.share())));
        forged.put("a share cut", opened(real, 1, share(1, second.kind(), cut(second.share()))));
        forged.put("an empty share", opened(real, 1, share(1, second.kind(), Bytes.of(new byte[0]))));
        forged.put("the other kind", opened(real, 1, share(1, ShareKind.RECOVERY_KEY, second.share())));
        forged.put("a dealer twice", opened(real, 1, first));
        forged.put("a dealer that is none", opened(real, 0, share(-1, first.kind(), first.share())));
        forged.put("a dealer beyond the roster", opened(real, 4, share(SITES, first.kind(), first.share())));
        forged.put("in another's name", new Opening(1, real.shares()));
        Stream<DynamicTest> lies = forged.entrySet().stream()
                .map(opening -> DynamicTest.dynamicTest(
                        opening.getKey(),
                        () -> assertEquals(
                                Reason.SHARE_NOT_COMMITTED, refused(revealing.receive(opening.getValue())))));
        Opening fewer = new Opening(0, real.shares().subList(0, 4));
        Opening lost = new Opening(4, real.shares());

        return Stream.concat(
                lies,
                Stream.of(
                        DynamicTest.dynamicTest(
                                "a share fewer",
                                () -> assertEquals(Reason.SHARES_INCOMPLETE, refused(revealing.receive(fewer)))),
                        DynamicTest.dynamicTest(
                                "a lost member's",
                                () -> assertEquals(Reason.NOT_A_SURVIVOR, refused(revealing.receive(lost))))));
    }

    @Test
    void openingAgainChangesNothing() {
        AggregatorState.Revealing revealing = revealing(ALL);
        Opening real = members.open(0, revealing.confirmations());
        AggregatorState.Revealing once = taken(revealing.receive(real));

        AggregatorState.Revealing twice = taken(once.receive(new Opening(0, new ArrayList<>(real.shares()))));

        assertEquals(once.openings(), twice.openings());
        assertSame(real, twice.openings().get(0));
    }

    /** Each holder finds its share in order and as it was committed to; together they are of no secret. */
    @Test
    void lostMemberThatHasDealtSharesOfNoSecretIsNamed() {
        members.deal(ALL);
        members.deals.put(
                4, dealOf(4, holder -> randomShare(), members.deals.get(4).deposit()));

        Outcome outcome = recover(MemberSet.of(0, 1, 2, 3));

        Outcome.Spoiled spoiled = assertInstanceOf(Outcome.Spoiled.class, outcome);
        assertEquals(HonestSites.name(4), spoiled.site());
        assertEquals("its shares are of no secret", spoiled.why());
    }

    @Test
    void survivorThatHasDealtSharesOfNoSecretIsNamed() {
        members.deal(ALL);
        members.deals.put(
                4, dealOf(4, holder -> randomShare(), members.deals.get(4).deposit()));

        Outcome outcome = recover(ALL, MemberSet.of(0, 1, 2));

        assertEquals(
                HonestSites.name(4),
                assertInstanceOf(Outcome.Spoiled.class, outcome).site());
    }

    @Test
    void lostMemberWhoseDepositDoesNotOpenIsNamed() {
        members.deal(ALL);
        Deal real = members.deals.get(4);
        byte[] other = real.deposit().toArray();
        other[0] ^= 1;
        members.deals.put(4, new Deal(4, real.shares(), Bytes.of(other)));

        Outcome outcome = recover(MemberSet.of(0, 1, 2, 3));

        Outcome.Spoiled spoiled = assertInstanceOf(Outcome.Spoiled.class, outcome);
        assertEquals(HonestSites.name(4), spoiled.site());
        assertEquals("its deposit does not open", spoiled.why());
    }

    /** A member that commits to three bytes as its own share, and reveals them. */
    @Test
    void memberWhoseOwnShareIsNoneIsNamed() {
        members.deal(ALL);
        Deal real = members.deals.get(0);
        byte[] none = {1, 2, 3};
        Bytes commitment = Bytes.of(Deal.Commitments.of(session, 0, 0, none, none));
        members.deals.put(0, with(real, 0, new DealtShare(0, Bytes.of(new byte[0]), commitment)));
        AggregatorState.Revealing revealing = revealing(ALL);
        for (int member : new int[] {0, 1, 2}) {
            Opening opening = members.open(member, revealing.confirmations());
            revealing = taken(revealing.receive(
                    member == 0 ? opened(opening, 0, share(0, ShareKind.SELF_SEED, Bytes.of(none))) : opening));
        }

        Outcome outcome = revealing.close().open();

        assertEquals(
                HonestSites.name(0),
                assertInstanceOf(Outcome.Spoiled.class, outcome).site());
    }

    private AggregatorState.Confirming confirming(MemberSet survivors) {
        if (members.deals.isEmpty()) {
            members.deal(ALL);
        }
        AggregatorState.Dealing dealing = AggregatorState.begin(session);
        for (Deal deal : members.deals.values()) {
            dealing = taken(dealing.receive(deal));
        }
        AggregatorState.Summing summing = on(dealing.close(ALL));
        survivors.forEach(member -> members.upload(member, summing.notice(member)));
        return on(summing.close(survivors, SitesUnderAttack.MODEL));
    }

    private AggregatorState.Revealing revealing(MemberSet survivors) {
        AggregatorState.Confirming confirming = confirming(survivors);
        for (Confirmation confirmation : members.confirm(survivors, survivors)) {
            confirming = taken(confirming.receive(confirmation));
        }
        return confirming.close();
    }

    private Outcome recover(MemberSet survivors) {
        return recover(survivors, survivors);
    }

    private Outcome recover(MemberSet survivors, MemberSet opening) {
        AggregatorState.Revealing revealing = revealing(survivors);
        for (int member : opening.stream().toArray()) {
            revealing = taken(revealing.receive(members.open(member, revealing.confirmations())));
        }
        return revealing.close().open();
    }

    /** A deal whose shares, of both kinds, are whatever {@code shares} gives for a holder; sealed and committed as honest ones. */
    private Deal dealOf(int dealer, IntFunction<byte[]> shares, Bytes deposit) {
        List<DealtShare> dealt = new ArrayList<>();
        for (int holder = 0; holder < SITES; holder++) {
            byte[] share = shares.apply(holder);
            byte[] both = new byte[2 * share.length];
            System.arraycopy(share, 0, both, 0, share.length);
            System.arraycopy(share, 0, both, share.length, share.length);
            Bytes commitment = Bytes.of(Deal.Commitments.of(session, dealer, holder, share, share));
            dealt.add(new DealtShare(
                    holder, holder == dealer ? Bytes.of(new byte[0]) : seal(dealer, holder, both), commitment));
        }
        return new Deal(dealer, dealt, deposit);
    }

    private Bytes seal(int dealer, int holder, byte[] both) {
        try (SecretSeed sealing = sites.keys[dealer]
                .pairKey(session.roster(), holder)
                .orElseThrow()
                .sealingKey(session.idBytes(), dealer, holder)) {
            return Bytes.of(SealedBox.seal(sealing, both, session.sealContext(dealer, holder)));
        }
    }

    /** Five little-endian words below 2^60. */
    private byte[] randomShare() {
        byte[] share = new byte[SecretShare.SIZE_BYTES];
        sites.random.nextBytes(share);
        for (int last = Long.BYTES - 1; last < share.length; last += Long.BYTES) {
            share[last] &= 0x0F;
        }
        return share;
    }

    private static Deal with(Deal deal, int at, DealtShare other) {
        List<DealtShare> shares = new ArrayList<>(deal.shares());
        shares.set(at, other);
        return new Deal(deal.from(), shares, deal.deposit());
    }

    private static Opening opened(Opening opening, int at, OpenedShare other) {
        List<OpenedShare> shares = new ArrayList<>(opening.shares());
        shares.set(at, other);
        return new Opening(opening.from(), shares);
    }

    private static OpenedShare share(int dealer, ShareKind kind, Bytes share) {
        return new OpenedShare(dealer, kind, share);
    }

    private static Bytes cut(Bytes bytes) {
        return Bytes.of(java.util.Arrays.copyOf(bytes.toArray(), bytes.size() - 1));
    }

    private static <T> T on(Closed<T> closed) {
        if (closed instanceof Closed.On<T> on) {
            return on.next();
        }
        throw new AssertionError("too few: " + closed);
    }
}
