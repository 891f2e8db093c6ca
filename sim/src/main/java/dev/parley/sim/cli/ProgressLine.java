package dev.parley.sim.cli;

import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.simulation.RunListener;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows how far a run is: a line that stays for each round, and on a terminal one that is drawn over with the share done
 * and the time left.
 */
final class ProgressLine implements RunListener {
    private static final long PACE_NANOS = 250_000_000;
    private static final String CLEAR = "\r\u001b[K";
    /** Before so much is done a guess of the time left is worth nothing. */
    private static final double LEAST_SHARE = 0.02;

    private final PrintStream out;
    private final boolean terminal;
    private String stage = "";
    /** Where the pace is measured from: the compiler makes the first training round several times slower than the rest. */
    private long paceSince = System.nanoTime();

    private long doneBefore;
    private long done;
    private long total = 1;
    private long shownAt;

    ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public synchronized void onStage(String next) {
        stage = next;
        if (next.equals("comparison") || next.equals("scores")) {
            say(next.equals("comparison") ? "training what it is compared with" + left() : "scoring");
        }
    }

    @Override
    public synchronized void onRound(RoundEntry round, int rounds) {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "round %d/%d %-10s %3d sites  %5.1f s",
                round.round(),
                rounds,
                round.task(),
                round.contributors(),
                round.seconds()));
        round.pooled().ifPresent(pooled -> {
            pooled.auroc().ifPresent(auroc -> line.append(String.format(Locale.ROOT, "  AUROC %.3f", auroc)));
            line.append(String.format(Locale.ROOT, "  accuracy %.3f", pooled.accuracy()));
        });
        say(line + left());
        if (doneBefore == 0 && done > 0) {
            paceSince = System.nanoTime();
            doneBefore = done;
        }
    }

    @Override
    public synchronized void onSteps(long stepsDone, long expected) {
        done = Math.max(done, stepsDone);
        total = Math.max(1, expected);
        long now = System.nanoTime();
        if (terminal && now - shownAt > PACE_NANOS) {
            shownAt = now;
            out.print(CLEAR + String.format(Locale.ROOT, "%s %3d%%", stage, 100 * done / total) + left());
            out.flush();
        }
    }

    private String left() {
        long steps = done - doneBefore;
        if ((double) steps / total < LEAST_SHARE || done >= total) {
            return "";
        }
        double spent = (System.nanoTime() - paceSince) / 1e9;
        return "  about " + ParleyMain.seconds(spent / steps * (total - done)) + " left";
    }

    synchronized void say(String line) {
        out.println((terminal ? CLEAR : "") + line);
        out.flush();
    }
}
