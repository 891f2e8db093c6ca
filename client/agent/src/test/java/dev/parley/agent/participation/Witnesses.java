package dev.parley.agent.participation;

import dev.parley.agent.storage.WitnessBook;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import java.security.SecureRandom;
import java.time.InstantSource;

/** Witnesses for tests that are about something else. */
final class Witnesses {
    private Witnesses() {}

    /** One that was given no log's key. */
    static LogWitness forgetful() {
        return new LogWitness(
                SiteIdentityKey.generate(new SecureRandom()), WitnessBook.inMemory(), InstantSource.system());
    }
}
