package dev.parley.server.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code postmaster.pid}, which a PostgreSQL server keeps in its cluster while it runs, and leaves when it is killed. Source: the
 * comment over {@code CreateDataDirLockFile} in PostgreSQL's {@code miscinit.c}: line 1 the process, line 4 the port.
 */
record PostmasterFile(Path cluster, long pid, int port) {
    /** No Linux process has it: the largest is 2^22. */
    private static final long NO_PROCESS = (1L << 22) + 1;

    /** The file of this cluster, if there is one that names a process. */
    static Optional<PostmasterFile> of(Path cluster) throws IOException {
        try {
            List<String> lines = Files.readAllLines(file(cluster), StandardCharsets.UTF_8);
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            long pid = Math.abs(Long.parseLong(lines.getFirst().strip()));
            int port = lines.size() < 4 ? 0 : Integer.parseInt(lines.get(3).strip());
            return Optional.of(new PostmasterFile(cluster, pid, port));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (NumberFormatException e) {
            throw new IOException(file(cluster) + " is none of PostgreSQL's: its first line is no process number", e);
        }
    }

    /**
     * Whether that process is a server of this cluster: not a number that another program was given since, and not one that has
     * ended and that nobody has taken notice of.
     */
    boolean runs() {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().arguments())
                .map(List::of)
                .filter(arguments -> {
                    int data = arguments.indexOf("-D");
                    return data >= 0
                            && data + 1 < arguments.size()
                            && Path.of(arguments.get(data + 1)).equals(cluster);
                })
                .isPresent();
    }

    /**
     * Takes a process that is no server of this cluster out of the file, for PostgreSQL believes any living process to be one. The
     * rest of the file stays: by it a server that starts finds out whether backends of the killed one still run.
     */
    void forgetProcess() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file(cluster), StandardCharsets.UTF_8));
        lines.set(0, Long.toString(NO_PROCESS));
        Files.write(file(cluster), lines, StandardCharsets.UTF_8);
    }

    private static Path file(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }
}
