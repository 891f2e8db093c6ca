package dev.parley.agent.participation;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CohortNotices;
import dev.parley.contract.v1.CoordinationGrpc;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.EvaluationRequest;
import dev.parley.contract.v1.FederationEnded;
import dev.parley.contract.v1.Heartbeat;
import dev.parley.contract.v1.Hello;
import dev.parley.contract.v1.KeyRequest;
import dev.parley.contract.v1.LogContinuation;
import dev.parley.contract.v1.OpeningRequest;
import dev.parley.contract.v1.RoundClosed;
import dev.parley.contract.v1.SurvivorsRequest;
import dev.parley.contract.v1.Welcome;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One attendance: Hello and Welcome, then whatever the coordinator asks, with heartbeats both ways. Ends once; a new
 * session is a new object.
 *
 * <p>gRPC calls the inbound half from one thread at a time; the outbound half is used by the worker and the timer too and
 * is therefore guarded.
 */
final class ControlSession implements ClientResponseObserver<AgentMessage, CoordinatorMessage> {
    /** The protocol that this agent speaks. */
    static final int PROTOCOL_VERSION = 2;

    private static final Duration WELCOME_LIMIT = Duration.ofSeconds(20);
    /** Silence for so many heartbeats means that the coordinator is gone. */
    private static final int MISSED_HEARTBEATS = 4;
    /** Messages that may wait in memory for a coordinator that does not read; in order, a site says a few in a round. */
    private static final int MAX_UNREAD = 64;

    private final String federation;
    private final Requests requests;
    private final LogWitness witness;
    private final ScheduledExecutorService timer;
    private final CompletableFuture<SessionEnd> end = new CompletableFuture<>();
    private final AtomicBoolean stirred = new AtomicBoolean();
    private volatile boolean welcomed;
    private int unread;
    private @Nullable ClientCallStreamObserver<AgentMessage> out;
    private @Nullable ScheduledFuture<?> limit;
    private @Nullable ScheduledFuture<?> beat;

    /** What a coordinator asks; called from one thread at a time, to return at once. */
    interface Requests {
        void plan(ReceivedPlan plan);

        void closed(int round, int attempt, String outcome);

        void evaluate(int round, ContentHash model, ContentHash learning);

        void agree(ContentHash roster, MemberSet peers);

        void cohort(ContentHash plan, CohortNotice update, Optional<CohortNotice> evaluation);

        void survivors(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors);

        void opening(ContentHash plan, Purpose purpose, List<Confirmation> confirmations);
    }

    ControlSession(String federation, Requests requests, LogWitness witness, ScheduledExecutorService timer) {
        this.federation = federation;
        this.requests = requests;
        this.witness = witness;
        this.timer = timer;
    }

