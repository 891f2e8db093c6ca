package dev.parley.server.console.view;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A round drawn over time: a bar for each phase, and a row of bars for each site. Lengths are in the picture's own units.
 *
 * @param rows the phases first, then the sites
 */
public record Gantt(int width, int height, List<Row> rows) {
    private static final int LABEL = 130;
    private static final int CHART = 640;
    private static final int ROW = 26;

    /** @param y of its upper edge */
    public record Row(String name, int y, List<Bar> bars) {}

    /** @param kind a class of the style sheet */
    public record Bar(double x, double width, String kind, String meaning) {}

    /** @param now where a running round's bars end */
    public static Gantt of(RoundView round, Instant now) {
        if (round.started() == null) {
            return new Gantt(LABEL + CHART, 0, List.of());
        }
        Instant from = Instant.parse(round.started());
        Instant to = round.ended() == null ? now : Instant.parse(round.ended());
        Axis axis = new Axis(from, Math.max(1, Duration.between(from, to).toMillis()), to);
        List<Row> rows = new ArrayList<>();
        List<Bar> phases = new ArrayList<>();
        for (PhaseView phase : round.phases()) {
            phases.add(axis.bar(phase.started(), phase.ended(), "phase-" + phase.name(), phase.name()));
        }
        rows.add(new Row("phases", 0, phases));
        for (RoundSiteView site : round.sites()) {
            List<Bar> bars = new ArrayList<>();
            String answered = site.accepted() != null ? site.accepted() : site.refused();
            bars.add(axis.bar(site.invited(), answered, "invited", "invited"));
            if (site.accepted() != null) {
                bars.add(axis.bar(site.accepted(), site.submitted(), "training", "training"));
            }
            if (site.submitted() != null) {
                bars.add(axis.bar(site.submitted(), null, "submitted", "update handed in"));
            }
            if (site.refused() != null) {
                bars.add(axis.bar(site.refused(), null, "refused", "refused"));
            }
            rows.add(new Row(site.site(), rows.size() * ROW, bars));
        }
        return new Gantt(LABEL + CHART, rows.size() * ROW, rows);
    }

    private record Axis(Instant from, long millis, Instant end) {
        Bar bar(String started, @Nullable String ended, String kind, String meaning) {
            Instant begin = Instant.parse(started);
            Instant last = ended == null ? end : Instant.parse(ended);
            double x = LABEL + CHART * (double) Duration.between(from, begin).toMillis() / millis;
            long length = Duration.between(begin, last).toMillis();
            double width = Math.max(2, CHART * (double) length / millis);
            return new Bar(
                    Math.round(Math.min(x, LABEL + CHART - 2) * 10) / 10.0,
                    Math.round(Math.min(width, LABEL + CHART - Math.min(x, LABEL + CHART - 2)) * 10) / 10.0,
                    kind,
                    meaning + ", " + length + " ms");
        }
    }
}
