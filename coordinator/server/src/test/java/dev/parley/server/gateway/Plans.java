package dev.parley.server.gateway;

import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.RoundId;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import java.time.Instant;
import java.util.List;

/** Plans for tests that need one. */
final class Plans {
    private static final ContentHash ANY = ContentHash.of(new byte[0]);

    private static final ContentHash ROSTER = ContentHash.of(new byte[] {9});

    private Plans() {}

    static RoundPlan plan(int round, int attempt) {
        return new RoundPlan(
                new FederationName(RecordingFederation.NAME),
                new RoundId(round, attempt),
                new Task.Train(round, 10),
                ANY,
                ANY,
                ANY,
                ANY,
                List.of(new SiteName("north"), new SiteName("south")),
                ROSTER,
                new ClipNorm(2.5),
                5000,
                0.01,
                new UpdateNoise.None(),
                new UpdateMasking(new RingModulus(20), new SecureSumTerms(2, 1, 0)),
                true,
                -7,
                Instant.parse("2026-11-24T12:00:00Z"));
    }
}
