package dev.parley.learning.training;

/** A learning configuration breaks a rule. The message names the path, the value found and what is allowed there. */
public final class LearningConfigurationException extends IllegalArgumentException {
    private final String path;

    LearningConfigurationException(String path, String found, String allowed) {
        super(path + ": got " + found + "; expected " + allowed);
        this.path = path;
    }

    /** Dotted path into the document, such as {@code learning.optimizer.learningRate}. */
    public String path() {
        return path;
    }
}
