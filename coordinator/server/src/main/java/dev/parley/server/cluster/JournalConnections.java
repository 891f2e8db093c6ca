package dev.parley.server.cluster;

import com.typesafe.config.Config;
import javax.sql.DataSource;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.persistence.jdbc.db.EagerSlickDatabase;
import org.apache.pekko.persistence.jdbc.db.SlickDatabase;
import org.apache.pekko.persistence.jdbc.db.SlickDatabaseProvider;
import scala.Option;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;
import slick.jdbc.PostgresProfile$;
import slick.util.AsyncExecutor;

/** Has Pekko's journal use the coordinator's own pool of connections. Named in {@code federation-actor.conf}. */
public final class JournalConnections implements SlickDatabaseProvider {
    /** One writes, the others read. */
    private static final int THREADS = 4;

    /** Statements that wait; the entity waits for its own. */
    private static final int QUEUE = 1000;

    private final SlickDatabase database;

    /** What the actor system is started with. */
    static final class Pool extends Setup {
        private final DataSource connections;

        Pool(DataSource connections) {
            this.connections = connections;
        }
    }

    /** Called by Pekko. */
    public JournalConnections(ActorSystem system) {
        DataSource connections = system.settings()
                .setup()
                .get(Pool.class)
                .orElseThrow(() -> new IllegalStateException("the actor system was started without a database"))
                .connections;
        JdbcProfile profile = PostgresProfile$.MODULE$;
        JdbcBackend.JdbcDatabaseDef pooled = profile.backend()
                .Database()
                .forDataSource(
                        connections, Option.apply(THREADS), AsyncExecutor.apply("journal", THREADS, QUEUE), false);
        this.database = new EagerSlickDatabase(pooled, profile);
    }

    @Override
    public SlickDatabase database(Config config) {
        return database;
    }
}
