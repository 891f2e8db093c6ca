package dev.parley.server.configuration;

/** A configuration file that cannot be used. The message is one line that names the file, the line and the rule. */
public final class ConfigurationException extends Exception {
    public ConfigurationException(String message) {
        super(message);
    }
}
