package dev.parley.privacy.update;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes parameter vectors in the safetensors format (8-byte little-endian header length, JSON header, raw
 * values), float32 only. The writer is deterministic: equal vectors give equal bytes, so a file's SHA-256 names it.
 *
 * <p>The reader trusts nothing: sizes are multiplied exactly, blocks may not overlap or leave gaps, the header is
 * bounded, and no byte may trail the last block.
 */
public final class Safetensors {
    /** A header this large describes tens of thousands of blocks; more is an attack or a mistake. */
    private static final int MAX_HEADER_BYTES = 4 << 20;

    private static final String METADATA = "__metadata__";

    private static final ObjectMapper JSON = new ObjectMapper(new JsonFactoryBuilder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Safetensors() {}

    /**
     * @param metadata written under {@code __metadata__}, sorted by key
     */
    public static byte[] write(ParameterVector vector, Map<String, String> metadata) {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode meta = header.putObject(METADATA);
            new TreeMap<>(metadata).forEach(meta::put);
        }
        long offset = 0;
        for (Block block : vector.layout().blocks()) {
            ObjectNode entry = header.putObject(block.name());
            entry.put("dtype", "F32");
            var shape = entry.putArray("shape");
            block.shape().forEach(shape::add);
            long end = offset + (long) block.size() * Float.BYTES;
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8; // the format pads the header with spaces to 8 bytes
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(Long.BYTES + padded + offset))
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(padded).put(json);
        while (out.position() < Long.BYTES + padded) {
            out.put((byte) ' ');
        }
        out.asFloatBuffer().put(vector.shared());
        return out.array();
    }

    /** @throws MalformedSafetensorsException if the bytes are not one complete, non-overlapping float32 file */
    public static ParameterVector read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < Long.BYTES) {
            throw malformed("it has " + bytes.length + " bytes, the header length alone takes 8");
        }
        long headerLength = in.getLong();
        if (headerLength < 2 || headerLength > MAX_HEADER_BYTES || headerLength > bytes.length - Long.BYTES) {
            throw malformed("the header claims " + headerLength + " bytes of a file of " + bytes.length);
        }
        int dataStart = Long.BYTES + (int) headerLength;
        List<Block> blocks = new ArrayList<>();
        Map<Long, Block> byStart = new TreeMap<>();
        for (var entry : header(bytes, (int) headerLength).properties()) {
            if (entry.getKey().equals(METADATA)) {
                requireTexts(entry.getValue());
            } else {
                blocks.add(readBlock(entry.getKey(), entry.getValue(), byStart));
            }
        }
        requireContiguous(byStart, bytes.length - dataStart);
        ParameterLayout layout = layout(blocks);
        float[] values = new float[layout.size()];
        byStart.forEach((start, block) -> in.slice(dataStart + Math.toIntExact(start), block.size() * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values, layout.offset(block.name()), block.size()));
        return ParameterVector.adopting(layout, values);
    }

    public static ParameterVector read(Path file) throws IOException {
        return read(Files.readAllBytes(file));
    }

    private static ObjectNode header(byte[] bytes, int length) {
        if (bytes[Long.BYTES] != '{') {
            throw malformed("the header does not begin with '{'");
        }
        try {
            // A decoder of its own reports what is not UTF-8; new String would replace it and go on.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, Long.BYTES, length))
                    .toString();
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw malformed("the header is not a JSON object");
        } catch (CharacterCodingException e) {
            throw malformed("the header is not UTF-8");
        } catch (JacksonException e) {
            throw malformed("the header is not JSON: " + e.getOriginalMessage());
        }
    }

    private static void requireTexts(JsonNode metadata) {
        if (!metadata.isObject() || !metadata.valueStream().allMatch(JsonNode::isTextual)) {
            throw malformed(METADATA + " is not an object of texts");
        }
    }

    private static ParameterLayout layout(List<Block> blocks) {
        try {
            return ParameterLayout.of(blocks);
        } catch (ArithmeticException e) {
            throw malformed("the blocks have more than 2^31-1 values together");
        }
    }

    private static Block readBlock(String name, JsonNode entry, Map<Long, Block> byStart) {
        if (!"F32".equals(entry.path("dtype").asText())) {
            throw malformed("block " + name + " has dtype " + entry.path("dtype") + ", only F32 is read");
        }
        List<Long> shape = new ArrayList<>();
        for (JsonNode dimension : entry.path("shape")) {
            shape.add(integer(name, "shape", dimension));
        }
        JsonNode offsets = entry.path("data_offsets");
        if (!entry.path("shape").isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw malformed("block " + name + " needs shape [..] and data_offsets [begin, end]");
        }
        long begin = integer(name, "data_offsets", offsets.get(0));
        long end = integer(name, "data_offsets", offsets.get(1));
        Block block;
        try {
            block = new Block(name, shape);
        } catch (IllegalArgumentException e) {
            throw malformed(e.getMessage() == null ? "block " + name : e.getMessage());
        }
        if (begin < 0 || end < begin || end - begin != (long) block.size() * Float.BYTES) {
            throw malformed("block " + name + " of shape " + shape + " takes " + (long) block.size() * Float.BYTES
                    + " bytes, data_offsets are [" + begin + ", " + end + "]");
        }
        if (byStart.put(begin, block) != null) {
            throw malformed("block " + name + " overlaps another at byte " + begin);
        }
        return block;
    }

    private static long integer(String name, String field, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw malformed("block " + name + ": " + field + " holds " + value + ", expected an integer");
        }
        return value.longValue();
    }

    private static void requireContiguous(Map<Long, Block> byStart, long dataBytes) {
        long expected = 0;
        for (var entry : byStart.entrySet()) {
            if (entry.getKey() != expected) {
                throw malformed("block " + entry.getValue().name() + " begins at byte " + entry.getKey() + ", expected "
                        + expected + ": blocks may neither overlap nor leave gaps");
            }
            expected += (long) entry.getValue().size() * Float.BYTES;
        }
        if (expected != dataBytes) {
            throw malformed("the blocks take " + expected + " bytes, the file holds " + dataBytes);
        }
    }

    private static MalformedSafetensorsException malformed(String what) {
        return new MalformedSafetensorsException(what);
    }

    /** The bytes are not a safetensors file that this reader accepts; the message says which rule was broken. */
    public static final class MalformedSafetensorsException extends RuntimeException {
        MalformedSafetensorsException(String what) {
            super("not a valid safetensors file: " + what);
        }
    }
}
