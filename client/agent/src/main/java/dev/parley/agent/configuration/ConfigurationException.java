package dev.parley.agent.configuration;

/** The configuration breaks a rule. The message is one line: file, line, key, rule. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1;

    ConfigurationException(String message) {
        super(message);
    }
}
