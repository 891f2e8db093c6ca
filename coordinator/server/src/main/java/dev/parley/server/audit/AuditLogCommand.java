package dev.parley.server.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.privacy.transparency.event.VersionStory;
import dev.parley.privacy.transparency.verifier.AuditVerifierMain;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.registry.BlobFolder;
import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code parley audit}: show, export and verify what is in an audit log. */
@Command(
        name = "parley audit",
        description = "The audit log: show its entries, export one version's story, verify either offline.",
        subcommands = {AuditLogCommand.Show.class, AuditLogCommand.Export.class},
        synopsisSubcommandLabel = "(verify | show | export)",
        footer = "verify PATH --key KEY: see parley audit verify --help",
        mixinStandardHelpOptions = true)
public final class AuditLogCommand {
    private static final int DONE = 0;
    private static final int INPUT = 2;

    private AuditLogCommand() {}

    /** Runs one command; the answer is the exit code. */
    public static int execute(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("verify")) {
            return AuditVerifierMain.execute(
                    System.out, System.err, Arrays.copyOfRange(arguments, 1, arguments.length));
        }
        CommandLine line = new CommandLine(new AuditLogCommand());
        line.setExecutionExceptionHandler((failure, command, parsed) -> switch (failure) {
            case NoSuchFileException missing ->
                say("there is no " + missing.getMessage() + "; give the data folder of a coordinator");
            case IOException unreadable -> say(String.valueOf(unreadable.getMessage()));
            case IllegalArgumentException wrong -> say(String.valueOf(wrong.getMessage()));
            default -> throw failure;
        });
        line.setParameterExceptionHandler((failure, parsed) -> say(failure.getMessage() + "; see parley audit --help"));
        return line.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private static int say(String message) {
        System.err.println("parley audit: " + message.replaceAll("\\s*\\R\\s*", " "));
        return INPUT;
    }

    @Command(
            name = "show",
            description = "Prints the log's key, its checkpoint and its entries. Verifies nothing.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "DATA", description = "A coordinator's data folder.")
        private Path data = Path.of("");

        @Option(names = "--from", defaultValue = "0", description = "First entry (${DEFAULT-VALUE}).")
        private long from;

        @Option(names = "--most", defaultValue = "1000", description = "Entries at most (${DEFAULT-VALUE}).")
        private long most;

        @Option(names = "--json", description = "One object on standard output and nothing else there.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            LogReader log = LogReader.open(data.resolve("audit"));
            List<LogReader.Placed> entries = log.entries(Math.max(0, from), Math.max(0, most));
            if (json) {
                ObjectMapper mapper = new ObjectMapper();
                ObjectNode shown = mapper.createObjectNode();
                shown.put("key", log.key().toString());
                shown.put("checkpoint", log.note().toString());
                ArrayNode list = shown.putArray("entries");
                for (LogReader.Placed placed : entries) {
                    ObjectNode entry = list.addObject();
                    entry.put("index", placed.index());
                    entry.set("entry", mapper.readTree(placed.bytes()));
                }
                System.out.println(shown);
            } else {
                System.out.println("key " + log.key());
                System.out.println(log.note());
                entries.forEach(placed ->
                        System.out.println(placed.index() + " " + new String(placed.bytes(), StandardCharsets.UTF_8)));
            }
            return DONE;
        }
    }

    @Command(
            name = "export",
            description = {
                "Writes one version's story into a file: its manifest, the entries about it, their proofs, and the checkpoint with",
                "its cosignatures. Whoever has the log's key verifies it without the log."
            },
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "DATA", description = "A coordinator's data folder.")
        private Path data = Path.of("");

        @Parameters(
                index = "1",
                paramLabel = "VERSION",
                description = "SHA-256 of its weights, as status and log name it.")
        private String version = "";

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where to.")
        private Path out = Path.of("");

        @Override
        public Integer call() throws IOException {
            ContentHash hash = new ContentHash(version);
            LogReader log = LogReader.open(data.resolve("audit"));
            Optional<VersionStory> story = log.story(hash, new BlobFolder(data.resolve("blobs")));
            if (story.isEmpty()) {
                throw new IllegalArgumentException(
                        "the log has no release of version " + hash + "; see parley audit show " + data);
            }
            DurableFiles.write(out, story.get().toBytes());
            System.out.println("wrote " + story.get().entries().size() + " entries with proofs to " + out
                    + "; verify it with: parley audit verify " + out + " --key " + log.key());
            return DONE;
        }
    }
}
