package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import dev.parley.agent.storage.PledgeBook;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CohortNotices;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.Encapsulation;
import dev.parley.contract.v1.IncomingShare;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.KeyRequest;
import dev.parley.contract.v1.OpeningRequest;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.SumPurpose;
import dev.parley.contract.v1.SurvivorsRequest;
import dev.parley.contract.v1.SurvivorsSigned;
import dev.parley.privacy.secagg.AggregatorState;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.ShareKind;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What surrounds the site under test, "north", in the sums of one federation: the members "east" before it and "south" after
 * it, and the coordinator's end. Everything is the real protocol; only the wire is the test's.
 */
final class SumPeers {
    static final SiteFloors FLOORS = new SiteFloors(3, 3, 0, Map.of());
    /** Sessions after which a site begins a new epoch: two rounds', so that it comes up in tests. */
    static final int WORN = 4;

    private static final int NORTH = 1;

    private final SumMembership east;
    private final SumMembership south;
    private final Roster roster;
    private final Map<Integer, byte[]> fromEast = new HashMap<>();
    private final Map<Integer, byte[]> toSouth = new TreeMap<>();

    private SumPeers(SumMembership east, Announcement north, SumMembership south) {
        this.east = east;
        this.south = south;
        roster = Roster.of(List.of(east.announcement(), north, south.announcement()));
    }

    static SumMembership membership(String site) {
        return membership(site, PledgeBook.inMemory());
    }

