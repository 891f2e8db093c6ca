package dev.parley.sim.up;

import dev.parley.rounds.SiteName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a person sees of a run, as lines of text. Pure: the same state, the same lines. */
final class LiveTable {
    private static final double BYTES_PER_MEGABYTE = 1e6;
    private static final double MILLIS_PER_SECOND = 1e3;

    private LiveTable() {}

    /**
     * The whole picture, for a terminal that is drawn over.
     *
     * @param alive whether each site's process runs
     */
    static List<String> lines(LiveStatus status, Map<SiteName, Boolean> alive) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s, round %d of %d%s; %.1f MB up, %.1f MB down",
                status.phase(),
                status.round() + 1,
                status.rounds(),
                status.attempt() > 0 ? ", attempt " + (status.attempt() + 1) : "",
                status.upBytes() / BYTES_PER_MEGABYTE,
                status.downBytes() / BYTES_PER_MEGABYTE));
        lines.add(String.format(Locale.ROOT, "  %-20s %-10s %-11s %s", "site", "process", "state", "step"));
        alive.forEach((site, runs) -> lines.add(site(status, site, runs)));
        return List.copyOf(lines);
    }

    private static String site(LiveStatus status, SiteName site, boolean runs) {
        for (LiveStatus.Site known : status.sites()) {
            if (known.name().equals(site.value())) {
                return String.format(
                        Locale.ROOT,
                        "  %-20s %-10s %-11s %s",
                        site,
                        runs ? "running" : "ended",
                        known.attached() ? known.state() : "not here",
                        known.steps() > 0 ? known.step() + "/" + known.steps() : "");
            }
        }
        return String.format(Locale.ROOT, "  %-20s %-10s %-11s", site, runs ? "running" : "ended", "not here");
    }

    /** One round that has ended. */
    static String round(LiveStatus.Round round) {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "  round %d (%s): %s, %d sites, %.1f s",
                round.round() + 1,
                round.task(),
                round.outcome(),
                round.contributions(),
                round.millis() / MILLIS_PER_SECOND));
        round.pooled().ifPresent(pooled -> {
            pooled.auroc().ifPresent(auroc -> line.append(String.format(Locale.ROOT, ", AUROC %.3f", auroc)));
            line.append(String.format(
                    Locale.ROOT, ", accuracy %.3f on %d held-out records", pooled.accuracy(), pooled.n()));
        });
        return line.toString();
    }
}
