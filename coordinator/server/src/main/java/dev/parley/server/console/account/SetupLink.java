package dev.parley.server.console.account;

import java.security.MessageDigest;
import java.util.Optional;

/**
 * The word of the one-time link with which the first account is made. It exists while there is no account, in this process only: a
 * restart prints another. Thread-safe.
 */
public final class SetupLink {
    private Optional<String> word;

    private SetupLink(Optional<String> word) {
        this.word = word;
    }

    public static SetupLink open() {
        return new SetupLink(Optional.of(RandomWord.next()));
    }

    /** Nobody gets in by it. */
    public static SetupLink closed() {
        return new SetupLink(Optional.empty());
    }

    public synchronized Optional<String> word() {
        return word;
    }

    public synchronized boolean opens(String offered) {
        return word.isPresent() && MessageDigest.isEqual(RandomWord.hash(word.get()), RandomWord.hash(offered));
    }

    public synchronized void shut() {
        word = Optional.empty();
    }
}
