package dev.parley.sim.up;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A process that this one started, and will not leave behind. */
final class ChildProcess {
    private final String name;
    private final Process process;
    private final Path log;

    private ChildProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** @param program {@code coordinator} or {@code agent} */
    static ChildProcess start(String name, JavaProgram java, String program, List<String> arguments, Path log)
            throws IOException {
        List<String> all = new ArrayList<>();
        all.add(program);
        all.addAll(arguments);
        // Standard input stays a pipe that nobody writes to: its end tells the child that this process has ended.
        return new ChildProcess(name, java.builder(all, log).start(), log);
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** How it ended; empty while it runs. */
    OptionalInt exitCode() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    /** Whether it ended within {@code limit}. */
    boolean await(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** SIGTERM: it ends in order. */
    void askToStop() {
        process.destroy();
    }

    /** SIGKILL, if it is still there. */
    void kill() {
        process.destroyForcibly();
    }
}
