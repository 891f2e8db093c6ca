package dev.parley.sim.cli;

import dev.parley.sim.up.ParentWatch;

/** Main class of the processes that {@code parley up} starts: the deployed programs, ending when their parent does. */
public final class ChildMain {
    private ChildMain() {}

    public static void main(String[] arguments) {
        ParentWatch.begin();
        System.exit(ParleyMain.execute(arguments));
    }
}
