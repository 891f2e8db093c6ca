package dev.parley.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.RoundPlan;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.server.TrainingSite.Conduct;
import dev.parley.server.configuration.CoordinatorConfiguration;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a coordinator's memory holds of a single site's update: nothing. The coordinator is a process of its own, the sites are
 * here; its heap is dumped with all garbage while uploads are in and the sum is closed, and again when it was opened.
 */
class CoordinatorHeapTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Eight elements, so that packed ones fill bytes; of one value, so many bytes occur nowhere by chance. */
    private static final int PIECE_ELEMENTS = 8;

    private static final ParameterVector INITIAL = ParameterVector.zeros(ConfigurationText.LAYOUT);
    private static final EvaluationCounts COUNTS =
            EvaluationCounts.of(new float[] {0.9f, 0.1f, 0.2f, 0.8f}, new int[] {0, 1}, 2);

    @TempDir
    Path folder;

    private Process start(Path configuration) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DumpedCoordinator.class.getName(),
                        "run",
                        "--config",
                        configuration.toString()))
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    @Test
    void holdsNothingOfASingleSitesUpdate() throws Exception {
        Path file = ConfigurationText.in(folder).file("""
                name: hospital
                seed: 20261125
                rounds: 1
                update: {clip-norm: 100, example-cap: 20, secure-aggregation: {bits: 21, colluding: 0}}
                cohort: {quorum: 3, starting: 3}
                """);
        CoordinatorConfiguration configuration = CoordinatorConfiguration.read(file);
        CountDownLatch dumped = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        IntFunction<Conduct> honest = round -> Conduct.HONEST;
        // It deals at once and contributes when the first dump is there.
        IntFunction<Conduct> late = round -> {
            if (asked.getAndIncrement() > 0) {
                waitFor(dumped);
            }
            return Conduct.HONEST;
        };
        Process process = start(file);
        try {
            Path ready = configuration.listen().readyFile();
            await().atMost(PATIENCE).until(() -> Files.exists(ready) || !process.isAlive());
            assertTrue(process.isAlive(), Files.readString(folder.resolve("err")));
            try (TrainingSite a = site(configuration, "a", 0.123456f, honest);
                    TrainingSite b = site(configuration, "b", -0.654321f, honest);
                    TrainingSite c = site(configuration, "c", 1.414213f, late)) {
                List<TrainingSite> sites = List.of(a, b, c);
                sites.forEach(site -> site.attend("hospital"));
                await().atMost(PATIENCE)
                        .until(() ->
                                a.submittedTo().contains(0) && b.submittedTo().contains(0) && asked.get() > 1);

                Path closed = dump(process, "closed.hprof");
                Map<String, byte[]> plain = new LinkedHashMap<>();
                for (TrainingSite site : sites) {
                    plain.putAll(forms(site));
                }
                HeapScan scan = scan(plain);
                assertEquals(Set.of(), scan.foundIn(closed), "two uploads are in, and the sum is closed");

                dumped.countDown();
                await().atMost(PATIENCE)
                        .until(() -> sites.stream()
                                .allMatch(site -> site.attendance().heardOf(CoordinatorMessage.MessageCase.ENDED)));
                sites.forEach(TrainingSite::requireUnbroken);
                Path opened = dump(process, "opened.hprof");
                assertEquals(Set.of(), scan.foundIn(opened), "the sum of all three was opened");

                for (Map.Entry<String, byte[]> form : plain.entrySet()) {
                    plant(process, form.getKey(), form.getValue());
                }
                Path planted = dump(process, "planted.hprof");
                Set<String> all = new TreeSet<>(plain.keySet());
                assertEquals(all, scan.foundIn(planted), "the scan finds what is there");
            }
        } finally {
            dumped.countDown();
            process.destroyForcibly();
        }
    }

    private static TrainingSite site(
            CoordinatorConfiguration configuration, String name, float step, IntFunction<Conduct> conduct)
            throws Exception {
        return TrainingSite.enrolled(configuration, name, SumMember.of("hospital", name), step, COUNTS, conduct);
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the dump did not come");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HeapScan scan(Map<String, byte[]> plain) {
        HeapScan scan = new HeapScan();
        plain.forEach((name, bytes) -> scan.lookFor(
                name,
                bytes,
                name.contains("packed") ? PIECE_ELEMENTS * 21 / Byte.SIZE : PIECE_ELEMENTS * Integer.BYTES));
        return scan;
    }

    /** One site's update in every form that a program might hold it in. A dump writes arrays of numbers big-endian. */
    private static Map<String, byte[]> forms(TrainingSite site) {
        RoundPlan plan = site.plan();
        UpdateEncoding encoding = TrainingSite.encoding(plan, INITIAL.size());
        assertEquals(21, encoding.modulus().bits());
        int[] encoded = encoded(site, plan, encoding);
        int[] reduced =
                Arrays.stream(encoded).map(element -> element & (1 << 21) - 1).toArray();
        BitSet packed = new BitSet();
        for (int i = 0; i < reduced.length; i++) {
            for (int bit = 0; bit < 21; bit++) {
                packed.set(i * 21 + bit, (reduced[i] >>> bit & 1) != 0);
            }
        }
        float[] update = site.update(INITIAL);
        int[] floats = new int[update.length];
        for (int i = 0; i < update.length; i++) {
            floats[i] = Float.floatToRawIntBits(update[i]);
        }
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put(site.name() + " encoded ints", bytes(encoded, ByteOrder.BIG_ENDIAN));
        forms.put(site.name() + " encoded little-endian bytes", bytes(encoded, ByteOrder.LITTLE_ENDIAN));
        forms.put(site.name() + " reduced ints", bytes(reduced, ByteOrder.BIG_ENDIAN));
        forms.put(site.name() + " reduced little-endian bytes", bytes(reduced, ByteOrder.LITTLE_ENDIAN));
        forms.put(site.name() + " packed bytes", packed.toByteArray());
        forms.put(site.name() + " update floats", bytes(floats, ByteOrder.BIG_ENDIAN));
        forms.put(site.name() + " update little-endian bytes", bytes(floats, ByteOrder.LITTLE_ENDIAN));
        return forms;
    }

    private static byte[] bytes(int[] words, ByteOrder order) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * Integer.BYTES).order(order);
        bytes.asIntBuffer().put(words);
        return bytes.array();
    }

    /** The ring elements before their mask, which a mask that goes on and comes off gives back. */
    private static int[] encoded(TrainingSite site, RoundPlan plan, UpdateEncoding encoding) {
        MaskTerm self = new MaskTerm(SecretSeed.random(new SecureRandom()), true);
        MaskTerm pair = new MaskTerm(SecretSeed.random(new SecureRandom()), true);
        RingSum sum = new RingSum(encoding.length(), encoding.modulus());
        sum.add(site.encoded(plan, INITIAL)
                .mask(OneTimeMask.of(self.seed(), List.of(pair)))
                .ring());
        sum.addMasks(List.of(self.negated(), pair.negated()), 1);
        return sum.centred();
    }

    private Path dump(Process process, String name) throws IOException {
        Path dump = folder.resolve(name);
        command(process, "dump " + dump);
        await().atMost(PATIENCE).until(() -> Files.exists(dump));
        return dump;
    }

    private void plant(Process process, String name, byte[] bytes) throws IOException {
        Path file = folder.resolve("planted");
        byte[] inverted = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            inverted[i] = (byte) ~bytes[i];
        }
        Path written = Files.write(folder.resolve("written"), inverted);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        command(process, "plant " + name.substring(name.lastIndexOf(' ') + 1) + " " + file);
        await().atMost(PATIENCE).until(() -> Files.notExists(file));
    }

    private static void command(Process process, String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }
}
