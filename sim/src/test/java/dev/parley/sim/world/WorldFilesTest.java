package dev.parley.sim.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class WorldFilesTest {
    private static final long SEED = 20261125;

    @TempDir
    Path folder;

    private static World world(String name) {
        return World.named(name).orElseThrow();
    }

    private static String hash(Path folder) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                digest.update(folder.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static List<NamedCsvRecord> rows(Path file) throws IOException {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(file)) {
            return reader.stream().toList();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> manifest(Path folder) throws IOException {
        var load = new Load(LoadSettings.builder().build());
        return (Map<String, Object>) load.loadFromString(Files.readString(folder.resolve("dataset.yaml")));
    }

    @Test
    void hasTwoWorldsOfEightSites() {
        assertEquals(Optional.empty(), World.named("ward"));
        for (String name : List.of("hospital", "plant")) {
            assertEquals(name, world(name).name());
            assertEquals(8, new HashSet<>(world(name).siteNames()).size(), name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital", "plant"})
    void refusesASiteThatItDoesNotHave(String name) {
        var failure =
                assertThrows(IllegalArgumentException.class, () -> world(name).writeSite(folder, "atlantis", SEED));

        assertTrue(failure.getMessage().contains("'atlantis'"), failure.getMessage());
        assertTrue(failure.getMessage().contains(world(name).siteNames().getLast()), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital", "plant"})
    void givesEqualBytesForEqualArgumentsWhateverElseIsWritten(String name) throws Exception {
        String site = world(name).siteNames().get(2);
        world(name).writeSite(folder.resolve("alone"), site, SEED);
        world(name).writeSite(folder.resolve("other"), world(name).siteNames().get(1), SEED);
        world(name).writeSite(folder.resolve("again"), site, SEED);
        world(name).writeSite(folder.resolve("reseeded"), site, SEED + 1);

        assertEquals(hash(folder.resolve("alone")), hash(folder.resolve("again")), "seed " + SEED);
        assertNotEquals(hash(folder.resolve("alone")), hash(folder.resolve("reseeded")), "seed " + SEED);
        assertNotEquals(hash(folder.resolve("alone")), hash(folder.resolve("other")), "seed " + SEED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital", "plant"})
    void writesWhatTheManifestDeclares(String name) throws Exception {
        Map<String, String> siteOfSubject = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (String site : world(name).siteNames()) {
            Path data = folder.resolve(site);
            world(name).writeSite(data, site, SEED);
            List<NamedCsvRecord> records = rows(data.resolve("records.csv"));
            Map<String, Set<String>> series = checkSeries(data, ids(records));
            for (NamedCsvRecord row : records) {
                String id = row.getField("record_id");
                assertTrue(ids.add(id), id + " occurs twice");
                String other = siteOfSubject.putIfAbsent(row.getField("subject_id"), site);
                assertTrue(other == null || other.equals(site), row.getField("subject_id") + " is at two sites");
                Instant.parse(row.getField("taken_at"));
                assertTrue(((List<?>) manifest(data).get("classes")).contains(row.getField("label")), id);
                String image = row.getField("image_file");
                checkImage(data, image);
                boolean inSeries = series.values().stream().anyMatch(of -> of.contains(id));
                assertFalse(image.isEmpty() && row.getField("note").isEmpty() && !inSeries, id + " has no modality");
            }
        }
    }

    private static Set<String> ids(List<NamedCsvRecord> records) {
        Set<String> ids = new TreeSet<>();
        records.forEach(row -> ids.add(row.getField("record_id")));
        return ids;
    }

    private static void checkImage(Path data, String image) throws IOException {
        if (!image.isEmpty()) {
            BufferedImage read = ImageIO.read(data.resolve(image).toFile());
            assertEquals(BufferedImage.TYPE_BYTE_GRAY, read.getType(), image);
            assertTrue(read.getWidth() >= 64 && read.getWidth() == read.getHeight(), image);
        }
    }

    /** Holds each measurement to its channel's range, in the declared unit; returns which records each series has. */
    private static Map<String, Set<String>> checkSeries(Path data, Set<String> known) throws IOException {
        Map<String, Set<String>> seen = new HashMap<>();
        for (var modality : ((Map<?, ?>) manifest(data).get("modalities")).entrySet()) {
            Map<?, ?> declared = (Map<?, ?>) modality.getValue();
            if (!declared.get("type").equals("series")) {
                continue;
            }
            Map<?, ?> source = (Map<?, ?>) declared.get("source");
            Set<String> records = seen.computeIfAbsent(modality.getKey().toString(), key -> new HashSet<>());
            Map<String, Map<?, ?>> channels = channels((List<?>) declared.get("channels"));
            Object file = source.containsKey("long") ? source.get("long") : source.get("wide");
            for (NamedCsvRecord row : rows(data.resolve(file.toString()))) {
                records.add(row.getField("record_id"));
                if (source.containsKey("long")) {
                    checkValue(channels.get(row.getField("measure")), row.getField("value"));
                } else {
                    channels.forEach((column, channel) -> checkValue(channel, row.getField(column)));
                }
            }
            assertTrue(known.containsAll(records), data + ": a series of an unknown record");
        }
        return seen;
    }

    private static Map<String, Map<?, ?>> channels(List<?> declared) {
        Map<String, Map<?, ?>> channels = new HashMap<>();
        for (Object item : declared) {
            Map<?, ?> channel = (Map<?, ?>) item;
            Object from = channel.containsKey("from") ? channel.get("from") : channel.get("name");
            channels.put(from.toString(), channel);
        }
        return channels;
    }

    private static void checkValue(Map<?, ?> channel, String cell) {
        double scale = channel.containsKey("scale") ? number(channel.get("scale")) : 1;
        double offset = channel.containsKey("offset") ? number(channel.get("offset")) : 0;
        double value = Double.parseDouble(cell) * scale + offset;
        assertTrue(
                value >= number(channel.get("minimum")) && value <= number(channel.get("maximum")),
                channel + " got " + value);
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }
}
