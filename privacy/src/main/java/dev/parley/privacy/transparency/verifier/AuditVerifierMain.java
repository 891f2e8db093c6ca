package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.transparency.event.VersionStory;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The verifier's command line. It reads its few options itself, so that the program is one jar. */
public final class AuditVerifierMain {
    /** Everything that was checked holds. */
    public static final int HOLDS = 0;
    /** Something was refuted. */
    public static final int REFUTED = 1;
    /** Wrong usage, or files that cannot be read. */
    public static final int INPUT = 2;

    private static final String USAGE = """
            Usage: audit verify PATH --key KEY [options]
            Verifies a log's folder, or the story of one version that 'audit export' wrote. Needs no network.
              --key KEY        the log's public key (name+id+base64), or a file with it. Without it the key that lies beside
                               the log is taken, and the report says so
              --witness KEY    a witness's key, or a file with it; may be given often
              --need N         how many of them must have cosigned (1 if any is named)
              --since FILE     a checkpoint that was kept from before, such as by a site's agent
              --model FILE     weights that are said to be the story's version
              --json           one JSON object on standard output and nothing else there
            Exit codes: 0 what was checked holds; 1 something was refuted; 2 wrong usage, or a file cannot be read.
            """;

    private static final int MAX_STORY_BYTES = 16 << 20;
    private static final int MAX_KEY_BYTES = 4096;

    private AuditVerifierMain() {}

    public static void main(String[] arguments) {
        System.exit(execute(System.out, System.err, arguments));
    }

    /** What a command line asks for. */
    private record Request(Path path, Trust trust, Optional<Path> model, boolean json) {}

    /** Runs; the answer is the exit code. */
    public static int execute(PrintStream out, PrintStream error, String... arguments) {
        if (arguments.length == 0 || Arrays.asList(arguments).contains("--help")) {
            out.print(USAGE);
            return arguments.length == 0 ? INPUT : HOLDS;
        }
        try {
            Request request = read(arguments);
            Report report = verify(request);
            if (request.json()) {
                out.println(new String(report.toJson().toBytes(), StandardCharsets.UTF_8));
            } else {
                report.findings().forEach(out::println);
                out.println(report.holds() ? "What was checked holds." : "REFUTED: do not rely on it.");
            }
            return report.holds() ? HOLDS : REFUTED;
        } catch (IllegalArgumentException | IOException e) {
            String why =
                    e instanceof IOException ? e.getClass().getSimpleName() + ": " + e.getMessage() : e.getMessage();
            error.println("audit verify: " + String.valueOf(why).replaceAll("\\s*\\R\\s*", " ") + "; see --help");
            return INPUT;
        }
    }

    private static Report verify(Request request) throws IOException {
        if (Files.isDirectory(request.path())) {
            if (request.model().isPresent()) {
                throw new IllegalArgumentException(
                        "--model goes with a version's story, " + request.path() + " is a folder");
            }
            return LogVerification.verify(new LogFiles(request.path()), request.trust());
        }
        if (request.trust().since().isPresent()) {
            throw new IllegalArgumentException("--since goes with a log's folder, " + request.path() + " is a file");
        }
        VersionStory story = VersionStory.parse(LogFiles.read(request.path(), MAX_STORY_BYTES));
        Optional<ContentHash> model = Optional.empty();
        if (request.model().isPresent()) {
            model = Optional.of(hash(request.model().get()));
        }
        return StoryVerification.verify(story, request.trust(), model);
    }

    private static ContentHash hash(Path file) throws IOException {
        MessageDigest digest = ContentHash.newDigest();
        byte[] piece = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
            }
        }
        return ContentHash.ofDigest(digest.digest());
    }

    private static Request read(String[] arguments) throws IOException {
        Optional<Path> path = Optional.empty();
        Optional<NoteKey> log = Optional.empty();
        List<NoteKey> witnesses = new ArrayList<>();
        Optional<Integer> needed = Optional.empty();
        Optional<SignedNote> since = Optional.empty();
        Optional<Path> model = Optional.empty();
        boolean json = false;
        Iterator<String> words = Arrays.asList(arguments).iterator();
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "--json" -> json = true;
                case "--key" -> log = Optional.of(key(word, words, NoteKey.Algorithm.ED25519));
                case "--witness" -> witnesses.add(key(word, words, NoteKey.Algorithm.COSIGNATURE_V1));
                case "--need" -> needed = Optional.of(number(word, value(word, words)));
                case "--since" ->
                    since = Optional.of(
                            SignedNote.parse(LogFiles.read(file(value(word, words)), SignedNote.MAX_BYTES)));
                case "--model" -> model = Optional.of(file(value(word, words)));
                default -> {
                    if (word.startsWith("-") || path.isPresent()) {
                        throw new IllegalArgumentException(
                                "'" + word + "' is no option, and one path is verified at a time");
                    }
                    path = Optional.of(file(word));
                }
            }
        }
        if (path.isEmpty()) {
            throw new IllegalArgumentException("say what to verify: a log's folder or a version's story");
        }
        return new Request(
                path.get(),
                new Trust(log, witnesses, needed.orElse(Math.min(1, witnesses.size())), since),
                model,
                json);
    }

    private static String value(String option, Iterator<String> words) {
        if (!words.hasNext()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return words.next();
    }

    private static Path file(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + name + "' is not a path", e);
        }
    }

    private static int number(String option, String value) {
        if (!value.matches("[0-9]{1,4}")) {
            throw new IllegalArgumentException(option + " needs a number, got '" + value + "'");
        }
        return Integer.parseInt(value);
    }

    /** A key that is written out, or the first line of a file. */
    private static NoteKey key(String option, Iterator<String> words, NoteKey.Algorithm algorithm) throws IOException {
        String written = value(option, words);
        if (written.indexOf('+') < 0) {
            written = new String(LogFiles.read(file(written), MAX_KEY_BYTES), StandardCharsets.UTF_8);
        }
        NoteKey key = NoteKey.parse(written);
        if (key.algorithm() != algorithm) {
            throw new IllegalArgumentException(
                    option + " takes a key for " + algorithm + ", this one is for " + key.algorithm());
        }
        return key;
    }
}
