package dev.parley.sim.up;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a coordinator writes when it listens.
 *
 * @param console where its console is: the one-time link that makes the first account, if there is none yet
 */
record CoordinatorReady(int port, ContentHash authority, Optional<String> console) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Empty while there is no whole file yet. */
    static Optional<CoordinatorReady> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(file.toFile());
            return Optional.of(new CoordinatorReady(
                    node.path("port").asInt(),
                    new ContentHash(node.path("authority").asText()),
                    Optional.ofNullable(node.path("console-setup")
                            .asText(node.path("console").asText(null)))));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException("the coordinator's " + file.getFileName() + " cannot be understood", e);
        }
    }
}
