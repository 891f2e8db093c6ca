package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files with random bytes changed, removed, repeated or cut off. Whatever happens to them, loading either ends in records or in
 * one line that shows no text of a record. Conditions of not failing: none.
 */
class DamagedFilesTest {
    private static final int TRIES = 150;

    @TempDir
    private Path folder;

    private static byte[] damaged(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        for (int i = random.nextInt(1, 6); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> {
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
                    System.arraycopy(bytes, at, longer, at + longer.length - bytes.length, bytes.length - at);
                    bytes = longer;
                }
                default -> bytes[at] = (byte) "\",\n;:{}[]-0N\t\\\u0000".charAt(random.nextInt(15));
            }
        }
        return bytes;
    }

    private void check(SampleFolder sample, String file, long seed) {
        try {
            LoadedDataset loaded = sample.load();
            for (String reason : loaded.quarantine().firstReasons()) {
                assertFalse(reason.contains(SampleFolder.CANARY), () -> file + ", seed " + seed + ": " + reason);
            }
        } catch (DatasetException e) {
            String message = String.valueOf(e.getMessage());
            assertFalse(message.contains(SampleFolder.CANARY), () -> file + ", seed " + seed + ": " + message);
            assertFalse(message.contains("\n"), () -> file + ", seed " + seed + ": " + message);
        } catch (RuntimeException | Error e) {
            fail(file + ", seed " + seed, e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "records.csv",
                "vitals.csv",
                "shake.csv",
                "motion.i16",
                "heat.f32",
                "images/0.png",
                "images/1.png"
            })
    void endInRecordsOrInOneLine(String file) throws Exception {
        SampleFolder sample = new SampleFolder(folder);
        Files.write(
                sample.path("images/1.png"),
                ImageHarmonisationTest.written(
                        ImageHarmonisationTest.noise(20, 30, BufferedImage.TYPE_INT_RGB, 1), "jpg"));
        byte[] whole = Files.readAllBytes(sample.path(file));
        for (int seed = 0; seed < TRIES; seed++) {
            Files.write(sample.path(file), damaged(whole, new SplittableRandom(seed)));
            check(sample, file, seed);
        }
    }

    @Test
    void manifestsTooEndInRecordsOrInOneLine() throws IOException {
        SampleFolder sample = new SampleFolder(folder);
        byte[] whole = SampleFolder.MANIFEST.getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 4 * TRIES; seed++) {
            sample.manifest(new String(damaged(whole, new SplittableRandom(seed)), StandardCharsets.UTF_8));
            check(sample, "dataset.yaml", seed);
        }
    }

    @Test
    void nestingWithoutEndIsRefused() {
        DatasetException refused = assertThrows(
                DatasetException.class,
                () -> DatasetManifest.parse("dataset.yaml", "format: " + "[".repeat(200_000), folder));

        assertEquals("dataset.yaml:1: expected at most 32 levels of lists and blocks, got more", refused.getMessage());
    }
}
