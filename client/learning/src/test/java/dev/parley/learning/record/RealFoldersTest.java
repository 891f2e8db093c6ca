package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped manifests, and the development data against the counts of its READMEs; skipped where there is none. */
class RealFoldersTest {
    static final Path REPOSITORY = repository();

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder.getParent() != null && !Files.isRegularFile(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static String shipped(String manifest) throws IOException {
        return Files.readString(REPOSITORY
                .resolve("sim/src/main/resources/dev/parley/sim/scenarios/datasets")
                .resolve(manifest));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital-real.yaml", "wearable.yaml", "hydraulic.yaml", "mnist.yaml"})
    void shippedManifestsAreValid(String manifest) throws Exception {
        assertTrue(DatasetManifest.parse(manifest, shipped(manifest), Path.of("data"))
                        .schema()
                        .classes()
                        .size()
                > 1);
    }

    private static LoadedDataset load(String manifest, String folder) throws Exception {
        Path data = REPOSITORY.resolveSibling("shared").resolve("data").resolve(folder);
        assumeTrue(Files.isDirectory(data), () -> "no development data at " + data);
        LoadedDataset loaded =
                DatasetManifest.parse(manifest, shipped(manifest), data).load(Strictness.STRICT);
        assertEquals(0, loaded.quarantine().count());
        return loaded;
    }

    private static long count(LoadedDataset loaded, Predicate<SiteRecord> wanted) {
        return loaded.dataset().records().stream().filter(wanted).count();
    }

    private static long subjects(LoadedDataset loaded) {
        return loaded.dataset().records().stream()
                .map(SiteRecord::subjectId)
                .distinct()
                .count();
    }

    @Test
    void hospital() throws Exception {
        LoadedDataset loaded = load("hospital-real.yaml", "hospital");

        assertEquals(289, loaded.dataset().records().size());
        assertEquals(148, subjects(loaded));
        assertEquals(174, count(loaded, record -> record.label() == 1));
        assertEquals(289, count(loaded, record -> record.values().containsKey("scan")));
        assertEquals(222, count(loaded, record -> record.values().containsKey("note")));
        assertEquals(
                Map.of(
                        "americas", 18,
                        "australia", 39,
                        "germany_hannover", 67,
                        "italy", 25,
                        "middle_east_s_asia", 29,
                        "other", 40,
                        "spain", 42,
                        "united_kingdom", 29),
                sizes(loaded));
        List<Integer> filled = List.of(209, 276, 11, 53, 1, 21, 24, 214);
        for (int column = 0; column < filled.size(); column++) {
            int i = column;
            assertEquals(
                    (long) filled.get(column),
                    count(
                            loaded,
                            record -> record.values().get("labs") instanceof ModalityValue.Table table
                                    && table.observed()[i]),
                    "column " + column);
        }
    }

    private static Map<String, Integer> sizes(LoadedDataset loaded) {
        var sizes = new HashMap<String, Integer>();
        loaded.dataset().bySite().forEach((site, records) -> sizes.put(site, records.size()));
        return sizes;
    }

    @Test
    void wearable() throws Exception {
        LoadedDataset loaded = load("wearable.yaml", "wearable");

        assertEquals(2707, loaded.dataset().records().size());
        assertEquals(17, subjects(loaded));
        assertEquals(154, sizes(loaded).get("s02"));
        for (int label = 0; label < 5; label++) {
            int wanted = label;
            assertEquals(
                    List.of(171, 320, 1301, 595, 320).get(label).longValue(),
                    count(loaded, record -> record.label() == wanted));
        }
        double squares = 0;
        for (SiteRecord record : loaded.dataset().records()) {
            var watch = (ModalityValue.Series) record.values().get("watch");
            assertEquals(6 * 64, watch.values().length);
            for (int c = 0; c < 3; c++) {
                squares += Math.pow(watch.values()[c * 64] * 66, 2);
            }
        }
        double gravity = Math.sqrt(squares / 2707);
        assertTrue(gravity > 9 && gravity < 13, "root mean square of the watch's acceleration: " + gravity);
    }

    @Test
    void hydraulic() throws Exception {
        LoadedDataset loaded = load("hydraulic.yaml", "plant/hydraulic");

        assertEquals(1806, loaded.dataset().records().size());
        assertEquals(729, count(loaded, record -> record.label() == 1));
        assertEquals(395, sizes(loaded).get("rig_cooler003_acchi"));
        assertEquals(6, sizes(loaded).size());
        SubjectSplit split = SubjectSplit.of(loaded.dataset().records(), new SplitRule(0.25, 1));
        double share = split.heldOut().size() / 1806.0;
        assertTrue(share > 0.2 && share < 0.3, "held out: " + share);
    }

    @Test
    void mnist() throws Exception {
        LoadedDataset loaded = load("mnist.yaml", "mnist");

        assertEquals(60_000, loaded.dataset().records().size());
        int[] perClass = new int[10];
        loaded.dataset().records().forEach(record -> perClass[record.label()]++);
        assertArrayEquals(new int[] {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}, perClass);
        assertEquals(
                List.of(5, 0, 4, 1, 9, 2, 1, 3, 1, 4),
                loaded.dataset().records().stream()
                        .limit(10)
                        .map(SiteRecord::label)
                        .toList());
    }
}
