package dev.parley.agent.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.secagg.SitePledges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A site's pledges in one file, replaced as a whole and forced to disk before anything is said that relies on it. */
public final class PledgeFile implements PledgeBook {
    private static final ObjectMapper JSON = new ObjectMapper();

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
        if (!Files.exists(file)) {
            return new PledgeFile(file, SitePledges.none());
        }
        PrivateFiles.requirePrivate(file);
        try {
            return new PledgeFile(file, JSON.readValue(Files.readAllBytes(file), SitePledges.class));
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file
                            + " is damaged. It says which sums this site has helped to open; restore it from a backup, or, "
                            + "if that is lost, enrol the site anew under another name",
                    e);
        }
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
