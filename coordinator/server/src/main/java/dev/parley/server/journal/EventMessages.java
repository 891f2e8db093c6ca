package dev.parley.server.journal;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.ShareKind;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationEvent;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.RoundEvent;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.SubmissionId;
import dev.parley.server.journal.v1.Cancelled;
import dev.parley.server.journal.v1.DealtShare;
import dev.parley.server.journal.v1.Empty;
import dev.parley.server.journal.v1.Encapsulation;
import dev.parley.server.journal.v1.EvaluationReceived;
import dev.parley.server.journal.v1.Event;
import dev.parley.server.journal.v1.KeysAgreed;
import dev.parley.server.journal.v1.Moment;
import dev.parley.server.journal.v1.OpenedShare;
import dev.parley.server.journal.v1.Purpose;
import dev.parley.server.journal.v1.ReleaseCommitted;
import dev.parley.server.journal.v1.ReleaseFailed;
import dev.parley.server.journal.v1.Settings;
import dev.parley.server.journal.v1.SharesRevealed;
import dev.parley.server.journal.v1.SiteAccepted;
import dev.parley.server.journal.v1.SiteAttached;
import dev.parley.server.journal.v1.SiteNamed;
import dev.parley.server.journal.v1.SiteRefused;
import dev.parley.server.journal.v1.SubmissionCompleted;
import dev.parley.server.journal.v1.SurvivorsConfirmed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Events as bytes and back: {@code read(write(e))} equals {@code e}, and what was ever written is read for ever. */
public final class EventMessages {
    private EventMessages() {}

    public static byte[] write(JournalEvent event) {
        return switch (event) {
            case JournalEvent.Opened opened ->
                Event.newBuilder()
                        .setOpened(settings(opened.settings()))
                        .build()
                        .toByteArray();
            case JournalEvent.Happened happened -> message(happened).toByteArray();
        };
    }

    /** @throws IllegalArgumentException if the bytes are no event of this or an earlier version */
    public static JournalEvent read(byte[] bytes) {
        try {
            Event message = Event.parseFrom(bytes);
            if (message.getWhatCase() == Event.WhatCase.OPENED) {
                return new JournalEvent.Opened(settings(message.getOpened()));
            }
            List<ContentHash> optimizer = message.getCommitted().getOptimizerList().stream()
                    .map(EventMessages::hash)
                    .toList();
            return new JournalEvent.Happened(event(message, instant(message.getAt())), optimizer);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("an entry of the journal cannot be read: " + e.getMessage(), e);
        }
    }

    private static Event message(JournalEvent.Happened happened) {
        FederationEvent event = happened.event();
        Event.Builder message = Event.newBuilder().setAt(moment(event.at()));
        switch (event) {
            case FederationEvent.Start start -> message.setStarted(Empty.getDefaultInstance());
            case FederationEvent.Resumed resumed -> message.setResumed(Empty.getDefaultInstance());
            case FederationEvent.SiteAttached attached ->
                message.setAttached(SiteAttached.newBuilder()
                        .setSite(attached.site().value())
                        .setAnnouncement(
                                ByteString.copyFrom(attached.announcement().toBytes())));
            case FederationEvent.SiteDetached detached ->
                message.setDetached(
                        SiteNamed.newBuilder().setSite(detached.site().value()));
            case FederationEvent.KeysAgreed agreed -> message.setKeysAgreed(keysAgreed(agreed));
            case RoundEvent.SiteAccepted accepted -> message.setAccepted(accepted(accepted));
            case RoundEvent.SiteRefused refused ->
                message.setRefused(SiteRefused.newBuilder()
                        .setSite(refused.site().value())
                        .setPlan(bytes(refused.planHash()))
                        .setRule(refused.rule()));
            case RoundEvent.SurvivorsConfirmed confirmed ->
                message.setConfirmed(SurvivorsConfirmed.newBuilder()
                        .setSite(confirmed.site().value())
                        .setPlan(bytes(confirmed.planHash()))
                        .setPurpose(purpose(confirmed.purpose()))
                        .setFrom(confirmed.confirmation().from())
                        .setSignature(bytes(confirmed.confirmation().signature())));
            case RoundEvent.SharesRevealed revealed -> message.setRevealed(revealed(revealed));
            case RoundEvent.SubmissionCompleted completed ->
                message.setSubmitted(SubmissionCompleted.newBuilder()
                        .setFederation(completed.submission().federation().value())
                        .setRound(roundId(completed.submission().round()))
                        .setSite(completed.submission().site().value())
                        .setPlan(bytes(completed.planHash()))
                        .setContent(bytes(completed.contentHash())));
            case RoundEvent.ReleaseCommitted committed ->
                message.setCommitted(ReleaseCommitted.newBuilder()
                        .setRound(roundId(committed.round()))
                        .setVersion(bytes(committed.version()))
                        .addAllOptimizer(happened.optimizer().stream()
                                .map(EventMessages::bytes)
                                .toList()));
            case RoundEvent.ReleaseFailed failed ->
                message.setReleaseFailed(ReleaseFailed.newBuilder()
                        .setRound(roundId(failed.round()))
                        .setReason(failed.reason()));
            case RoundEvent.EvaluationReceived evaluation ->
                message.setEvaluated(EvaluationReceived.newBuilder()
                        .setSite(evaluation.site().value())
                        .setRound(roundId(evaluation.round()))
                        .setVersion(bytes(evaluation.version()))
                        .setMasked(bytes(evaluation.masked())));
            case RoundEvent.Tick tick -> message.setTicked(Empty.getDefaultInstance());
            case RoundEvent.Cancel cancel ->
                message.setCancelled(Cancelled.newBuilder().setReason(cancel.reason()));
            case RoundEvent.Start internal -> throw internal(internal);
            case RoundEvent.SiteLost internal -> throw internal(internal);
            case RoundEvent.SiteReturned internal -> throw internal(internal);
        }
        return message.build();
    }

