package dev.parley.server.cluster;

import com.typesafe.config.ConfigFactory;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.SiteName;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.SubmissionSpool;
import dev.parley.server.status.FederationStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** A federation whose state an actor holds; asks block for at most a few seconds. */
public final class ActorFederation implements Federation, AutoCloseable {
    /** An answer is a matter of microseconds; a machine under heavy load gets this long. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final FederationName name;
    private final ActorSystem<FederationBehavior.Command> system;
    private final CompletableFuture<Ending> ending;

    private ActorFederation(
            FederationName name, ActorSystem<FederationBehavior.Command> system, CompletableFuture<Ending> ending) {
        this.name = name;
        this.system = system;
        this.ending = ending;
    }

    /**
     * What a federation needs around it.
     *
     * @param blobs where released models go
     * @param spool where submissions arrive; emptied when a round ends
     * @param trail remembers what happens to rounds
     * @param status hears of each change; must return at once
     * @param members who may attach; empty for every enrolled site
     * @param maxSites attached at the same time
     */
    public record Surroundings(
            Blobs blobs,
            SubmissionSpool spool,
            RoundTrail trail,
            Consumer<FederationStatus> status,
            Set<SiteName> members,
            int maxSites,
            InstantSource clock) {
        public Surroundings {
            members = Set.copyOf(members);
        }
    }

    /**
     * How a federation ended.
     *
     * @param outcome {@code completed}, or {@code failed: } and why
     * @param model the last released model, or the initial one
     */
    public record Ending(boolean completed, String outcome, ContentHash model) {}

    /** @param modelHash under which the initial model is in the blobs */
    public static ActorFederation start(
            FederationSpec spec, ParameterVector model, ContentHash modelHash, Surroundings surroundings) {
        CompletableFuture<Ending> ending = new CompletableFuture<>();
        // The program stops its parts itself, in order; Pekko must not race it from hooks of its own.
        ActorSystem<FederationBehavior.Command> system = ActorSystem.create(
                FederationBehavior.create(spec, model, modelHash, surroundings, ending),
                "parley",
                ConfigFactory.parseString("""
                        pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
                        pekko.logging-filter = "org.apache.pekko.event.slf4j.Slf4jLoggingFilter"
                        pekko.loglevel = WARNING
                        pekko.stdout-loglevel = OFF
                        pekko.daemonic = on
                        pekko.jvm-shutdown-hooks = off
                        pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off
                        pekko.jvm-exit-on-fatal-error = off
                        """).withFallback(ConfigFactory.load()));
        // Whoever waits must not wait for ever for an actor that has broken.
        var unused = system.getWhenTerminated()
                .whenComplete((done, failure) ->
                        ending.complete(new Ending(false, "failed: the federation has stopped", modelHash)));
        return new ActorFederation(spec.name(), system, ending);
    }

    @Override
    public FederationName name() {
        return name;
    }

    @Override
    public Attachment attach(SiteName site, Announcement announcement, SiteLink link) {
        return ask(replyTo -> new FederationBehavior.Attach(site, announcement, link, replyTo));
    }

    @Override
    public void detach(SiteName site, SiteLink link) {
        system.tell(new FederationBehavior.Detach(site, link));
    }

    @Override
    public void hear(SiteName site, SiteStatement statement) {
        system.tell(new FederationBehavior.Hear(site, statement));
    }

    @Override
    public Admission admit(SubmissionOffer offer) {
        return ask(replyTo -> new FederationBehavior.Admit(offer, replyTo));
    }

    @Override
    public Admission submit(SubmissionOffer offer, ContentHash planHash, Path file) {
        return ask(replyTo -> new FederationBehavior.Submit(offer, planHash, file, replyTo));
    }

    /** Waits for the end. */
    public Ending awaitEnd() throws InterruptedException {
        try {
            return ending.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an ending is never exceptional", e);
        }
    }

    /** Ends every site's stream; the sites may attach to the next coordinator. */
    public void releaseSites() {
        Done unused = ask(FederationBehavior.ReleaseSites::new);
    }

    @Override
    public void close() throws InterruptedException {
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the federation did not stop in time", e);
        }
    }

    private <T> T ask(Function<ActorRef<T>, FederationBehavior.Command> command) {
        try {
            return AskPattern.<FederationBehavior.Command, T>ask(
                            system, command::apply, ANSWER_LIMIT, system.scheduler())
                    .toCompletableFuture()
                    .get();
        } catch (ExecutionException e) {
            throw new UnavailableException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(e);
        }
    }
}
