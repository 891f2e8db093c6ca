package dev.parley.agent.identity;

import dev.parley.agent.storage.PrivateFiles;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The file of a site's signing key for secure aggregation, made when it is first needed and never replaced. */
public final class SumIdentityFile {
    /** Signed to see whether the halves of the key belong together; means nothing. */
    private static final byte[] PROBE = "parley-agent/probe of a key file\0".getBytes(StandardCharsets.US_ASCII);

    private final Path file;

    public SumIdentityFile(Path file) {
        this.file = file;
    }

    /**
     * The key.
     *
     * @throws IOException if the file is damaged or readable by others. It is not replaced: peers know the site by this key
     */
    public SiteIdentityKey readOrCreate(SecureRandom random) throws IOException {
        Optional<SiteIdentityKey> known = read();
        if (known.isEmpty()) {
            SiteIdentityKey fresh = SiteIdentityKey.generate(random);
            byte[] exported = fresh.export(SecretAccess.token());
            PrivateFiles.write(file, exported);
            Arrays.fill(exported, (byte) 0);
            return fresh;
        }
        return known.get();
    }

    /**
     * The key; empty where none was made yet.
     *
     * @throws IOException if the file is damaged or readable by others
     */
    public Optional<SiteIdentityKey> read() throws IOException {
        if (PrivateFiles.isMissing(file)) {
            return Optional.empty();
        }
        PrivateFiles.requirePrivate(file);
        byte[] exported = Files.readAllBytes(file);
        try {
            SiteIdentityKey key = SiteIdentityKey.read(exported, SecretAccess.token());
            if (key.identity().verifies(PROBE, key.sign(PROBE))) {
                return Optional.of(key);
            }
        } catch (IllegalArgumentException e) {
            throw damaged(e);
        } finally {
            Arrays.fill(exported, (byte) 0);
        }
        throw damaged(null);
    }

    private IOException damaged(@Nullable Exception cause) {
        return new IOException(
                file + " is damaged; restore it from a backup, or remove it and tell the other sites' owners the new "
                        + "fingerprint",
                cause);
    }
}