    private static IllegalArgumentException internal(RoundEvent event) {
        return new IllegalArgumentException(
                event.getClass().getSimpleName() + " is said by a federation to its round, and not journalled");
    }

    private static FederationEvent event(Event message, Instant at) {
        return switch (message.getWhatCase()) {
            case STARTED -> new FederationEvent.Start(at);
            case RESUMED -> new FederationEvent.Resumed(at);
            case ATTACHED ->
                new FederationEvent.SiteAttached(
                        new SiteName(message.getAttached().getSite()),
                        Announcement.of(message.getAttached().getAnnouncement().toByteArray()),
                        at);
            case DETACHED ->
                new FederationEvent.SiteDetached(
                        new SiteName(message.getDetached().getSite()), at);
            case KEYS_AGREED -> keysAgreed(message.getKeysAgreed(), at);
            case ACCEPTED -> accepted(message.getAccepted(), at);
            case REFUSED ->
                new RoundEvent.SiteRefused(
                        new SiteName(message.getRefused().getSite()),
                        hash(message.getRefused().getPlan()),
                        message.getRefused().getRule(),
                        at);
            case CONFIRMED -> {
                SurvivorsConfirmed confirmed = message.getConfirmed();
                yield new RoundEvent.SurvivorsConfirmed(
                        new SiteName(confirmed.getSite()),
                        hash(confirmed.getPlan()),
                        purpose(confirmed.getPurpose()),
                        new Confirmation(confirmed.getFrom(), bytes(confirmed.getSignature())),
                        at);
            }
            case REVEALED -> revealed(message.getRevealed(), at);
            case SUBMITTED -> {
                SubmissionCompleted submitted = message.getSubmitted();
                yield new RoundEvent.SubmissionCompleted(
                        new SubmissionId(
                                new FederationName(submitted.getFederation()),
                                roundId(submitted.getRound()),
                                new SiteName(submitted.getSite())),
                        hash(submitted.getPlan()),
                        hash(submitted.getContent()),
                        at);
            }
            case COMMITTED ->
                new RoundEvent.ReleaseCommitted(
                        roundId(message.getCommitted().getRound()),
                        hash(message.getCommitted().getVersion()),
                        at);
            case RELEASE_FAILED ->
                new RoundEvent.ReleaseFailed(
                        roundId(message.getReleaseFailed().getRound()),
                        message.getReleaseFailed().getReason(),
                        at);
            case EVALUATED ->
                new RoundEvent.EvaluationReceived(
                        new SiteName(message.getEvaluated().getSite()),
                        roundId(message.getEvaluated().getRound()),
                        hash(message.getEvaluated().getVersion()),
                        bytes(message.getEvaluated().getMasked()),
                        at);
            case TICKED -> new RoundEvent.Tick(at);
            case CANCELLED -> new RoundEvent.Cancel(message.getCancelled().getReason(), at);
            case OPENED, WHAT_NOT_SET ->
                throw new IllegalArgumentException(
                        "an entry of the journal holds nothing that this version knows; a newer coordinator wrote it");
        };
    }

    private static KeysAgreed keysAgreed(FederationEvent.KeysAgreed agreed) {
        KeysAgreed.Builder message =
                KeysAgreed.newBuilder().setSite(agreed.site().value()).setRoster(bytes(agreed.roster()));
        agreed.encapsulations()
                .forEach((peer, made) -> message.addEncapsulations(
                        Encapsulation.newBuilder().setPeer(peer).setBytes(bytes(made))));
        return message.build();
    }

    private static FederationEvent keysAgreed(KeysAgreed message, Instant at) {
        SortedMap<Integer, Bytes> encapsulations = new TreeMap<>();
        message.getEncapsulationsList().forEach(made -> encapsulations.put(made.getPeer(), bytes(made.getBytes())));
        return new FederationEvent.KeysAgreed(
                new SiteName(message.getSite()), hash(message.getRoster()), encapsulations, at);
    }

