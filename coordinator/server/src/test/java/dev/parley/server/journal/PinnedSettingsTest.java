package dev.parley.server.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PinnedSettingsTest {
    private static PinnedSettings settings(Map<String, String> values) {
        return new PinnedSettings(new TreeMap<>(values));
    }

    @Test
    void namesWhatDiffersAndNothingElse() {
        PinnedSettings then = settings(Map.of("federation.rounds", "5", "federation.seed", "1", "gone", "x"));
        PinnedSettings now = settings(Map.of("federation.rounds", "7", "federation.seed", "1", "new", "y"));

        assertEquals(
                List.of("federation.rounds was 5, is 7", "gone was x, is (not set)", "new was (not set), is y"),
                then.differences(now));
        assertEquals(List.of(), then.differences(then));
    }
}
