package dev.parley.server.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import org.slf4j.LoggerFactory;

/**
 * Puts the coordinator's logging in force. It is applied by the program rather than found on the class path, where other
 * programs' configurations may lie beside it.
 */
public final class CoordinatorLogging {
    private CoordinatorLogging() {}

    /** Replaces whatever logging configuration was found. */
    public static void apply() {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            throw new IllegalStateException("the coordinator logs through logback, found "
                    + LoggerFactory.getILoggerFactory().getClass().getName());
        }
        URL configuration = CoordinatorLogging.class.getResource("coordinator-logback.xml");
        if (configuration == null) {
            throw new IllegalStateException("coordinator-logback.xml is missing from the program");
        }
        try {
            context.reset();
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(configuration);
        } catch (JoranException e) {
            throw new IllegalStateException("coordinator-logback.xml cannot be read", e);
        }
    }
}
