package dev.parley.server.gateway;

import dev.parley.contract.v1.AgentMessage;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.Heartbeat;
import dev.parley.contract.v1.Hello;
import dev.parley.contract.v1.LogCosignature;
import dev.parley.contract.v1.Welcome;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.rounds.SiteName;
import dev.parley.server.audit.AuditLog;
import dev.parley.server.cluster.Federation;
import dev.parley.server.cluster.SiteLink;
import dev.parley.server.cluster.SiteMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One site's control stream: Hello and Welcome, then statements in and messages out, with heartbeats both ways. gRPC calls
 * the inbound half from one thread at a time; the outbound half is used by the federation and the timer too and is
 * therefore guarded.
 */
final class ControlStream implements StreamObserver<AgentMessage>, SiteLink {
    /** The protocol that this coordinator speaks. */
    static final int PROTOCOL_VERSION = 2;

    /** Messages that may wait for a reader that has stopped reading; a round needs about eight. */
    private static final int MAX_UNREAD = 64;
    /** Messages a site may send between two of our heartbeats; an agent that reports each step needs fewer. */
    private static final int MAX_HEARD_PER_HEARTBEAT = 500;

    /** How long a stream is kept for the cosignature of a log that was shown just before the federation ended. */
    private static final Duration COSIGNATURE_LIMIT = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ControlStream.class);

    private final SiteName site;
    private final Federation federation;
    private final LogView log;
    private final GatewayLimits limits;
    private final ServerCallStreamObserver<CoordinatorMessage> out;
    private final IdleWatch.Watched silence;
    private final IdleWatch.Stoppable beat;

    private final IdleWatch watch;
    private volatile boolean attached;
    private volatile boolean isLeaving;
    private final AtomicInteger heard = new AtomicInteger();
    private boolean ended;
    private int unread;

    ControlStream(
            SiteName site,
            Federation federation,
            AuditLog audit,
            GatewayLimits limits,
            ServerCallStreamObserver<CoordinatorMessage> out,
            IdleWatch watch) {
        this.site = site;
        this.federation = federation;
        this.log = new LogView(audit);
        this.limits = limits;
        this.out = out;
        this.watch = watch;
        this.silence = watch.watch(
                limits.heartbeat().multipliedBy(GatewayLimits.MISSED_HEARTBEATS),
                () -> end(Status.DEADLINE_EXCEEDED.withDescription("no message for "
                        + GatewayLimits.MISSED_HEARTBEATS + " heartbeats of "
                        + limits.heartbeat().toMillis() + " ms; attach again")));
        this.beat = watch.repeat(limits.heartbeat(), this::beat);
        out.setOnCancelHandler(this::gone);
        out.setOnReadyHandler(this::readAgain);
    }

    @Override
    public void onNext(AgentMessage message) {
        silence.stirred();
        if (heard.incrementAndGet() > MAX_HEARD_PER_HEARTBEAT) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("more than " + MAX_HEARD_PER_HEARTBEAT
                    + " messages in one heartbeat; report progress once a second at most"));
            return;
        }
        if (!attached) {
            hello(message);
            return;
        }
        try {
            switch (message.getMessageCase()) {
                case HEARTBEAT -> {}
                case ANSWER, PROGRESS, EVALUATION, KEYS, SIGNED, REVEALED ->
                    federation.hear(site, ContractReader.statement(federation.name(), message));
                case COSIGNATURE -> cosigned(message.getCosignature());
                case HELLO -> throw new ContractReader.RefusedMessageException("Hello opens a stream and is sent once");
                case MESSAGE_NOT_SET ->
                    throw new ContractReader.RefusedMessageException(
                            "the message is empty or of a kind that protocol version " + PROTOCOL_VERSION
                                    + " does not have");
            }
        } catch (ContractReader.RefusedMessageException e) {
            end(e.status());
        }
    }

    private void hello(AgentMessage message) {
        if (message.getMessageCase() != AgentMessage.MessageCase.HELLO) {
            end(Status.INVALID_ARGUMENT.withDescription("the first message of a control stream is Hello"));
            return;
        }
        Hello hello = message.getHello();
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            end(Status.FAILED_PRECONDITION.withDescription("the agent speaks protocol version "
                    + Integer.toUnsignedString(hello.getProtocolVersion()) + ", this coordinator speaks "
                    + PROTOCOL_VERSION + "; install matching releases"));
            return;
        }
        if (!hello.getFederation().equals(federation.name().value())) {
            end(Status.NOT_FOUND.withDescription("this coordinator runs the federation '" + federation.name()
                    + "', not the one that the agent asked for; correct the agent's configuration"));
            return;
        }
        Announcement announcement;
        try {
            announcement = ContractReader.announcement(federation.name(), site, hello.getAnnouncement());
        } catch (ContractReader.RefusedMessageException e) {
            end(e.status());
            return;
        }
        // Before attaching: the federation may send a plan while attach has not returned, and Welcome comes first.
        write(CoordinatorMessage.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setProtocolVersion(PROTOCOL_VERSION)
                        .setFederation(federation.name().value())
                        .setHeartbeatMillis(Math.toIntExact(limits.heartbeat().toMillis())))
                .build());
        try {
            write(log.begin(announcement, hello.getLogSize()));
        } catch (LogView.OtherLogException e) {
            end(Status.FAILED_PRECONDITION.withDescription(e.getMessage()));
            return;
        } catch (IOException e) {
            end(Incidents.statusOf(e));
            return;
        }
        attached = true;
        try {
            switch (federation.attach(site, announcement, this)) {
                case Federation.Attachment.Attached yes ->
                    LOG.atInfo().addKeyValue("site", site).log("a site has attached");
                case Federation.Attachment.NotMember no ->
                    end(Status.PERMISSION_DENIED.withDescription("site " + site + " is not a member of federation '"
                            + federation.name() + "'; ask its operator to add the site"));
                case Federation.Attachment.Denied denied ->
                    end(Status.PERMISSION_DENIED.withDescription(
                            "site " + site + " may not attach: " + denied.reason()));
                case Federation.Attachment.Full full ->
                    end(Status.RESOURCE_EXHAUSTED.withDescription(
                            full.limit() + " sites are attached, which is the limit; try again later"));
            }
        } catch (Federation.UnavailableException e) {
            end(Status.UNAVAILABLE.withDescription(e.getMessage()));
        }
    }

    @Override
    public void onError(Throwable cause) {
        gone();
    }

    @Override
    public void onCompleted() {
        end(Status.OK);
    }

    private void cosigned(LogCosignature cosignature) throws ContractReader.RefusedMessageException {
        try {
            log.cosigned(cosignature);
            if (isLeaving && log.isCosigned()) {
                end(Status.OK);
            }
        } catch (IOException e) {
            LOG.atError().setCause(e).log("a site's cosignature could not be kept; is the disk full?");
        }
    }

    @Override
    public void send(SiteMessage message) {
        CoordinatorMessage written = ContractWriter.message(federation.name().value(), message);
        if (message instanceof SiteMessage.Released released) {
            try {
                // In one go: nothing may come between a release and the log that it is proved in.
                synchronized (this) {
                    write(log.grow());
                    write(log.prove(written, federation.name(), released.id()));
                }
            } catch (IOException e) {
                end(Incidents.statusOf(e));
            }
            return;
        }
        write(written);
        if (message instanceof SiteMessage.Ended) {
            isLeaving = true;
            if (log.isCosigned()) {
                end(Status.OK);
            } else {
                IdleWatch.Watched unused = watch.watch(COSIGNATURE_LIMIT, () -> end(Status.OK));
            }
        }
    }

    @Override
    public void replaced() {
        end(Status.ABORTED.withDescription("a newer control stream of site " + site
                + " has taken over; if this is not a reconnection, two agents run with the same certificate"));
    }

    @Override
    public void stopping() {
        end(Status.UNAVAILABLE.withDescription("the coordinator is stopping; attach again when it is back"));
    }

    private void beat() {
        heard.set(0);
        if (attached) {
            write(CoordinatorMessage.newBuilder()
                    .setHeartbeat(Heartbeat.getDefaultInstance())
                    .build());
        }
    }

    private synchronized void write(CoordinatorMessage message) {
        if (ended) {
            return;
        }
        if (!out.isReady() && ++unread > MAX_UNREAD) {
            end(Status.RESOURCE_EXHAUSTED.withDescription(
                    "the agent reads too slowly: " + MAX_UNREAD + " messages wait for it; attach again"));
            return;
        }
        out.onNext(message);
    }

    private synchronized void readAgain() {
        unread = 0;
    }

    /** Ends the stream from this side, once. */
    private synchronized void end(Status status) {
        stop();
        if (ended) {
            return;
        }
        ended = true;
        if (status.isOk()) {
            out.onCompleted();
        } else {
            LOG.atInfo()
                    .addKeyValue("site", site)
                    .addKeyValue("status", status.getCode())
                    .log("a control stream was ended");
            out.onError(status.asException());
        }
        // Not for a stream that never attached: the federation ignores a link that it does not hold.
        federation.detach(site, this);
    }

    private void gone() {
        synchronized (this) {
            stop();
            ended = true;
        }
        if (attached) {
            LOG.atInfo().addKeyValue("site", site).log("a site has gone");
        }
        federation.detach(site, this);
    }

    private void stop() {
        silence.stop();
        beat.stop();
    }
}
