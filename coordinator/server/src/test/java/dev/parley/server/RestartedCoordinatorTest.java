package dev.parley.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.server.configuration.CoordinatorConfiguration;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that is started again on the journal of another one. */
class RestartedCoordinatorTest {
    private static final String FEDERATION = "name: hospital\nseed: 1\nrounds: %d\ntimes: {gathering: %s}\n";

    @TempDir
    Path folder;

    private Coordinator start(int rounds, String gathering) throws Exception {
        CoordinatorConfiguration configuration = CoordinatorConfiguration.read(
                ConfigurationText.in(folder).file(FEDERATION.formatted(rounds, gathering)));
        return Coordinator.start(configuration, Optional.empty(), InstantSource.system());
    }

    @Test
    void refusesOtherSettingsByNameAndTakesUpTheSame() throws Exception {
        start(1, "1 h").close();

        StartFailure refusal = assertThrows(StartFailure.class, () -> start(2, "2 h"));

        assertEquals(ExitCode.DATABASE, refusal.exitCode());
        assertTrue(
                refusal.getMessage()
                        .contains("was begun with other settings: federation.rounds was 1, is 2;"
                                + " federation.times.gathering was PT1H, is PT2H. Set them back"),
                refusal.getMessage());
        start(1, "1 h").close();
    }

    @Test
    void knowsThatTheFederationHasEnded() throws Exception {
        String outcome;
        try (Coordinator coordinator = start(1, "100 ms")) {
            outcome = coordinator.awaitEnd().outcome();
        }

        try (Coordinator again = start(1, "100 ms")) {
            assertFalse(again.awaitEnd().completed());
            assertEquals(outcome, again.awaitEnd().outcome());
        }
    }
}
