package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.Safetensors.MalformedSafetensorsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SafetensorsTest {
    @Property(tries = 200, seed = "20261124")
    void whatIsWrittenIsReadBack(@ForAll long seed, @ForAll @IntRange(min = 0, max = 12) int blocks) {
        ParameterVector vector = randomVector(new Random(seed), blocks);

        byte[] file = Safetensors.write(vector, Map.of("made-by", "a \"test\"\n\u00e9"));

        assertEquals(vector, Safetensors.read(file));
    }

    @Property(tries = 100, seed = "20261124")
    void equalVectorsGiveEqualBytes(@ForAll long seed) {
        byte[] first = Safetensors.write(randomVector(new Random(seed), 5), Map.of("b", "2", "a", "1"));
        byte[] second = Safetensors.write(randomVector(new Random(seed), 5), Map.of("a", "1", "b", "2"));

        assertArrayEquals(first, second);
    }

    /** Byte for byte what the format's reference implementation writes for this tensor, apart from its choice of padding. */
    @Test
    void theFileHasTheFormatsLayout() {
        ParameterVector vector =
                ParameterVector.of(ParameterLayout.of(List.of(Block.of("w", 1, 2))), new float[] {1, -2});

        byte[] file = Safetensors.write(vector, Map.of());

        String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";
        int padded = (header.length() + 7) / 8 * 8;
        String text = header + " ".repeat(padded - header.length());
        String expected = HexFormat.of().toHexDigits((byte) padded)
                + "00000000000000"
                + HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII))
                + "0000803f"
                + "000000c0";
        assertEquals(expected, HexFormat.of().formatHex(file));
    }

    @Test
    void blocksMayLieInAnyOrderInTheFile() {
        byte[] file = file("{" + block("a", "[1]", 4, 8) + "," + block("b", "[1]", 0, 4) + "}", floats(1, 2));

        ParameterVector read = Safetensors.read(file);

        assertEquals(2, read.block("a")[0]);
        assertEquals(1, read.block("b")[0]);
    }

    @TestFactory
    Stream<DynamicTest> malformedFilesAreRefusedByName() {
        String one = block("w", "[1]", 0, 4);
        return Stream.of(
                malformed("empty", new byte[0], "it has 0 bytes, the header length alone takes 8"),
                malformed("cut in the length", new byte[7], "it has 7 bytes, the header length alone takes 8"),
                malformed("cut in the header", cut(file("{" + one + "}", floats(1)), 20), "the header claims"),
                malformed(
                        "cut in the data", cut(file("{" + one + "}", floats(1)), 3), "take 4 bytes, the file holds 1"),
                malformed("no data", file("{" + one + "}", new byte[0]), "take 4 bytes, the file holds 0"),
                malformed("trailing bytes", file("{" + one + "}", new byte[5]), "take 4 bytes, the file holds 5"),
                malformed(
                        "header too long", claiming((4 << 20) + 1, (4 << 20) + 64), "the header claims 4194305 bytes"),
                malformed(
                        "header beyond the file", claiming(1000, 100), "the header claims 1000 bytes of a file of 100"),
                malformed("header of negative length", claiming(-1, 100), "the header claims -1 bytes"),
                malformed("header of length 0", claiming(0, 100), "the header claims 0 bytes"),
                malformed(
                        "overlap at one byte",
                        file("{" + one + "," + block("v", "[1]", 0, 4) + "}", floats(1)),
                        "block v overlaps another at byte 0"),
                malformed(
                        "overlap in part",
                        file("{" + block("w", "[2]", 0, 8) + "," + block("v", "[1]", 4, 8) + "}", floats(1, 2)),
                        "block v begins at byte 4, expected 8: blocks may neither overlap nor leave gaps"),
                malformed(
                        "gap",
                        file("{" + one + "," + block("v", "[1]", 8, 12) + "}", floats(1, 2, 3)),
                        "block v begins at byte 8, expected 4: blocks may neither overlap nor leave gaps"),
                malformed(
                        "gap before the first",
                        file("{" + block("w", "[1]", 4, 8) + "}", floats(1, 2)),
                        "block w begins at byte 4, expected 0"),
                malformed(
                        "size overflow in the shape",
                        file("{" + block("w", "[4294967296,4294967296]", 0, 0) + "}", new byte[0]),
                        "has more than 2^31-1 values"),
                malformed(
                        "size overflow past an int",
                        file("{" + block("w", "[2147483648]", 0, 8589934592L) + "}", new byte[0]),
                        "has more than 2^31-1 values"),
                malformed(
                        "many blocks that together overflow",
                        file(
                                "{" + block("v", "[2147483647]", 0, 8589934588L) + ","
                                        + block("w", "[2147483647]", 8589934588L, 17179869176L) + "}",
                                floats(1)),
                        "take 17179869176 bytes, the file holds 4"),
                malformed(
                        "offsets beyond a long",
                        file(
                                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,92233720368547758080]}}",
                                floats(1)),
                        "data_offsets holds 92233720368547758080, expected an integer"),
                malformed(
                        "negative offset",
                        file("{" + block("w", "[1]", -4, 0) + "}", floats(1)),
                        "takes 4 bytes, data_offsets are [-4, 0]"),
                malformed(
                        "end before begin",
                        file("{" + block("w", "[1]", 4, 0) + "}", floats(1)),
                        "takes 4 bytes, data_offsets are [4, 0]"),
                malformed(
                        "offsets and shape disagree",
                        file("{" + block("w", "[2]", 0, 4) + "}", floats(1)),
                        "block w of shape [2] takes 8 bytes, data_offsets are [0, 4]"),
                malformed("empty dimension", file("{" + block("w", "[0]", 0, 0) + "}", new byte[0]), "at least 1"),
                malformed("fraction in the shape", file("{" + block("w", "[1.5]", 0, 4) + "}", floats(1)), "1.5"),
                malformed(
                        "nine dimensions",
                        file("{" + block("w", "[1,1,1,1,1,1,1,1,1]", 0, 4) + "}", floats(1)),
                        "at most 8 dimensions"),
                malformed(
                        "duplicate key",
                        file("{" + one + "," + one + "}", floats(1)),
                        "the header is not JSON: Duplicate field 'w'"),
                malformed(
                        "wrong dtype",
                        file("{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", new byte[8]),
                        "block w has dtype \"F64\", only F32 is read"),
                malformed("no dtype", file("{\"w\":{\"shape\":[1],\"data_offsets\":[0,4]}}", floats(1)), "has dtype"),
                malformed(
                        "no shape",
                        file("{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", floats(1)),
                        "needs shape [..] and data_offsets [begin, end]"),
                malformed(
                        "three offsets",
                        file("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", floats(1)),
                        "needs shape [..] and data_offsets [begin, end]"),
                malformed(
                        "a name with a path in it", file("{" + block("../w", "[1]", 0, 4) + "}", floats(1)), "'../w'"),
                malformed("not JSON", file("{\"w\":", floats(1)), "the header is not JSON"),
                malformed("an array", file("[]", new byte[0]), "the header does not begin with '{'"),
                malformed("spaces first", file(" {}", new byte[0]), "the header does not begin with '{'"),
                malformed("two values", file("{}{}", new byte[0]), "the header is not JSON"),
                malformed("not UTF-8", notUtf8(), "the header is not UTF-8"),
                malformed(
                        "metadata that is no text",
                        file("{\"__metadata__\":{\"a\":1}}", new byte[0]),
                        "__metadata__ is not an object of texts"),
                malformed(
                        "nested too deep",
                        file("{\"w\":" + "[".repeat(50) + "]".repeat(50) + "}", floats(1)),
                        "depth"));
    }

    @Property(tries = 3000, seed = "20261124")
    void damagedFilesGiveAVectorOrTheOneException(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int flips, @ForAll boolean inHeader) {
        Random random = new Random(seed);
        byte[] file = Safetensors.write(randomVector(random, 3), Map.of("k", "v"));
        int headerEnd =
                8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        for (int i = 0; i < flips; i++) {
            int at = random.nextInt(inHeader ? headerEnd : file.length);
            file[at] = random.nextBoolean() ? (byte) (file[at] ^ 1 << random.nextInt(8)) : (byte) random.nextInt(128);
        }
        byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(file, random.nextInt(file.length + 8)) : file;

        try {
            ParameterVector read = Safetensors.read(damaged);
            // What is read is a whole vector: it can be written, and is the same when read again.
            assertEquals(read, Safetensors.read(Safetensors.write(read, Map.of())));
        } catch (MalformedSafetensorsException expected) {
            assertTrue(expected.getMessage().startsWith("not a valid safetensors file: "), expected.getMessage());
        }
    }

    private static DynamicTest malformed(String name, byte[] file, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            MalformedSafetensorsException refused =
                    assertThrows(MalformedSafetensorsException.class, () -> Safetensors.read(file));
            assertTrue(refused.getMessage().contains(message), refused.getMessage());
        });
    }

    private static String block(String name, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + "," + end
                + "]}";
    }

    private static byte[] file(String header, byte[] data) {
        return file(header.getBytes(StandardCharsets.UTF_8), data);
    }

    private static byte[] file(byte[] header, byte[] data) {
        return ByteBuffer.allocate(8 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(data)
                .array();
    }

    private static byte[] notUtf8() {
        byte[] header = "{\"__metadata__\":{\"a\":\"?\"}}".getBytes(StandardCharsets.US_ASCII);
        header[22] = (byte) 0xFF;
        return file(header, new byte[0]);
    }

    private static byte[] claiming(long headerLength, int size) {
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerLength)
                .array();
    }

    private static byte[] cut(byte[] file, int bytes) {
        return Arrays.copyOf(file, file.length - bytes);
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static ParameterVector randomVector(Random random, int blocks) {
        List<Block> shapes = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            long[] shape = random.longs(random.nextInt(4), 1, 5).toArray();
            shapes.add(Block.of("block" + i + (random.nextBoolean() ? ".weight" : ".bias"), shape));
        }
        ParameterLayout layout = ParameterLayout.of(shapes);
        float[] values = new float[layout.size()];
        for (int i = 0; i < values.length; i++) {
            // Every bit pattern, NaN and infinities too: a file must not change them.
            values[i] = Float.intBitsToFloat(random.nextInt());
        }
        return ParameterVector.of(layout, values);
    }
}
