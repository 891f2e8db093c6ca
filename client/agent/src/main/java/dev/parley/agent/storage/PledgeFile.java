package dev.parley.agent.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parley.privacy.secagg.SitePledges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A site's pledges in one file, replaced as a whole and forced to disk before anything is said that relies on it. */
public final class PledgeFile implements PledgeBook {
    /** Strict: what is not exactly a whole record of pledges is damage. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private SitePledges kept;

    private PledgeFile(Path file, SitePledges kept) {
        this.file = file;
        this.kept = kept;
    }

    /**
     * Opens the file, or begins without pledges where there is none.
     *
     * @throws IOException if it cannot be read or is damaged. A site must not go on without its pledges, so this is not
     *     mended by itself
     */
    public static PledgeFile open(Path file) throws IOException {
        if (PrivateFiles.isMissing(file)) {
            return new PledgeFile(file, SitePledges.none());
        }
        PrivateFiles.requirePrivate(file);
        try {
            SitePledges read = JSON.readValue(Files.readAllBytes(file), SitePledges.class);
            if (read != null) {
                return new PledgeFile(file, read);
            }
        } catch (JsonProcessingException e) {
            throw damaged(file, e);
        }
        throw damaged(file, null);
    }

    private static IOException damaged(Path file, @Nullable Exception cause) {
        return new IOException(
                file
                        + " is damaged. It says which sums this site has helped to open; enrol the site anew under another "
                        + "name. An old copy of the file does not help: it has forgotten what came after it",
                cause);
    }

    @Override
    public synchronized SitePledges pledges() {
        return kept;
    }

    @Override
    public synchronized void keep(SitePledges pledges) throws IOException {
        if (!pledges.equals(kept)) {
            PrivateFiles.write(file, JSON.writeValueAsBytes(pledges));
            kept = pledges;
        }
    }
}
