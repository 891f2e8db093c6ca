package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.DealtShare;
import dev.parley.contract.v1.Encapsulation;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.KeyAgreement;
import dev.parley.contract.v1.OpenedShare;
import dev.parley.contract.v1.SharesRevealed;
import dev.parley.contract.v1.SumPurpose;
import dev.parley.contract.v1.SurvivorsSigned;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** The messages of secure aggregation, in both directions. What they mean is judged by {@link SumMembership}. */
final class SumMessages {
    private SumMessages() {}

    // ---- to the coordinator

    static AgentMessage agreement(ContentHash roster, SortedMap<Integer, byte[]> byPeer) {
        KeyAgreement.Builder agreement = KeyAgreement.newBuilder().setRosterHash(bytes(roster));
        byPeer.forEach((peer, ciphertext) -> agreement.addEncapsulations(
                Encapsulation.newBuilder().setPeer(peer).setCiphertext(ByteString.copyFrom(ciphertext))));
        return AgentMessage.newBuilder().setKeys(agreement).build();
    }

    static InvitationAnswer.Accepted accepted(SumMembership.Deals deals) {
        InvitationAnswer.Accepted.Builder accepted = InvitationAnswer.Accepted.newBuilder()
                .setFrom(deals.update().from())
                .setUpdate(deal(deals.update()));
        deals.evaluation().ifPresent(deal -> accepted.setEvaluation(deal(deal)));
        return accepted.build();
    }

    private static dev.parley.contract.v1.Deal deal(Deal deal) {
        dev.parley.contract.v1.Deal.Builder message =
                dev.parley.contract.v1.Deal.newBuilder().setDeposit(bytes(deal.deposit()));
        for (Deal.DealtShare share : deal.shares()) {
            message.addShares(DealtShare.newBuilder()
                    .setTo(share.to())
                    .setBox(bytes(share.box()))
                    .setCommitment(bytes(share.commitment())));
        }
        return message.build();
    }

    static AgentMessage signed(ContentHash plan, Purpose purpose, Confirmation confirmation) {
        return AgentMessage.newBuilder()
                .setSigned(SurvivorsSigned.newBuilder()
                        .setPlanHash(bytes(plan))
                        .setPurpose(purpose(purpose))
                        .setFrom(confirmation.from())
                        .setSignature(bytes(confirmation.signature())))
                .build();
    }

    static AgentMessage revealed(ContentHash plan, Purpose purpose, Opening opening) {
        SharesRevealed.Builder revealed = SharesRevealed.newBuilder()
                .setPlanHash(bytes(plan))
                .setPurpose(purpose(purpose))
                .setFrom(opening.from());
        for (Opening.OpenedShare share : opening.shares()) {
            revealed.addShares(OpenedShare.newBuilder()
                    .setDealer(share.dealer())
                    .setKind(share.kind().code())
                    .setShare(bytes(share.share())));
        }
        return AgentMessage.newBuilder().setRevealed(revealed).build();
    }

    private static SumPurpose purpose(Purpose purpose) {
        return switch (purpose) {
            case UPDATE -> SumPurpose.SUM_PURPOSE_UPDATE;
            case EVALUATION -> SumPurpose.SUM_PURPOSE_EVALUATION;
        };
    }

    private static ByteString bytes(Bytes bytes) {
        return ByteString.copyFrom(bytes.toArray());
    }

    private static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }

    // ---- from the coordinator

    /** Whether no list in it is longer than a roster: a list of nothing is short on the wire and long in memory. */
    static boolean isBounded(CoordinatorMessage message) {
        int longest = switch (message.getMessageCase()) {
            case PLAN -> message.getPlan().getEncapsulationsCount();
            case KEYS -> message.getKeys().getPeersCount();
            case COHORT ->
                Math.max(
                        message.getCohort().getUpdate().getSharesCount(),
                        message.getCohort().getEvaluation().getSharesCount());
            case OPENING -> message.getOpening().getSignaturesCount();
            case WELCOME, CLOSED, EVALUATE, ENDED, HEARTBEAT, SURVIVORS, LOG, MESSAGE_NOT_SET -> 0;
        };
        return longest <= Roster.MAX_MEMBERS;
    }

    /** @throws IllegalArgumentException if a peer occurs twice */
    static Map<Integer, byte[]> encapsulations(List<Encapsulation> list) {
        Map<Integer, byte[]> byPeer = new HashMap<>();
        for (Encapsulation encapsulation : list) {
            if (byPeer.put(
                            encapsulation.getPeer(),
                            encapsulation.getCiphertext().toByteArray())
                    != null) {
                throw new IllegalArgumentException("an encapsulation of a member came twice");
            }
        }
        return byPeer;
    }

    static CohortNotice notice(dev.parley.contract.v1.CohortNotice message) {
        return new CohortNotice(
                members(message.getCohort()),
                message.getSharesList().stream()
                        .map(share -> new CohortNotice.IncomingShare(
                                share.getFrom(), bytes(share.getBox()), bytes(share.getCommitment())))
                        .toList());
    }

    static MemberSet members(ByteString set) {
        return MemberSet.ofBytes(set.toByteArray());
    }

    static List<Confirmation> confirmations(List<SurvivorsSigned> signatures) {
        return signatures.stream()
                .map(signed -> new Confirmation(signed.getFrom(), bytes(signed.getSignature())))
                .toList();
    }

    /** Empty for a purpose that this agent does not know. */
    static Optional<Purpose> purpose(SumPurpose purpose) {
        return switch (purpose) {
            case SUM_PURPOSE_UPDATE -> Optional.of(Purpose.UPDATE);
            case SUM_PURPOSE_EVALUATION -> Optional.of(Purpose.EVALUATION);
            case SUM_PURPOSE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    private static Bytes bytes(ByteString bytes) {
        return Bytes.of(bytes.toByteArray());
    }
}
