package dev.parley.server.cluster;

import com.typesafe.config.ConfigFactory;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.SiteName;
import dev.parley.server.registry.Blobs;
import dev.parley.server.registry.CountedUpdates;
import dev.parley.server.registry.SubmissionSpool;
import dev.parley.server.status.FederationStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.apache.pekko.Done;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** A federation whose state an actor holds; asks block for at most a few seconds. */
public final class ActorFederation implements Federation, AutoCloseable {
    /** An answer is a matter of microseconds; a machine under heavy load gets this long. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    /** A journal is read at some ten thousand events a second. */
    private static final Duration OPENING_LIMIT = Duration.ofMinutes(5);

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final FederationName name;
    private final ActorSystem<FederationEntity.Command> system;
    private final CompletableFuture<Ending> ending;

    private ActorFederation(
            FederationName name, ActorSystem<FederationEntity.Command> system, CompletableFuture<Ending> ending) {
        this.name = name;
        this.system = system;
        this.ending = ending;
    }

    /**
     * What a federation needs around it.
     *
     * @param blobs where released models go
     * @param spool where submissions arrive; emptied when a round ends
     * @param counted where those that count are kept as long as their round can release
     * @param journal database that holds the journal
     * @param trail remembers what happens to rounds
     * @param status hears of each change; must return at once
     * @param members who may attach; empty for every enrolled site
     * @param maxSites attached at the same time
     */
    public record Surroundings(
            Blobs blobs,
            SubmissionSpool spool,
            CountedUpdates counted,
            DataSource journal,
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
     * How a federation ended, or this process's part in it.
     *
     * @param outcome {@code completed}, {@code failed: } and why, or why this process does not go on
     * @param model the last released model, or the initial one
     */
    public record Ending(Kind kind, String outcome, ContentHash model) {
        /** Of the first two, sites and people have been told; after the others the next process takes the federation up. */
        public enum Kind {
            COMPLETED,
            FAILED,
            STOPPED,
            BROKEN
        }

        public boolean completed() {
            return kind == Kind.COMPLETED;
        }
    }

    /** What has come of opening the journal. */
    sealed interface Opening {
        record Open() implements Opening {}

        record OtherSettings(List<String> differences) implements Opening {}

        record Impossible(String reason) implements Opening {}
    }

    /** The journal cannot be taken up. The message is one line that says what to do. */
    public static final class JournalRefusedException extends Exception {
        JournalRefusedException(String message) {
            super(message);
        }
    }

    /**
     * Begins a federation, or takes it up where its journal leaves it.
     *
     * @param modelHash under which the initial model is in the blobs
     * @throws JournalRefusedException with nothing left open
     */
    public static ActorFederation start(
            FederationSpec spec, ParameterVector model, ContentHash modelHash, Surroundings surroundings)
            throws JournalRefusedException {
        CompletableFuture<Opening> opening = new CompletableFuture<>();
        CompletableFuture<Ending> ending = new CompletableFuture<>();
        // The program stops its parts itself, in order; Pekko must not race it from hooks of its own.
        ActorSystem<FederationEntity.Command> system = ActorSystem.create(
                FederationEntity.create(spec, model, modelHash, surroundings, opening, ending),
                "parley",
                ActorSystemSetup.create(
                        BootstrapSetup.create(
                                ConfigFactory.parseResources(ActorFederation.class, "federation-actor.conf")
                                        .withFallback(ConfigFactory.load())),
                        new JournalConnections.Pool(surroundings.journal())));
        // Whoever waits must not wait for ever for an actor that has broken.
        var unused = system.getWhenTerminated().whenComplete((done, failure) -> {
            opening.complete(new Opening.Impossible("the federation has stopped; see the log"));
            ending.complete(new Ending(Ending.Kind.BROKEN, "the federation has stopped; see the log", modelHash));
        });
        ActorFederation federation = new ActorFederation(spec.name(), system, ending);
        Optional<String> refusal = refusal(spec, opening);
        if (refusal.isPresent()) {
            federation.closeQuietly();
            throw new JournalRefusedException(refusal.get());
        }
        return federation;
    }

    private static Optional<String> refusal(FederationSpec spec, CompletableFuture<Opening> opening) {
        try {
            return switch (opening.get(OPENING_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                case Opening.Open open -> Optional.empty();
                case Opening.OtherSettings other ->
                    Optional.of("the journal of federation " + spec.name() + " was begun with other settings: "
                            + String.join("; ", other.differences())
                            + ". Set them back, or begin another federation: give it another name");
                case Opening.Impossible impossible -> Optional.of(impossible.reason());
            };
        } catch (TimeoutException | ExecutionException e) {
            return Optional.of("the journal could not be read within " + OPENING_LIMIT.toSeconds() + " s; see the log");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted while the journal was read");
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public FederationName name() {
        return name;
    }

    @Override
    public Attachment attach(SiteName site, Announcement announcement, SiteLink link) {
        return ask(replyTo -> new FederationEntity.Attach(site, announcement, link, replyTo));
    }

    @Override
    public void detach(SiteName site, SiteLink link) {
        system.tell(new FederationEntity.Detach(site, link));
    }

    @Override
    public void hear(SiteName site, SiteStatement statement) {
        system.tell(new FederationEntity.Hear(site, statement));
    }

    @Override
    public Admission admit(SubmissionOffer offer) {
        return ask(replyTo -> new FederationEntity.Admit(offer, replyTo));
    }

    @Override
    public Admission submit(SubmissionOffer offer, ContentHash planHash, Path file) {
        return ask(replyTo -> new FederationEntity.Submit(offer, planHash, file, replyTo));
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
        Done unused = ask(FederationEntity.ReleaseSites::new);
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

    private <T> T ask(Function<ActorRef<T>, FederationEntity.Command> command) {
        try {
            return AskPattern.<FederationEntity.Command, T>ask(system, command::apply, ANSWER_LIMIT, system.scheduler())
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
