package dev.parley.sim.up;

import dev.parley.rounds.SiteName;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Shows a run: one table that is drawn over on a terminal, else a line for each round that has ended. */
final class Screen {
    private static final String UP_AND_CLEAR = "\u001b[%dA\u001b[J";

    private final PrintStream out;
    private final boolean terminal;
    private final Set<SiteName> mourned = new HashSet<>();
    private int drawn;
    private int roundsShown;

    Screen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** A line that stays. */
    void say(String line) {
        erase();
        out.println(line);
        out.flush();
    }

    void show(LiveStatus status, ProcessFederation federation) {
        Map<SiteName, Boolean> alive = new TreeMap<>();
        federation.agents().forEach((site, process) -> alive.put(site, process.isAlive()));
        for (LiveStatus.Round round : status.history()
                .subList(
                        Math.min(roundsShown, status.history().size()),
                        status.history().size())) {
            say(LiveTable.round(round));
        }
        roundsShown = status.history().size();
        if (status.outcome().isEmpty()) {
            alive.forEach((site, runs) -> {
                if (!runs && mourned.add(site)) {
                    say("the agent of " + site + " has ended; start it again with: " + federation.restartCommand(site));
                }
            });
        }
        if (terminal) {
            erase();
            List<String> lines = LiveTable.lines(status, alive);
            lines.forEach(out::println);
            out.flush();
            drawn = lines.size();
        }
    }

    private void erase() {
        if (drawn > 0) {
            out.printf(UP_AND_CLEAR, drawn);
            drawn = 0;
        }
    }
}
