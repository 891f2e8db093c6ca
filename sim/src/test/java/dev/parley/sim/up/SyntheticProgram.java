package dev.parley.sim.up;

import dev.parley.agent.AgentMain;
import dev.parley.rounds.CohortRule;
import dev.parley.server.CoordinatorMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The main class of processes in tests: the real programs, over records that are drawn rather than read; and {@code up},
 * which starts them.
 */
public final class SyntheticProgram {
    private SyntheticProgram() {}

    public static void main(String[] arguments) {
        if (!arguments[0].equals("up")) {
            ParentWatch.begin();
        }
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        System.exit(
                switch (arguments[0]) {
                    case "coordinator" -> CoordinatorMain.execute(rest);
                    case "agent" -> AgentMain.execute(SyntheticSite::read, rest);
                    case "up" -> up(Path.of(rest[0]));
                    default -> throw new IllegalArgumentException(arguments[0]);
                });
    }

    /** A federation that takes longer than any test waits. */
    private static int up(Path root) {
        try {
            new UpRun(
                            new RunFolder(root.resolve("run")),
                            SyntheticSite.preparation(root, SyntheticSite.spec(10_000, CohortRule.everyOneOf(3))),
                            JavaProgram.likeThis(SyntheticProgram.class),
                            new Screen(System.out, false))
                    .run();
            return 0;
        } catch (UpException | IOException | InterruptedException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }
}