    private static SiteAccepted accepted(RoundEvent.SiteAccepted accepted) {
        SiteAccepted.Builder message = SiteAccepted.newBuilder()
                .setSite(accepted.site().value())
                .setPlan(bytes(accepted.planHash()))
                .setUpdate(deal(accepted.deals().update()));
        accepted.deals().evaluation().ifPresent(deal -> message.setEvaluation(deal(deal)));
        return message.build();
    }

    private static FederationEvent accepted(SiteAccepted message, Instant at) {
        return new RoundEvent.SiteAccepted(
                new SiteName(message.getSite()),
                hash(message.getPlan()),
                new RoundEvent.Deals(
                        deal(message.getUpdate()),
                        message.hasEvaluation() ? Optional.of(deal(message.getEvaluation())) : Optional.empty()),
                at);
    }

    private static dev.parley.server.journal.v1.Deal deal(Deal deal) {
        dev.parley.server.journal.v1.Deal.Builder message = dev.parley.server.journal.v1.Deal.newBuilder()
                .setFrom(deal.from())
                .setDeposit(bytes(deal.deposit()));
        deal.shares()
                .forEach(share -> message.addShares(DealtShare.newBuilder()
                        .setTo(share.to())
                        .setBox(bytes(share.box()))
                        .setCommitment(bytes(share.commitment()))));
        return message.build();
    }

    private static Deal deal(dev.parley.server.journal.v1.Deal message) {
        List<Deal.DealtShare> shares = new ArrayList<>();
        message.getSharesList()
                .forEach(share -> shares.add(
                        new Deal.DealtShare(share.getTo(), bytes(share.getBox()), bytes(share.getCommitment()))));
        return new Deal(message.getFrom(), shares, bytes(message.getDeposit()));
    }

    private static SharesRevealed revealed(RoundEvent.SharesRevealed revealed) {
        SharesRevealed.Builder message = SharesRevealed.newBuilder()
                .setSite(revealed.site().value())
                .setPlan(bytes(revealed.planHash()))
                .setPurpose(purpose(revealed.purpose()))
                .setFrom(revealed.opening().from());
        revealed.opening()
                .shares()
                .forEach(share -> message.addShares(OpenedShare.newBuilder()
                        .setDealer(share.dealer())
                        .setKind(share.kind().code())
                        .setShare(bytes(share.share()))));
        return message.build();
    }

    private static FederationEvent revealed(SharesRevealed message, Instant at) {
        List<Opening.OpenedShare> shares = new ArrayList<>();
        message.getSharesList()
                .forEach(share -> shares.add(new Opening.OpenedShare(
                        share.getDealer(), ShareKind.of(share.getKind()), bytes(share.getShare()))));
        return new RoundEvent.SharesRevealed(
                new SiteName(message.getSite()),
                hash(message.getPlan()),
                purpose(message.getPurpose()),
                new Opening(message.getFrom(), shares),
                at);
    }

    private static Purpose purpose(SumSession.Purpose purpose) {
        return switch (purpose) {
            case UPDATE -> Purpose.PURPOSE_UPDATE;
            case EVALUATION -> Purpose.PURPOSE_EVALUATION;
        };
    }

    private static SumSession.Purpose purpose(Purpose purpose) {
        return switch (purpose) {
            case PURPOSE_UPDATE -> SumSession.Purpose.UPDATE;
            case PURPOSE_EVALUATION -> SumSession.Purpose.EVALUATION;
            case PURPOSE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("a sum in the journal is of updates or of evaluations");
        };
    }

    static Settings settings(PinnedSettings settings) {
        return Settings.newBuilder().putAllValues(settings.values()).build();
    }

    static PinnedSettings settings(Settings message) {
        return new PinnedSettings(new TreeMap<>(message.getValuesMap()));
    }

    static Moment moment(Instant at) {
        return Moment.newBuilder()
                .setSeconds(at.getEpochSecond())
                .setNanos(at.getNano())
                .build();
    }

    static Instant instant(Moment message) {
        return Instant.ofEpochSecond(message.getSeconds(), message.getNanos());
    }

    static dev.parley.server.journal.v1.RoundId roundId(RoundId id) {
        return dev.parley.server.journal.v1.RoundId.newBuilder()
                .setRound(id.round())
                .setAttempt(id.attempt())
                .build();
    }

    static RoundId roundId(dev.parley.server.journal.v1.RoundId message) {
        return new RoundId(message.getRound(), message.getAttempt());
    }

    static ByteString bytes(ContentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }

    static ContentHash hash(ByteString bytes) {
        return ContentHash.ofDigest(bytes.toByteArray());
    }

    static ByteString bytes(Bytes bytes) {
        return ByteString.copyFrom(bytes.toArray());
    }

    static Bytes bytes(ByteString bytes) {
        return Bytes.of(bytes.toByteArray());
    }
}
