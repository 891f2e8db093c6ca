package dev.parley.agent.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a site has seen of the audit log, in one file, replaced as a whole and forced to disk before anything is signed.
 */
public final class WitnessFile implements WitnessBook {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private Kept kept;

    private WitnessFile(Path file, Kept kept) {
        this.file = file;
        this.kept = kept;
    }

    /**
     * Opens the file, or begins with nothing where there is none.
     *
     * @throws IOException if it cannot be read or is damaged. It is not mended by itself: without it a log could
     *     be rolled back
     */
    public static WitnessFile open(Path file) throws IOException {
        if (PrivateFiles.isMissing(file)) {
            return new WitnessFile(file, Kept.nothing());
        }
        PrivateFiles.requirePrivate(file);
        try {
            Kept read = JSON.readValue(Files.readAllBytes(file), Kept.class);
            if (read != null) {
                return new WitnessFile(file, read);
            }
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file
                            + " is damaged. It says what this site has seen of the coordinator's audit log; without it the log could "
                            + "be rolled back unseen. Restore it, or compare the log's checkpoint with another site's and enrol again",
                    e);
        }
        throw new IOException(file + " is empty; restore it from a backup");
    }

    @Override
    public synchronized Kept kept() {
        return kept;
    }

    @Override
    public synchronized void keep(Kept next) throws IOException {
        if (!next.equals(kept)) {
            PrivateFiles.write(file, JSON.writeValueAsBytes(next));
            kept = next;
        }
    }
}
