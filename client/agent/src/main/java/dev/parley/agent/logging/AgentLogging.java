package dev.parley.agent.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import org.slf4j.LoggerFactory;

/** Puts the agent's logging in force, whatever configuration other programs have on the class path. */
public final class AgentLogging {
    private AgentLogging() {}

    public static void apply() {
        URL configuration = AgentLogging.class.getResource("agent-logback.xml");
        if (configuration == null || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            throw new IllegalStateException("the agent needs logback and its agent-logback.xml on the class path");
        }
        try {
            context.reset();
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(configuration);
        } catch (JoranException e) {
            throw new IllegalStateException("agent-logback.xml cannot be read", e);
        }
    }
}
