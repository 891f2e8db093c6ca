package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxRecordsTest {
    private static final String MANIFEST = """
            format: parley-dataset-1
            classes: [zero, one, two]
            records: {idx: {images: '*images-idx3-ubyte*', labels: '*labels-idx1-ubyte*'}}
            consent: {purposes: [research]}
            modalities:
              image: {type: image, channels: 1, size: 4}
            """;

    @TempDir
    private Path folder;

    private static byte[] images(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + count * 16)
                .putInt(2051)
                .putInt(count)
                .putInt(4)
                .putInt(4);
        while (bytes.hasRemaining()) {
            bytes.put((byte) bytes.position());
        }
        return bytes.array();
    }

    private static byte[] labels(int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length).putInt(2049).putInt(labels.length);
        for (int label : labels) {
            bytes.put((byte) label);
        }
        return bytes.array();
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    private LoadedDataset load(byte[] images, byte[] labels) throws Exception {
        Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), images);
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), labels);
        return DatasetManifest.parse("mnist.yaml", MANIFEST, folder).load(Strictness.QUARANTINE);
    }

    private void refused(byte[] images, byte[] labels, String message) {
        DatasetException refused = assertThrows(DatasetException.class, () -> load(images, labels));
        assertTrue(String.valueOf(refused.getMessage()).contains(message), refused.getMessage());
    }

    @Test
    void readsPackedAndPlainFiles() throws Exception {
        LoadedDataset loaded = load(packed(images(3)), labels(2, 0, 1));

        assertEquals(3, loaded.dataset().records().size());
        SiteRecord second = loaded.dataset().records().get(1);
        assertEquals("pool", second.siteId());
        assertEquals(0, second.label());
        float[] expected = new float[16];
        for (int i = 0; i < 16; i++) {
            expected[i] = (16 + 16 + i) / 255f;
        }
        assertArrayEquals(expected, ((ModalityValue.Image) second.values().get("image")).pixels());
        assertEquals("t10k-images-idx3-ubyte.gz row 2", second.provenance().source());
    }

    @Test
    void anUnknownLabelIsQuarantined() throws Exception {
        Quarantine quarantine = load(images(3), labels(2, 255, 1)).quarantine();

        assertEquals(Map.of("unknown-label", 1), quarantine.byRule());
        assertEquals(
                "t10k-labels-idx1-ubyte row 2: expected a label from 0 to 2, got 255 [unknown-label]",
                quarantine.firstReasons().getFirst());
    }

    @Test
    void headersAndSizesAreChecked() throws Exception {
        byte[] images = images(3);
        byte[] labels = labels(0, 1, 2);

        refused(
                images,
                images,
                "expected an IDX file of unsigned bytes with 1 dimensions (magic number 2049), got magic number 2051");
        refused(images, labels(0, 1), "expected a label for each image");
        refused(Arrays.copyOf(images, images.length - 1), labels, "got fewer; is it complete?");
        refused(Arrays.copyOf(images, images.length + 1), labels, "got more bytes");
        refused(images, Arrays.copyOf(labels, labels.length + 1), "got more bytes");
        refused(Arrays.copyOf(images, 9), labels, "expected a header of 16 bytes");
        byte[] gzip = packed(images);
        refused(Arrays.copyOf(gzip, gzip.length - 12), labels, "expected whole gzip data");
        byte[] huge = images.clone();
        ByteBuffer.wrap(huge).putInt(4, Integer.MAX_VALUE);
        refused(huge, labels, "expected positive dimensions of at most 1073741824 bytes in all, got");
        byte[] negative = images.clone();
        ByteBuffer.wrap(negative).putInt(8, -4);
        refused(negative, labels, "got -4 as dimension 2");
    }

    @Test
    void exactlyOneFileMatches() throws Exception {
        Files.write(folder.resolve("train-images-idx3-ubyte"), images(1));

        refused(images(1), labels(1), "expected exactly one file that matches '*images-idx3-ubyte*', got 2");
    }

    @Test
    void manifestsOfOtherFormsAreRefused() {
        for (String[] change : new String[][] {
            {"type: image", "type: text", "modalities: expected exactly one modality, of type image"},
            {"{purposes: [research]}", "{column: consent}", "consent: expected {purposes: [research]}, as IDX files"},
            {"'*images-idx3-ubyte*'", "'../images'", "records.idx.images = ../images: expected the name of a file"},
            {"channels: 1", "channels: 1, file: x", "modalities.image.file: unknown key"}
        }) {
            DatasetException refused = assertThrows(
                    DatasetException.class,
                    () -> DatasetManifest.parse("mnist.yaml", MANIFEST.replace(change[0], change[1]), folder));
            assertTrue(String.valueOf(refused.getMessage()).contains(change[2]), refused.getMessage());
        }
    }
}
