package dev.parley.privacy.secagg;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.StreamSupport;

/** A file of test vectors: read by default, written anew with {@code -Dparley.vectors=write}. */
record VectorFile(String name) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whether vectors are to be written and not compared. */
    static boolean isWriting() {
        return "write".equals(System.getProperty("parley.vectors"));
    }

    Path path() {
        return Path.of("src/test/resources/dev/parley/privacy/secagg/vectors", name);
    }

    JsonNode read() {
        try {
            return JSON.readTree(path().toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(JsonNode vectors) {
        try {
            Files.createDirectories(path().getParent());
            Files.writeString(path(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(vectors) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] bytes(JsonNode hex) {
        return HexFormat.of().parseHex(hex.textValue());
    }

    static byte[] bytes(JsonNode object, String field) {
        return bytes(object.required(field));
    }

    static int[] integers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    static List<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }
}
