package dev.parley.sim.up;

import dev.parley.agent.AgentMain;
import dev.parley.server.CoordinatorMain;
import java.util.Arrays;

/** The main class of child processes in tests: the real programs, over records that are drawn rather than read. */
public final class SyntheticProgram {
    private SyntheticProgram() {}

    public static void main(String[] arguments) {
        ParentWatch.begin();
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        System.exit(
                arguments[0].equals("coordinator")
                        ? CoordinatorMain.execute(rest)
                        : AgentMain.execute(SyntheticSite::read, rest));
    }
}
