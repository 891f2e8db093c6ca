package dev.parley.server;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.CohortNotices;
import dev.parley.contract.v1.DealtShare;
import dev.parley.contract.v1.Encapsulation;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.KeyAgreement;
import dev.parley.contract.v1.KeyRequest;
import dev.parley.contract.v1.OpenedShare;
import dev.parley.contract.v1.OpeningRequest;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.contract.v1.SealedPlan;
import dev.parley.contract.v1.SharesRevealed;
import dev.parley.contract.v1.SumPurpose;
import dev.parley.contract.v1.SurvivorsRequest;
import dev.parley.contract.v1.SurvivorsSigned;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.MemberKeys;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.MemberState;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SitePledges;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.update.ContentHash;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A site's membership in the sums, written against the contract a second time: the protocol's states do the work, the
 * messages are made and read here. A refusal fails the test.
 */
public final class SumMember {
    private static final SiteFloors FLOORS = new SiteFloors(2, 2, 0, Map.of());

    private final SecureRandom random = new SecureRandom();
    private final String federation;
    private final String site;
    private final SiteIdentityKey identity;
    private final Map<Purpose, MemberState> states = new EnumMap<>(Purpose.class);
    private SitePledges pledges;
    private MemberKeys keys;

    private SumMember(String federation, String site, SiteIdentityKey identity, SitePledges before) {
        this.federation = federation;
        this.site = site;
        this.identity = identity;
        this.pledges = before.withNextEpoch();
        this.keys = MemberKeys.begin(federation, site, pledges.epoch(), identity, random);
    }

    public static SumMember of(String federation, String site) {
        return new SumMember(federation, site, SiteIdentityKey.generate(new SecureRandom()), SitePledges.none());
    }

    /** The same site after its agent was started again: known to the others, with new keys. */
    SumMember restarted() {
        return new SumMember(federation, site, identity, pledges);
    }

    public ByteString announcement() {
        return ByteString.copyFrom(keys.announcement().toBytes());
    }

    KeyAgreement agree(KeyRequest request, Roster roster) {
        believe(roster);
        MemberSet peers = MemberSet.of(request.getPeersList().stream().mapToInt(Integer::intValue));
        MemberKeys.Encapsulations made = taken(keys.encapsulate(roster, peers, random));
        keys = made.keys();
        KeyAgreement.Builder agreement = KeyAgreement.newBuilder().setRosterHash(request.getRosterHash());
        made.byPeer()
                .forEach((peer, ciphertext) -> agreement.addEncapsulations(
                        Encapsulation.newBuilder().setPeer(peer).setCiphertext(ByteString.copyFrom(ciphertext))));
        return agreement.build();
    }

    private void believe(Roster roster) {
        keys = taken(keys.checkRoster(roster));
        pledges = taken(pledges.meet(roster, Map.of()));
    }

    InvitationAnswer.Accepted deal(ContentHash planHash, RoundPlan plan, SealedPlan sealed, Roster roster) {
        believe(roster);
        Map<Integer, byte[]> received = new HashMap<>();
        sealed.getEncapsulationsList()
                .forEach(each ->
                        received.put(each.getPeer(), each.getCiphertext().toByteArray()));
        keys = taken(keys.receive(roster, received));
        SecureSumTerms terms = new SecureSumTerms(
                plan.getSecureAggregation().getThreshold(),
                plan.getSecureAggregation().getColluding(),
                plan.getSecureAggregation().getDegree());
        states.values().forEach(MemberState::abandon);
        states.clear();
        Deal update = deal(new SumSession(planHash, Purpose.UPDATE, roster, terms));
        InvitationAnswer.Accepted.Builder accepted =
                InvitationAnswer.Accepted.newBuilder().setFrom(update.from()).setUpdate(message(update));
        if (plan.getEvaluated()) {
            accepted.setEvaluation(message(deal(new SumSession(planHash, Purpose.EVALUATION, roster, terms))));
        }
        return accepted.build();
    }

    private Deal deal(SumSession session) {
        MemberState.Dealing dealing = taken(MemberState.deal(session, keys, FLOORS, random));
        keys = dealing.keys();
        states.put(session.purpose(), dealing.state());
        return dealing.deal();
    }

