package dev.parley.server.journal;

import static dev.parley.server.journal.EventMessages.bytes;
import static dev.parley.server.journal.EventMessages.hash;
import static dev.parley.server.journal.EventMessages.instant;
import static dev.parley.server.journal.EventMessages.moment;
import static dev.parley.server.journal.EventMessages.roundId;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.CompletedRound;
import dev.parley.rounds.KeyDirectory;
import dev.parley.rounds.Participation;
import dev.parley.rounds.RoundBoundary;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundOutcome.TooFew;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import dev.parley.server.journal.v1.MadeEncapsulation;
import dev.parley.server.journal.v1.Part;
import dev.parley.server.journal.v1.ReceivedAnnouncement;
import dev.parley.server.journal.v1.SiteKeys;
import dev.parley.server.journal.v1.Snapshot;
import dev.parley.server.journal.v1.Summary;
import dev.parley.server.status.FederationStatus.Evaluation;
import dev.parley.server.status.FederationStatus.RoundSummary;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Snapshots as bytes and back. */
public final class SnapshotMessages {
    private SnapshotMessages() {}

    public static byte[] write(JournalSnapshot snapshot) {
        RoundBoundary boundary = snapshot.boundary();
        Snapshot.Builder message = Snapshot.newBuilder()
                .setSettings(EventMessages.settings(snapshot.settings()))
                .setModel(bytes(boundary.modelHash()))
                .setNext(roundId(boundary.next()))
                .setAt(moment(boundary.at()))
                .setSince(moment(snapshot.since()));
        snapshot.optimizer().forEach(blob -> message.addOptimizer(bytes(blob)));
        boundary.attached().forEach(site -> message.addAttached(site.value()));
        boundary.keys().sites().forEach((site, keys) -> message.addKeys(keys(site, keys)));
        boundary.history().forEach(round -> message.addHistory(completed(round)));
        snapshot.summaries().forEach(summary -> message.addSummaries(summary(summary)));
        return message.build().toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are no snapshot of this or an earlier version */
    public static JournalSnapshot read(byte[] bytes) {
        try {
            Snapshot message = Snapshot.parseFrom(bytes);
            TreeSet<SiteName> attached = new TreeSet<>();
            message.getAttachedList().forEach(site -> attached.add(new SiteName(site)));
            SortedMap<SiteName, KeyDirectory.SiteKeys> keys = new TreeMap<>();
            message.getKeysList().forEach(site -> keys.put(new SiteName(site.getSite()), keys(site)));
            return new JournalSnapshot(
                    EventMessages.settings(message.getSettings()),
                    message.getOptimizerList().stream().map(EventMessages::hash).toList(),
                    instant(message.getSince()),
                    message.getSummariesList().stream()
                            .map(SnapshotMessages::summary)
                            .toList(),
                    new RoundBoundary(
                            hash(message.getModel()),
                            attached,
                            new KeyDirectory(keys),
                            roundId(message.getNext()),
                            instant(message.getAt()),
                            message.getHistoryList().stream()
                                    .map(SnapshotMessages::completed)
                                    .toList()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a snapshot of the journal cannot be read: " + e.getMessage(), e);
        }
    }

    private static SiteKeys keys(SiteName site, KeyDirectory.SiteKeys keys) {
        SiteKeys.Builder message = SiteKeys.newBuilder()
                .setSite(site.value())
                .setAnnouncement(ByteString.copyFrom(keys.announcement().toBytes()));
        keys.made()
                .forEach((peer, made) -> message.addMade(MadeEncapsulation.newBuilder()
                        .setPeer(peer.value())
                        .setReceiver(bytes(made.receiver()))
                        .setBytes(bytes(made.bytes()))));
        keys.received()
                .forEach((peer, announcement) -> message.addReceived(
                        ReceivedAnnouncement.newBuilder().setPeer(peer.value()).setAnnouncement(bytes(announcement))));
        return message.build();
    }

    private static KeyDirectory.SiteKeys keys(SiteKeys message) {
        Announcement announcement = Announcement.of(message.getAnnouncement().toByteArray());
        SortedMap<SiteName, KeyDirectory.Encapsulation> made = new TreeMap<>();
        message.getMadeList()
                .forEach(each -> made.put(
                        new SiteName(each.getPeer()),
                        new KeyDirectory.Encapsulation(hash(each.getReceiver()), bytes(each.getBytes()))));
        SortedMap<SiteName, ContentHash> received = new TreeMap<>();
        message.getReceivedList()
                .forEach(each -> received.put(new SiteName(each.getPeer()), hash(each.getAnnouncement())));
        return new KeyDirectory.SiteKeys(announcement, announcement.hash(), made, received);
    }

    private static dev.parley.server.journal.v1.CompletedRound completed(CompletedRound round) {
        dev.parley.server.journal.v1.CompletedRound.Builder message =
                dev.parley.server.journal.v1.CompletedRound.newBuilder().setId(roundId(round.id()));
        if (round.task() instanceof Task.Train train) {
            message.setTrainingRound(train.round()).setTrainingRounds(train.totalRounds());
        }
        switch (round.outcome()) {
            case RoundOutcome.Released released -> {
                dev.parley.server.journal.v1.CompletedRound.Released.Builder outcome = message.getReleasedBuilder()
                        .setVersion(bytes(released.version()))
                        .setParticipation(participation(released.participation()));
                released.evaluation().ifPresent(counts -> {
                    outcome.setClasses(counts.classes());
                    for (long count : counts.toLongs()) {
                        outcome.addCounts(count);
                    }
                });
            }
            case TooFew tooFew ->
                message.getTooFewBuilder()
                        .setDuring(
                                switch (tooFew.during()) {
                                    case INVITING -> Part.PART_INVITING;
                                    case COLLECTING -> Part.PART_COLLECTING;
                                    case RECOVERING -> Part.PART_RECOVERING;
                                })
                        .setHave(tooFew.have())
                        .setNeed(tooFew.need())
                        .setParticipation(participation(tooFew.participation()));
            case RoundOutcome.ReleaseFailed failed -> message.setReleaseFailed(failed.reason());
            case RoundOutcome.Cancelled cancelled -> message.setCancelled(cancelled.reason());
        }
        return message.build();
    }

    private static CompletedRound completed(dev.parley.server.journal.v1.CompletedRound message) {
        Task task = message.getTrainingRounds() == 0
                ? new Task.AgreeStatistics()
                : new Task.Train(message.getTrainingRound(), message.getTrainingRounds());
        RoundOutcome outcome = switch (message.getOutcomeCase()) {
            case RELEASED ->
                new RoundOutcome.Released(
                        hash(message.getReleased().getVersion()),
                        participation(message.getReleased().getParticipation()),
                        message.getReleased().getClasses() == 0
                                ? Optional.empty()
                                : Optional.of(EvaluationCounts.fromLongs(
                                        message.getReleased().getCountsList().stream()
                                                .mapToLong(Long::longValue)
                                                .toArray(),
                                        message.getReleased().getClasses())));
            case TOO_FEW ->
                new TooFew(
                        switch (message.getTooFew().getDuring()) {
                            case PART_INVITING -> TooFew.Part.INVITING;
                            case PART_COLLECTING -> TooFew.Part.COLLECTING;
                            case PART_RECOVERING -> TooFew.Part.RECOVERING;
                            case PART_UNSPECIFIED, UNRECOGNIZED ->
                                throw new IllegalArgumentException("a part of a round is not known to this version");
                        },
                        message.getTooFew().getHave(),
                        message.getTooFew().getNeed(),
                        participation(message.getTooFew().getParticipation()));
            case RELEASE_FAILED -> new RoundOutcome.ReleaseFailed(message.getReleaseFailed());
            case CANCELLED -> new RoundOutcome.Cancelled(message.getCancelled());
            case OUTCOME_NOT_SET ->
                throw new IllegalArgumentException("the outcome of a round is not known to this version");
        };
        return new CompletedRound(roundId(message.getId()), task, outcome);
    }

    private static dev.parley.server.journal.v1.Participation participation(Participation participation) {
        dev.parley.server.journal.v1.Participation.Builder message =
                dev.parley.server.journal.v1.Participation.newBuilder();
        participation.contributors().forEach(site -> message.addContributors(site.value()));
        participation.stragglers().forEach(site -> message.addStragglers(site.value()));
        participation.refusals().forEach((site, rule) -> message.putRefusals(site.value(), rule));
        return message.build();
    }

    private static Participation participation(dev.parley.server.journal.v1.Participation message) {
        SortedMap<SiteName, String> refusals = new TreeMap<>();
        message.getRefusalsMap().forEach((site, rule) -> refusals.put(new SiteName(site), rule));
        return new Participation(sites(message.getContributorsList()), sites(message.getStragglersList()), refusals);
    }

    private static TreeSet<SiteName> sites(List<String> names) {
        TreeSet<SiteName> sites = new TreeSet<>();
        names.forEach(name -> sites.add(new SiteName(name)));
        return sites;
    }

    private static Summary summary(RoundSummary summary) {
        Summary.Builder message = Summary.newBuilder()
                .setRound(summary.round())
                .setAttempt(summary.attempt())
                .setTask(summary.task())
                .setOutcome(summary.outcome())
                .setModel(summary.model())
                .setContributions(summary.contributions())
                .setSmallestSum(summary.smallestSum())
                .setMillis(summary.millis());
        Evaluation evaluation = summary.evaluation();
        if (evaluation != null) {
            Summary.Evaluation.Builder scores = message.getEvaluationBuilder()
                    .setN(evaluation.n())
                    .setAccuracy(evaluation.accuracy())
                    .setMacroF1(evaluation.macroF1())
                    .setEce(evaluation.ece())
                    .setBrier(evaluation.brier());
            Double auroc = evaluation.auroc();
            if (auroc != null) {
                scores.setAuroc(auroc);
            }
        }
        return message.build();
    }

    private static RoundSummary summary(Summary message) {
        Summary.Evaluation scores = message.getEvaluation();
        return new RoundSummary(
                message.getRound(),
                message.getAttempt(),
                message.getTask(),
                message.getOutcome(),
                message.getModel(),
                message.getContributions(),
                message.getSmallestSum(),
                message.getMillis(),
                message.hasEvaluation()
                        ? new Evaluation(
                                scores.getN(),
                                scores.hasAuroc() ? scores.getAuroc() : null,
                                scores.getAccuracy(),
                                scores.getMacroF1(),
                                scores.getEce(),
                                scores.getBrier())
                        : null);
    }
}