    static SumMembership membership(String site, PledgeBook book) {
        SecureRandom random = new SecureRandom();
        try {
            return new SumMembership("hospital", site, SiteIdentityKey.generate(random), FLOORS, book, random, WORN);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Members that have not agreed with north yet. */
    static SumPeers of(Announcement north) throws IOException {
        return agreeing(membership("east"), north, membership("south"));
    }

    /** The same two peers, which north has announced new keys to. */
    SumPeers meeting(Announcement north) throws IOException {
        return agreeing(east, north, south);
    }

    private static SumPeers agreeing(SumMembership east, Announcement north, SumMembership south) throws IOException {
        SumPeers peers = new SumPeers(east, north, south);
        peers.fromEast.putAll(taken(peers.east.agree(peers.roster, MemberSet.of(NORTH, 2))));
        peers.toSouth.put(0, bytes(peers.fromEast, 2));
        return peers;
    }

    Roster roster() {
        return roster;
    }

    KeyRequest keyRequest() {
        return KeyRequest.newBuilder()
                .setRosterHash(hash(roster.hash()))
                .addPeers(2)
                .build();
    }

    void agreed(AgentMessage answer) {
        answer.getKeys()
                .getEncapsulationsList()
                .forEach(made -> toSouth.put(NORTH, made.getCiphertext().toByteArray()));
    }

    void agreed(SortedMap<Integer, byte[]> made) {
        toSouth.put(NORTH, bytes(made, 2));
    }

    /** What east has encapsulated to north. */
    Map<Integer, byte[]> forNorth() {
        return Map.of(0, bytes(fromEast, NORTH));
    }

    private static byte[] bytes(Map<Integer, byte[]> encapsulations, int peer) {
        return java.util.Objects.requireNonNull(encapsulations.get(peer));
    }

    CoordinatorMessage plan(ByteString plan) {
        return CoordinatorMessage.newBuilder()
                .setPlan(SealedPlan.newBuilder()
                        .setPlan(plan)
                        .addEncapsulations(Encapsulation.newBuilder()
                                .setPeer(0)
                                .setCiphertext(ByteString.copyFrom(bytes(fromEast, NORTH)))))
                .build();
    }

    /** One plan's sum of a purpose, from the deals on. */
    final class Sum {
        private final ContentHash plan;
        private final Purpose purpose;
        private final AggregatorState.Summing summing;
        private AggregatorState.Confirming confirming;
        private AggregatorState.Revealing revealing;

        private Sum(ContentHash plan, Purpose purpose, Assignment assignment, List<Deal> deals) {
            this.plan = plan;
            this.purpose = purpose;
            AggregatorState.Dealing dealing = AggregatorState.begin(
                    new SumSession(plan, purpose, roster, assignment.masking().terms()));
            for (Deal deal : deals) {
                dealing = taken(dealing.receive(deal));
            }
            summing = on(dealing.close(MemberSet.first(3)));
        }

        CohortNotice notice(int member) {
            return summing.notice(member);
        }

        /** East's and south's part, and north's as it came; gives the opened sum. */
        int[] close(
                byte[] north,
                RingModulus modulus,
                int length,
                ContentHash subject,
                Function<OneTimeMask, MaskedRing> ofEast,
                Function<OneTimeMask, MaskedRing> ofSouth,
                NorthAnswers answers)
                throws Exception {
            RingSum sum = new RingSum(length, modulus);
            RingSum.Addition addition = sum.begin();
            addition.feed(ByteBuffer.wrap(north));
            addition.finish();
            sum.add(east.mask(plan, purpose, subject, ofEast).orElseThrow());
            sum.add(south.mask(plan, purpose, subject, ofSouth).orElseThrow());
            confirming = on(summing.close(MemberSet.first(3), subject));
            Confirmation eastern = taken(east.confirm(plan, purpose, subject, MemberSet.first(3)));
            Confirmation southern = taken(south.confirm(plan, purpose, subject, MemberSet.first(3)));
            confirming = taken(confirming.receive(eastern));
            confirming = taken(confirming.receive(southern));
            confirming = taken(confirming.receive(answers.confirm(plan, purpose, subject, MemberSet.first(3))));
            revealing = confirming.close();
            List<Confirmation> all = revealing.confirmations();
            revealing = taken(revealing.receive(taken(east.open(plan, purpose, all))));
            revealing = taken(revealing.receive(taken(south.open(plan, purpose, all))));
            revealing = taken(revealing.receive(answers.open(plan, purpose, all)));
            sum.addMasks(
                    assertInstanceOf(
                                    Recovery.Outcome.MasksToAdd.class,
                                    revealing.close().open())
                            .terms(),
                    1);
            return sum.centred();
        }
    }

    /** How the site under test answers. */
    interface NorthAnswers {
        Confirmation confirm(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors)
                throws Exception;

        Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) throws Exception;
    }

    /** Both sums of a plan that all three take part in; east and south have joined. */
    record Sums(Sum update, Optional<Sum> evaluation) {}

    Sums deal(ContentHash plan, Assignment assignment, SumMembership.Deals north) throws IOException {
        SumMembership.Deals eastern = taken(east.deal(plan, assignment, roster, Map.of()));
        SumMembership.Deals southern = taken(south.deal(plan, assignment, roster, toSouth));
        Sum update =
                new Sum(plan, Purpose.UPDATE, assignment, List.of(eastern.update(), north.update(), southern.update()));
        Optional<Sum> evaluation = north.evaluation()
                .map(deal -> new Sum(
                        plan,
                        Purpose.EVALUATION,
                        assignment,
                        List.of(
                                eastern.evaluation().orElseThrow(),
                                deal,
                                southern.evaluation().orElseThrow())));
        east.join(plan, update.notice(0), evaluation.map(sum -> sum.notice(0)));
        south.join(plan, update.notice(2), evaluation.map(sum -> sum.notice(2)));
        return new Sums(update, evaluation);
    }

    // ---- the wire, as a coordinator would write it

    static SumMembership.Deals deals(InvitationAnswer.Accepted accepted) {
        return new SumMembership.Deals(
                deal(accepted.getFrom(), accepted.getUpdate()),
                accepted.hasEvaluation()
                        ? Optional.of(deal(accepted.getFrom(), accepted.getEvaluation()))
                        : Optional.empty());
    }

    private static Deal deal(int from, dev.parley.contract.v1.Deal deal) {
        return new Deal(
                from,
                deal.getSharesList().stream()
                        .map(share ->
                                new Deal.DealtShare(share.getTo(), bytes(share.getBox()), bytes(share.getCommitment())))
                        .toList(),
                bytes(deal.getDeposit()));
    }

    static CoordinatorMessage notices(ContentHash plan, Sums sums) {
        CohortNotices.Builder notices = CohortNotices.newBuilder()
                .setPlanHash(hash(plan))
                .setUpdate(notice(sums.update().notice(NORTH)));
        sums.evaluation().ifPresent(sum -> notices.setEvaluation(notice(sum.notice(NORTH))));
        return CoordinatorMessage.newBuilder().setCohort(notices).build();
    }

    private static dev.parley.contract.v1.CohortNotice notice(CohortNotice notice) {
        dev.parley.contract.v1.CohortNotice.Builder message = dev.parley.contract.v1.CohortNotice.newBuilder()
                .setCohort(ByteString.copyFrom(notice.cohort().toBytes(3)));
        notice.shares()
                .forEach(share -> message.addShares(IncomingShare.newBuilder()
                        .setFrom(share.from())
                        .setBox(ByteString.copyFrom(share.box().toArray()))
                        .setCommitment(ByteString.copyFrom(share.commitment().toArray()))));
        return message.build();
    }

    static CoordinatorMessage survivors(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
        return CoordinatorMessage.newBuilder()
                .setSurvivors(SurvivorsRequest.newBuilder()
                        .setPlanHash(hash(plan))
                        .setPurpose(purpose(purpose))
                        .setSubject(hash(subject))
                        .setSurvivors(ByteString.copyFrom(survivors.toBytes(3))))
                .build();
    }

    static CoordinatorMessage opening(ContentHash plan, Purpose purpose, List<Confirmation> confirmations) {
        OpeningRequest.Builder request =
                OpeningRequest.newBuilder().setPlanHash(hash(plan)).setPurpose(purpose(purpose));
        confirmations.forEach(confirmation -> request.addSignatures(SurvivorsSigned.newBuilder()
                .setFrom(confirmation.from())
                .setSignature(ByteString.copyFrom(confirmation.signature().toArray()))));
        return CoordinatorMessage.newBuilder().setOpening(request).build();
    }

    static Confirmation confirmation(AgentMessage message) {
        return new Confirmation(
                message.getSigned().getFrom(), bytes(message.getSigned().getSignature()));
    }

    static Opening opening(AgentMessage message) {
        return new Opening(
                message.getRevealed().getFrom(),
                message.getRevealed().getSharesList().stream()
                        .map(share -> new Opening.OpenedShare(
                                share.getDealer(), ShareKind.of(share.getKind()), bytes(share.getShare())))
                        .toList());
    }

    private static SumPurpose purpose(Purpose purpose) {
        return purpose == Purpose.UPDATE ? SumPurpose.SUM_PURPOSE_UPDATE : SumPurpose.SUM_PURPOSE_EVALUATION;
    }

    private static Deal.Bytes bytes(ByteString bytes) {
        return Deal.Bytes.of(bytes.toByteArray());
    }

    private static ByteString hash(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }

    static <T> T taken(Step<T> step) {
        if (step instanceof Step.Refused<T> refused) {
            throw new AssertionError("refused: " + refused.refusal());
        }
        return ((Step.Taken<T>) step).result();
    }

    static <T> T on(AggregatorState.Closed<T> closed) {
        if (closed instanceof AggregatorState.Closed.On<T> on) {
            return on.next();
        }
        throw new AssertionError("ended: " + closed);
    }

    static void assertSum(int[] opened, RingModulus modulus, int[]... parts) {
        int[] expected = new int[opened.length];
        for (int[] part : parts) {
            for (int i = 0; i < expected.length; i++) {
                expected[i] = modulus.centred(expected[i] + part[i]);
            }
        }
        assertArrayEquals(expected, opened);
    }
}