    /** Attends and says Hello. Once. What goes wrong arrives in {@link #end}. */
    void open(Channel channel, String software, Announcement announcement) {
        var unused = CoordinationGrpc.newStub(channel).attend(this);
        guardWelcome();
        send(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setProtocolVersion(PROTOCOL_VERSION)
                        .setSoftware(software)
                        .setFederation(federation)
                        .setAnnouncement(ByteString.copyFrom(announcement.toBytes()))
                        .setLogSize(witness.seen()))
                .build());
    }

    /** Completed, never exceptionally, when the attendance is over. */
    CompletableFuture<SessionEnd> end() {
        return end;
    }

    private synchronized void guardWelcome() {
        limit = timer.schedule(
                () -> cut("the coordinator has not answered for " + WELCOME_LIMIT.toSeconds() + " s"),
                WELCOME_LIMIT.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void beforeStart(ClientCallStreamObserver<AgentMessage> stream) {
        out = stream;
        stream.setOnReadyHandler(this::readAgain);
    }

    private synchronized void readAgain() {
        unread = 0;
    }

    /** Sends if the session is open; a message that a closed session swallows is asked for again in the next one. */
    synchronized void send(AgentMessage message) {
        if (out == null || end.isDone()) {
            return;
        }
        if (!out.isReady() && ++unread > MAX_UNREAD) {
            cut("the coordinator reads too slowly: " + MAX_UNREAD + " messages wait for it");
            return;
        }
        out.onNext(message);
    }

    @Override
    public void onNext(CoordinatorMessage message) {
        if (end.isDone()) {
            return; // what was under way when this side ended the attendance
        }
        stirred.set(true);
        if (!welcomed && message.getMessageCase() != CoordinatorMessage.MessageCase.WELCOME) {
            cut("the coordinator spoke before its Welcome");
            return;
        }
        if (!SumMessages.isBounded(message)) {
            cut("the coordinator sent a list of more members than a roster can have");
            return;
        }
        switch (message.getMessageCase()) {
            case WELCOME -> welcome(message.getWelcome());
            case PLAN -> requests.plan(ReceivedPlan.read(message.getPlan()));
            case LOG -> grow(message.getLog());
            case CLOSED -> closed(message.getClosed());
            case EVALUATE -> evaluate(message.getEvaluate());
            case KEYS -> agree(message.getKeys());
            case COHORT -> cohort(message.getCohort());
            case SURVIVORS -> survivors(message.getSurvivors());
            case OPENING -> opening(message.getOpening());
            case ENDED -> {
                FederationEnded ended = message.getEnded();
                if (isHash(ended.getModelHash())) {
                    finish(new SessionEnd.FederationEnded(ended.getOutcome(), hash(ended.getModelHash())));
                }
            }
            case HEARTBEAT, MESSAGE_NOT_SET -> {} // a newer coordinator may say what this agent does not know
        }
    }

    private void grow(LogContinuation shown) {
        try {
            witness.grow(shown).ifPresent(this::send);
        } catch (LogWitness.RefusedLogException e) {
            refuseLog(e);
        } catch (IOException e) {
            cut("what was seen of the audit log could not be kept; is the disk full?");
        }
    }

    private void closed(RoundClosed closed) {
        if (closed.hasReleased()) {
            try {
                witness.release(closed);
            } catch (LogWitness.RefusedLogException e) {
                refuseLog(e);
                return;
            }
        }
        requests.closed(closed.getRound(), closed.getAttempt(), closed.hasReleased() ? "released" : "abandoned");
    }

    private void refuseLog(LogWitness.RefusedLogException refusal) {
        finish(new SessionEnd.LogRefused(String.valueOf(refusal.getMessage())));
        cancel();
    }

    private void evaluate(EvaluationRequest request) {
        if (isHash(request.getModelHash()) && isHash(request.getLearningHash())) {
            requests.evaluate(request.getRound(), hash(request.getModelHash()), hash(request.getLearningHash()));
        }
    }

    private void agree(KeyRequest request) {
        if (!isHash(request.getRosterHash())) {
            return;
        }
        if (request.getPeersList().stream().anyMatch(peer -> peer < 0 || peer >= Roster.MAX_MEMBERS)) {
            cut("the coordinator asks to agree with a position that no roster has");
            return;
        }
        requests.agree(
                hash(request.getRosterHash()),
                MemberSet.of(request.getPeersList().stream().mapToInt(Integer::intValue)));
    }

    private void cohort(CohortNotices notices) {
        if (isHash(notices.getPlanHash())) {
            requests.cohort(
                    hash(notices.getPlanHash()),
                    SumMessages.notice(notices.getUpdate()),
                    notices.hasEvaluation()
                            ? Optional.of(SumMessages.notice(notices.getEvaluation()))
                            : Optional.empty());
        }
    }

    private void survivors(SurvivorsRequest request) {
        if (isHash(request.getPlanHash()) && isHash(request.getSubject())) {
            SumMessages.purpose(request.getPurpose())
                    .ifPresent(purpose -> requests.survivors(
                            hash(request.getPlanHash()),
                            purpose,
                            hash(request.getSubject()),
                            SumMessages.members(request.getSurvivors())));
        }
    }

    private void opening(OpeningRequest request) {
        if (isHash(request.getPlanHash())) {
            SumMessages.purpose(request.getPurpose())
                    .ifPresent(purpose -> requests.opening(
                            hash(request.getPlanHash()),
                            purpose,
                            SumMessages.confirmations(request.getSignaturesList())));
        }
    }

    /** Whether it has a hash's length; if not, the coordinator is broken and the session ends. */
    private boolean isHash(ByteString digest) {
        if (digest.size() == ContentHash.SIZE_BYTES) {
            return true;
        }
        cut("the coordinator sent a hash of " + digest.size() + " bytes, expected " + ContentHash.SIZE_BYTES);
        return false;
    }

    private static ContentHash hash(ByteString digest) {
        return ContentHash.ofDigest(digest.toByteArray());
    }

    private synchronized void welcome(Welcome welcome) {
        if (welcomed) {
            cut("the coordinator said Welcome twice");
            return;
        }
        if (welcome.getProtocolVersion() != PROTOCOL_VERSION
                || !welcome.getFederation().equals(federation)) {
            finish(new SessionEnd.Cut(
                    new CallFailure.Refused(
                            Status.Code.FAILED_PRECONDITION,
                            "the coordinator welcomes to protocol " + welcome.getProtocolVersion()
                                    + " and another federation or version than this agent's (federation '" + federation
                                    + "', protocol " + PROTOCOL_VERSION + ")"),
                    false));
            cancel();
            return;
        }
        welcomed = true;
        if (limit != null) {
            limit.cancel(false);
        }
        long periodMillis = Math.max(1, welcome.getHeartbeatMillis() / 2L);
        beat = timer.scheduleAtFixedRate(
                new Pulse(2 * MISSED_HEARTBEATS), periodMillis, periodMillis, TimeUnit.MILLISECONDS);
    }

    /** Says that the site is there, and notices when the coordinator no longer is. */
    private final class Pulse implements Runnable {
        private final int mostSilent;
        private int silent;

        Pulse(int mostSilent) {
            this.mostSilent = mostSilent;
        }

        @Override
        public void run() {
            silent = stirred.getAndSet(false) ? 0 : silent + 1;
            if (silent > mostSilent) {
                cut("the coordinator has been silent for " + MISSED_HEARTBEATS + " heartbeats");
            } else {
                send(AgentMessage.newBuilder()
                        .setHeartbeat(Heartbeat.getDefaultInstance())
                        .build());
            }
        }
    }

    @Override
    public void onError(Throwable failure) {
        finish(new SessionEnd.Cut(CallFailure.of(failure), welcomed));
    }

    @Override
    public void onCompleted() {
        finish(new SessionEnd.Cut(new CallFailure.Passing("the coordinator ended the control stream"), welcomed));
    }

    /** Ends the attendance from this side. */
    void leave() {
        cut("this agent is stopping");
    }

    /** Ends the attendance so that the next one announces new keys. */
    void announceAnew() {
        cut("this agent attends again to announce new keys");
    }

    private void cut(String reason) {
        finish(new SessionEnd.Cut(new CallFailure.Passing(reason), welcomed));
        cancel();
    }

    private synchronized void cancel() {
        if (out != null) {
            out.cancel("the agent has ended the attendance", null);
        }
    }

    private synchronized void finish(SessionEnd how) {
        if (end.complete(how)) {
            if (limit != null) {
                limit.cancel(false);
            }
            if (beat != null) {
                beat.cancel(false);
            }
        }
    }
}
