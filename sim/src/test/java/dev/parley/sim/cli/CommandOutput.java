package dev.parley.sim.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What a command answered, as a person at a terminal sees it. */
record CommandOutput(int exitCode, String out, String error) {
    /** Runs a command in this process, with the standard streams taken. */
    static CommandOutput of(String... arguments) {
        PrintStream out = System.out;
        PrintStream error = System.err;
        var takenOut = new ByteArrayOutputStream();
        var takenError = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(takenOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(takenError, true, StandardCharsets.UTF_8));
            int exitCode = ParleyMain.execute(arguments);
            return new CommandOutput(
                    exitCode, takenOut.toString(StandardCharsets.UTF_8), takenError.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(error);
        }
    }
}
