package dev.parley.server.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.configuration.ConsoleConfiguration;
import dev.parley.server.console.account.Accounts;
import dev.parley.server.console.account.ApiKeys;
import dev.parley.server.console.account.RepeatedRequests;
import dev.parley.server.console.account.Sessions;
import dev.parley.server.console.account.SetupLink;
import dev.parley.server.console.view.ApiProblem;
import dev.parley.server.console.view.Reading;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.EnrolmentTokens;
import dev.parley.server.identity.ServerCredentials;
import dev.parley.server.registry.Blobs;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening console. */
public final class ConsoleServer implements AutoCloseable {
    /** No form and no body of the API comes near it. */
    private static final long MAX_REQUEST_BYTES = 64 << 10;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

    private final Javalin server;
    private final EventStream events;
    private final String url;
    private final SetupLink setup;

    private ConsoleServer(Javalin server, EventStream events, String url, SetupLink setup) {
        this.server = server;
        this.events = events;
        this.url = url;
        this.setup = setup;
    }

    /**
     * What the console shows and works on.
     *
     * @param tokenValidity of an enrolment token for which nobody has said another
     */
    public record Parts(
            Reading reading,
            DataSource database,
            Blobs blobs,
            CertificateAuthority authority,
            EnrolmentTokens tokens,
            Duration tokenValidity,
            InstantSource clock) {}

    /**
     * Listens. While there is no account, {@link #setupLink} lets somebody make the first one.
     *
     * @throws IOException if the address cannot be bound
     */
    public static ConsoleServer start(ConsoleConfiguration configuration, Parts parts)
            throws IOException, SQLException {
        Accounts accounts = new Accounts(parts.database(), parts.clock());
        Sessions sessions =
                new Sessions(parts.database(), parts.clock(), configuration.idle(), configuration.absolute());
        ApiKeys keys = new ApiKeys(parts.database(), parts.clock());
        SetupLink setup = accounts.any() ? SetupLink.closed() : SetupLink.open();
        Gate gate = new Gate(sessions, keys, configuration.names(), configuration.tls());
        EventStream events = new EventStream(parts.reading());
        Stewardship stewardship = new Stewardship(
                parts.reading(),
                parts.tokens(),
                parts.authority().register(),
                parts.authority().fingerprint(),
                parts.tokenValidity(),
                accounts,
                keys,
                parts.clock());
        ApiRoutes api = new ApiRoutes(
                parts.reading(),
                stewardship,
                accounts,
                keys,
                new RepeatedRequests(parts.database(), parts.clock()),
                parts.blobs(),
                parts.database(),
                events,
                gate);
        PageRoutes pages =
                new PageRoutes(parts.reading(), stewardship, accounts, sessions, setup, api, gate, parts.clock());
        Javalin server = Javalin.create(config -> configure(config, configuration, parts, gate, api, pages));
        try {
            server.start();
        } catch (RuntimeException e) {
            server.stop();
            throw new IOException("the console cannot listen", e);
        }
        String scheme = configuration.tls() ? "https" : "http";
        String host = configuration.names().contains(configuration.host())
                ? configuration.host()
                : configuration.names().getFirst();
        return new ConsoleServer(server, events, scheme + "://" + host + ":" + server.port(), setup);
    }

    private static void configure(
            JavalinConfig config,
            ConsoleConfiguration configuration,
            Parts parts,
            Gate gate,
            ApiRoutes api,
            PageRoutes pages) {
        config.startup.showJavalinBanner = false;
        config.startup.startupWatcherEnabled = false;
        config.concurrency.useVirtualThreads = true;
        config.http.maxRequestSize = MAX_REQUEST_BYTES;
        config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
        config.jetty.addConnector((jetty, http) -> connector(jetty, http, configuration, parts.authority()));
        config.routes.before(SecurityHeaders::put);
        config.routes.beforeMatched(gate::check);
        Assets assets = new Assets();
        config.routes.get("/assets/{name}", assets::serve, Access.everyone());
        for (Route route : api.routes()) {
            config.routes.addHttpHandler(route.method(), route.path(), route.handler(), route.access());
        }
        pages.register(config.routes);
        config.routes.exception(Problem.class, (problem, ctx) -> show(problem, ctx, pages));
        config.routes.exception(Exception.class, (failure, ctx) -> broken(failure, ctx, pages));
        config.routes.error(404, ctx -> {
            if (ctx.result() == null || String.valueOf(ctx.result()).startsWith("Endpoint")) {
                show(Problem.notFound("Nothing is at this address."), ctx, pages);
            }
        });
    }

    private static ServerConnector connector(
            Server jetty, HttpConfiguration http, ConsoleConfiguration configuration, CertificateAuthority authority) {
        ServerConnector connector;
        if (configuration.tls()) {
            SecureRequestCustomizer customizer = new SecureRequestCustomizer();
            customizer.setSniHostCheck(false); // the gate checks the host that was asked for
            http.addCustomizer(customizer);
            connector = new ServerConnector(
                    jetty,
                    new SslConnectionFactory(tls(authority.issueServer(configuration.names())), "http/1.1"),
                    new HttpConnectionFactory(http));
        } else {
            connector = new ServerConnector(jetty, new HttpConnectionFactory(http));
        }
        connector.setHost(configuration.host());
        connector.setPort(configuration.port());
        return connector;
    }

    private static SslContextFactory.Server tls(ServerCredentials credentials) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "console",
                    credentials.key(),
                    new char[0],
                    credentials.chain().toArray(new Certificate[0]));
            SslContextFactory.Server factory = new SslContextFactory.Server();
            factory.setKeyStore(store);
            factory.setKeyStorePassword("");
            factory.setIncludeProtocols("TLSv1.3");
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key store in memory can be made", e);
        }
    }

    private static void show(Problem problem, Context ctx, PageRoutes pages) {
        ctx.status(problem.status());
        if (!Gate.isApi(ctx)) {
            pages.problem(ctx, problem);
            return;
        }
        if (problem.status() == 401) {
            ctx.header("WWW-Authenticate", "Bearer");
        }
        try {
            ctx.contentType("application/problem+json")
                    .result(JSON.writeValueAsBytes(
                            new ApiProblem("about:blank", problem.title(), problem.status(), problem.detail())));
        } catch (IOException e) {
            throw new IllegalStateException("a record of words can be written", e);
        }
    }

    private static void broken(Exception failure, Context ctx, PageRoutes pages) {
        String incident = ContentHash.of(
                        (System.nanoTime() + ctx.path()).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .abbreviated();
        LOG.atError().addKeyValue("incident", incident).setCause(failure).log("a request to the console broke");
        show(
                new Problem(
                        500, "Broken", "Something broke here; the coordinator's log has incident " + incident + "."),
                ctx,
                pages);
    }

    /** Where it listens, as {@code https://host:port}. */
    public String url() {
        return url;
    }

    /** The one-time link that makes the first account; empty once there is one. Whoever has it becomes the operator. */
    public Optional<String> setupLink() {
        return setup.word().map(word -> url + "/setup?word=" + word);
    }

    @Override
    public void close() {
        events.close();
        server.stop();
    }
}
