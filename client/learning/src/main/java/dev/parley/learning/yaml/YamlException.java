package dev.parley.learning.yaml;

/** A YAML file breaks a rule. The message is one line: file, line, key, rule. */
public final class YamlException extends Exception {
    private static final long serialVersionUID = 1;

    YamlException(String message) {
        super(message);
    }
}