    private static dev.parley.contract.v1.Deal message(Deal deal) {
        dev.parley.contract.v1.Deal.Builder message =
                dev.parley.contract.v1.Deal.newBuilder().setDeposit(bytes(deal.deposit()));
        deal.shares()
                .forEach(share -> message.addShares(DealtShare.newBuilder()
                        .setTo(share.to())
                        .setBox(bytes(share.box()))
                        .setCommitment(bytes(share.commitment()))));
        return message.build();
    }

    void join(CohortNotices notices) {
        join(Purpose.UPDATE, notices.getUpdate());
        if (notices.hasEvaluation()) {
            join(Purpose.EVALUATION, notices.getEvaluation());
        }
    }

    private void join(Purpose purpose, dev.parley.contract.v1.CohortNotice notice) {
        MemberState.Dealt dealt = (MemberState.Dealt) state(purpose);
        states.put(
                purpose,
                taken(dealt.join(new CohortNotice(
                        MemberSet.ofBytes(notice.getCohort().toByteArray()),
                        notice.getSharesList().stream()
                                .map(share -> new CohortNotice.IncomingShare(
                                        share.getFrom(), bytes(share.getBox()), bytes(share.getCommitment())))
                                .toList()))));
    }

    <T> T mask(Purpose purpose, ContentHash subject, Function<OneTimeMask, T> masking) {
        MemberState.Contributed<T> contributed = ((MemberState.Ready) state(purpose)).contribute(subject, masking);
        states.put(purpose, contributed.state());
        return contributed.result();
    }

    SurvivorsSigned confirm(SurvivorsRequest request) {
        Purpose purpose = purpose(request.getPurpose());
        ContentHash subject = ContentHash.ofDigest(request.getSubject().toByteArray());
        MemberState.Masked.Confirming confirming = taken(((MemberState.Masked) state(purpose))
                .confirm(subject, MemberSet.ofBytes(request.getSurvivors().toByteArray()), pledges));
        states.put(purpose, confirming.state());
        return SurvivorsSigned.newBuilder()
                .setPlanHash(request.getPlanHash())
                .setPurpose(request.getPurpose())
                .setFrom(confirming.confirmation().from())
                .setSignature(bytes(confirming.confirmation().signature()))
                .build();
    }

    SharesRevealed open(OpeningRequest request) {
        Purpose purpose = purpose(request.getPurpose());
        List<Confirmation> confirmations = request.getSignaturesList().stream()
                .map(signed -> new Confirmation(signed.getFrom(), bytes(signed.getSignature())))
                .toList();
        MemberState.Confirmed.Opened opened =
                taken(((MemberState.Confirmed) state(purpose)).open(confirmations, pledges));
        pledges = opened.pledges();
        states.remove(purpose);
        SharesRevealed.Builder revealed = SharesRevealed.newBuilder()
                .setPlanHash(request.getPlanHash())
                .setPurpose(request.getPurpose())
                .setFrom(opened.opening().from());
        for (Opening.OpenedShare share : opened.opening().shares()) {
            revealed.addShares(OpenedShare.newBuilder()
                    .setDealer(share.dealer())
                    .setKind(share.kind().code())
                    .setShare(bytes(share.share())));
        }
        return revealed.build();
    }

    private MemberState state(Purpose purpose) {
        MemberState state = states.get(purpose);
        if (state == null) {
            throw new AssertionError(site + " is not in a sum of " + purpose);
        }
        return state;
    }

    private static Purpose purpose(SumPurpose purpose) {
        return switch (purpose) {
            case SUM_PURPOSE_UPDATE -> Purpose.UPDATE;
            case SUM_PURPOSE_EVALUATION -> Purpose.EVALUATION;
            case SUM_PURPOSE_UNSPECIFIED, UNRECOGNIZED -> throw new AssertionError("a sum of " + purpose);
        };
    }

    private static ByteString bytes(Deal.Bytes bytes) {
        return ByteString.copyFrom(bytes.toArray());
    }

    private static Deal.Bytes bytes(ByteString bytes) {
        return Deal.Bytes.of(bytes.toByteArray());
    }

    private static <T> T taken(Step<T> step) {
        return switch (step) {
            case Step.Taken<T> taken -> taken.result();
            case Step.Refused<T> refused ->
                throw new AssertionError(refused.refusal().toString());
        };
    }
}
