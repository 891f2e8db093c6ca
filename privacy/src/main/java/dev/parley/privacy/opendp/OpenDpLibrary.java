package dev.parley.privacy.opendp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Whether this computer has the pinned OpenDP library, and where.
 *
 * <p>It is built once by {@code privacy/native/opendp obtain} and kept in the user's cache with its SHA-256 beside it.
 * A file that does not match is never loaded: it is {@link Missing}.
 */
public sealed interface OpenDpLibrary {
    /** The version whose description the binding was generated from; no other is loaded. */
    String VERSION = "0.15.1";

    /** What installs it, from the repository's root. */
    String COMMAND = "./privacy/native/opendp obtain";

    /** Names another folder that holds {@value #FILE} and {@value #CHECKSUM}: a system property. */
    String FOLDER_PROPERTY = "parley.opendp.folder";

    /** The library's file. */
    String FILE = "libopendp.so";

    /** Beside it: 64 hexadecimal digits, the SHA-256 of the library as it was built. */
    String CHECKSUM = "libopendp.so.sha256";

    /**
     * The library is here and is the one that was built.
     *
     * @param path the shared library
     * @param sha256 its SHA-256, in hexadecimal
     */
    record Present(Path path, String sha256) implements OpenDpLibrary {}

    /**
     * There is none that may be loaded.
     *
     * @param reason what was looked for and not found, and the command that mends it
     */
    record Missing(String reason) implements OpenDpLibrary {}

    /** Looks in the folder of {@value #FOLDER_PROPERTY} if it is set, else in the user's cache. */
    static OpenDpLibrary locate() {
        return locate(Optional.ofNullable(System.getProperty(FOLDER_PROPERTY))
                .map(Path::of)
                .orElseGet(OpenDpLibrary::cache));
    }

    /** Looks in a folder. */
    static OpenDpLibrary locate(Path folder) {
        Path library = folder.resolve(FILE);
        Path checksum = folder.resolve(CHECKSUM);
        if (!Files.isRegularFile(library) || !Files.isRegularFile(checksum)) {
            return new Missing("OpenDP " + VERSION + " is not on this computer: " + folder + " has no " + FILE
                    + " with its " + CHECKSUM + ". Install it with: " + COMMAND);
        }
        try {
            String expected = Files.readString(checksum).strip();
            String got = sha256(library);
            if (!got.equals(expected)) {
                return new Missing(
                        "OpenDP's library " + library + " is not the one that was built: its SHA-256 should be "
                                + expected + " and is " + got + ". Delete the folder and build it again: " + COMMAND);
            }
            return new Present(library, got);
        } catch (IOException e) {
            return new Missing("OpenDP's library " + library + " cannot be read (" + e.getMessage()
                    + "). Delete the folder and build it again: " + COMMAND);
        }
    }

    private static Path cache() {
        String configured = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
        Path caches = configured.isBlank() ? Path.of(home, ".cache") : Path.of(configured);
        return caches.resolve("parley").resolve("opendp").resolve(VERSION);
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException("every Java has SHA-256", e));
        }
    }
}
