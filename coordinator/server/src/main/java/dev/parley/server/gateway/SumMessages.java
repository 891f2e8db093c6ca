package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.CohortNotices;
import dev.parley.contract.v1.Encapsulation;
import dev.parley.contract.v1.InvitationAnswer;
import dev.parley.contract.v1.KeyRequest;
import dev.parley.contract.v1.OpeningRequest;
import dev.parley.contract.v1.SumPurpose;
import dev.parley.contract.v1.SurvivorsRequest;
import dev.parley.contract.v1.SurvivorsSigned;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.ShareKind;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.RoundEvent;
import dev.parley.server.cluster.SiteMessage;
import dev.parley.server.cluster.SiteStatement;
import dev.parley.server.gateway.ContractReader.RefusedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The messages of secure aggregation, in both directions. What they mean is judged elsewhere; here only their form is. */
final class SumMessages {
    private SumMessages() {}

    // ---- from a site

    static SortedMap<Integer, Bytes> encapsulations(List<Encapsulation> list) throws RefusedMessageException {
        SortedMap<Integer, Bytes> byPeer = new TreeMap<>();
        for (Encapsulation encapsulation : list) {
            if (encapsulation.getCiphertext().size() != EpochKeys.ENCAPSULATION_BYTES) {
                throw new RefusedMessageException("an encapsulation has " + EpochKeys.ENCAPSULATION_BYTES
                        + " bytes, got " + encapsulation.getCiphertext().size());
            }
            if (byPeer.put(position(encapsulation.getPeer()), bytes(encapsulation.getCiphertext())) != null) {
                throw new RefusedMessageException("a site encapsulates once to a peer");
            }
        }
        return byPeer;
    }

    static RoundEvent.Deals deals(InvitationAnswer.Accepted accepted) throws RefusedMessageException {
        if (!accepted.hasUpdate()) {
            throw new RefusedMessageException("a site that takes part deals shares for the sum of updates");
        }
        return new RoundEvent.Deals(
                deal(accepted.getFrom(), accepted.getUpdate()),
                accepted.hasEvaluation()
                        ? Optional.of(deal(accepted.getFrom(), accepted.getEvaluation()))
                        : Optional.empty());
    }

    private static Deal deal(int from, dev.parley.contract.v1.Deal message) throws RefusedMessageException {
        List<Deal.DealtShare> shares = new ArrayList<>();
        for (dev.parley.contract.v1.DealtShare share : message.getSharesList()) {
            shares.add(
                    new Deal.DealtShare(position(share.getTo()), bytes(share.getBox()), bytes(share.getCommitment())));
        }
        return new Deal(position(from), shares, bytes(message.getDeposit()));
    }

    static SiteStatement signed(SurvivorsSigned message) throws RefusedMessageException {
        return new SiteStatement.SurvivorsSigned(
                ContractReader.hash(message.getPlanHash()),
                purpose(message.getPurpose()),
                new Confirmation(position(message.getFrom()), bytes(message.getSignature())));
    }

    static SiteStatement revealed(dev.parley.contract.v1.SharesRevealed message) throws RefusedMessageException {
        List<Opening.OpenedShare> shares = new ArrayList<>();
        for (dev.parley.contract.v1.OpenedShare share : message.getSharesList()) {
            try {
                shares.add(new Opening.OpenedShare(
                        position(share.getDealer()), ShareKind.of(share.getKind()), bytes(share.getShare())));
            } catch (IllegalArgumentException e) {
                throw new RefusedMessageException(String.valueOf(e.getMessage()));
            }
        }
        return new SiteStatement.SharesRevealed(
                ContractReader.hash(message.getPlanHash()),
                purpose(message.getPurpose()),
                new Opening(position(message.getFrom()), shares));
    }

    private static Purpose purpose(SumPurpose purpose) throws RefusedMessageException {
        return switch (purpose) {
            case SUM_PURPOSE_UPDATE -> Purpose.UPDATE;
            case SUM_PURPOSE_EVALUATION -> Purpose.EVALUATION;
            case SUM_PURPOSE_UNSPECIFIED, UNRECOGNIZED ->
                throw new RefusedMessageException("a sum is of updates or of evaluations");
        };
    }

    // Sets of members are bits by position: a position beyond every roster would cost memory for all before it.
    private static int position(int position) throws RefusedMessageException {
        if (position < 0 || position >= Roster.MAX_MEMBERS) {
            throw new RefusedMessageException(
                    "a position in a roster is out of range: " + Integer.toUnsignedString(position));
        }
        return position;
    }

    static Bytes bytes(ByteString bytes) {
        return Bytes.of(bytes.toByteArray());
    }

    // ---- to a site

    static KeyRequest keyRequest(SiteMessage.AgreeKeys agree) {
        KeyRequest.Builder request = KeyRequest.newBuilder().setRosterHash(bytes(agree.roster()));
        agree.peers().forEach(request::addPeers);
        return request.build();
    }

    static List<Encapsulation> encapsulations(SortedMap<Integer, Bytes> byPeer) {
        return byPeer.entrySet().stream()
                .map(entry -> Encapsulation.newBuilder()
                        .setPeer(entry.getKey())
                        .setCiphertext(bytes(entry.getValue()))
                        .build())
                .toList();
    }

    static CohortNotices notices(SiteMessage.Cohort cohort) {
        CohortNotices.Builder notices = CohortNotices.newBuilder()
                .setPlanHash(bytes(cohort.plan()))
                .setUpdate(notice(cohort.notices().update(), cohort.members()));
        cohort.notices().evaluation().ifPresent(notice -> notices.setEvaluation(notice(notice, cohort.members())));
        return notices.build();
    }

    private static dev.parley.contract.v1.CohortNotice notice(CohortNotice notice, int members) {
        dev.parley.contract.v1.CohortNotice.Builder message = dev.parley.contract.v1.CohortNotice.newBuilder()
                .setCohort(ByteString.copyFrom(notice.cohort().toBytes(members)));
        for (CohortNotice.IncomingShare share : notice.shares()) {
            message.addShares(dev.parley.contract.v1.IncomingShare.newBuilder()
                    .setFrom(share.from())
                    .setBox(bytes(share.box()))
                    .setCommitment(bytes(share.commitment())));
        }
        return message.build();
    }

    static SurvivorsRequest survivors(SiteMessage.Survivors survivors) {
        return SurvivorsRequest.newBuilder()
                .setPlanHash(bytes(survivors.plan()))
                .setPurpose(purpose(survivors.purpose()))
                .setSubject(bytes(survivors.subject()))
                .setSurvivors(ByteString.copyFrom(survivors.survivors().toBytes(survivors.members())))
                .build();
    }

    static OpeningRequest opening(SiteMessage.Opening opening) {
        OpeningRequest.Builder request =
                OpeningRequest.newBuilder().setPlanHash(bytes(opening.plan())).setPurpose(purpose(opening.purpose()));
        for (Confirmation confirmation : opening.confirmations()) {
            request.addSignatures(SurvivorsSigned.newBuilder()
                    .setFrom(confirmation.from())
                    .setSignature(bytes(confirmation.signature())));
        }
        return request.build();
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
}
