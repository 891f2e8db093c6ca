package dev.parley.sim.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parley.rounds.SiteName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LiveTableTest {
    @Test
    void showsEverySiteAlsoOneThatHasDied() {
        LiveStatus status = new LiveStatus(
                "collecting",
                1,
                0,
                4,
                "",
                List.of(
                        new LiveStatus.Site("east", true, "training", 3, 12),
                        new LiveStatus.Site("north", false, "training", 0, 0)),
                List.of(),
                Optional.empty(),
                1_900_000,
                3_800_000);

        List<String> lines = LiveTable.lines(
                status,
                new TreeMap<>(
                        Map.of(new SiteName("east"), true, new SiteName("north"), false, new SiteName("west"), true)));

        assertEquals(
                List.of(
                        "collecting, round 2 of 4; 1.9 MB up, 3.8 MB down",
                        "  site                 process    state       step",
                        "  east                 running    training    3/12",
                        "  north                ended      not here",
                        "  west                 running    not here"),
                lines.stream().map(String::stripTrailing).toList());
    }

    @Test
    void showsPooledMetricsOfARoundThatHasThem() {
        assertEquals(
                "  round 2 (train): released, 3 sites, 2.5 s, AUROC 0.812, accuracy 0.750 on 120 held-out records",
                LiveTable.round(new LiveStatus.Round(
                        1,
                        "train",
                        "released",
                        3,
                        3,
                        2500,
                        Optional.of(new LiveStatus.Pooled(120, OptionalDouble.of(0.8123), 0.75, 0.7, 0.1, 0.2)))));
        assertEquals(
                "  round 1 (statistics): abandoned: too few, 1 sites, 0.3 s",
                LiveTable.round(
                        new LiveStatus.Round(0, "statistics", "abandoned: too few", 1, 0, 300, Optional.empty())));
    }
}
