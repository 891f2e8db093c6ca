package dev.parley.server.audit;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.transparency.SigningSeed;
import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The file of the log's signing key: the log's name on its first line, the Ed25519 seed behind it. Mode 0600. */
record LogKeyFile(Path file) {
    private static final int SEED_BYTES = 32;

    /** The key; empty if none was made yet. */
    Optional<NoteSigner> read() throws IOException {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        permissions.removeAll(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        if (!permissions.isEmpty()) {
            throw new IOException(file + " can be read or written by other users; run: chmod 600 " + file);
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            int seedFrom = bytes.length - SEED_BYTES;
            if (seedFrom < 2 || bytes[seedFrom - 1] != '\n') {
                throw new IllegalArgumentException("it is no name and seed");
            }
            String name = new String(bytes, 0, seedFrom - 1, StandardCharsets.UTF_8);
            SigningSeed seed =
                    SigningSeed.read(Arrays.copyOfRange(bytes, seedFrom, bytes.length), SecretAccess.token());
            return Optional.of(signer(name, seed));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; restore it from a backup", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    void write(String name, SigningSeed seed) throws IOException {
        byte[] secret = seed.export(SecretAccess.token());
        byte[] line = (name + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(line, line.length + secret.length);
        System.arraycopy(secret, 0, bytes, line.length, secret.length);
        DurableFiles.writePrivate(file, bytes);
        Arrays.fill(secret, (byte) 0);
        Arrays.fill(bytes, (byte) 0);
    }

    static NoteSigner signer(String name, SigningSeed seed) {
        return new NoteSigner(new NoteKey(name, NoteKey.Algorithm.ED25519, seed.publicKey()), seed::sign);
    }
}
