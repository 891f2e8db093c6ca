package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.TiledNodes;
import java.io.IOException;

/** A log as bytes that nobody vouches for. What is not there is a {@link java.nio.file.NoSuchFileException}. */
public interface LogSource extends TiledNodes.Tiles {
    /** The note that says what counts. */
    byte[] checkpoint() throws IOException;

    /** The log's public key as it lies with the log, written out. */
    String key() throws IOException;
}
