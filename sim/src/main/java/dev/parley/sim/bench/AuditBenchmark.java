package dev.parley.sim.bench;

import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.transparency.verifier.LogFiles;
import dev.parley.privacy.transparency.verifier.LogVerification;
import dev.parley.privacy.transparency.verifier.Report;
import dev.parley.privacy.transparency.verifier.Trust;
import dev.parley.privacy.update.ContentHash;
import dev.parley.server.audit.AuditLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What an audit log costs: an append that waits for the disk alone, appends of many callers that share the wait, and
 * the verification of the whole log from its files, against hashing as many bytes once.
 *
 * @param entries of the log that is verified
 */
public record AuditBenchmark(int entries) {
    private static final int ALONE = 20;
    private static final int CALLERS = 4096;
    private static final int REPETITIONS = 3;

    public AuditBenchmark {
        if (entries < 1000 || entries > 10_000_000) {
            throw new IllegalArgumentException("--entries is 1,000 to 10,000,000, got " + entries);
        }
    }

    /**
     * Seconds are of the clock on the wall.
     *
     * @param aloneMillis one append of one caller, median: a few waits for the disk
     * @param sharedMillis the whole time over the entries, of {@value #CALLERS} callers at once
     * @param verifySeconds of the whole log, the best of {@value #REPETITIONS}
     * @param hashSeconds SHA-256 over each leaf and inner node once, on the same thread
     */
    public record Result(
            int entries,
            double aloneMillis,
            double sharedMillis,
            double verifySeconds,
            double hashSeconds,
            boolean holds) {}

    /** @param folder a new log's, on the disk that is measured */
    public Result run(Path folder) throws IOException, InterruptedException {
        AuditLog log = AuditLog.open(
                folder.resolve("audit"), folder.resolve("audit-key"), "parley/bench", InstantSource.system());
        double[] alone = new double[Math.min(ALONE, entries / 2)];
        for (int i = 0; i < alone.length; i++) {
            long start = System.nanoTime();
            log.enter(event(i));
            alone[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(alone);
        int shared = entries - alone.length;
        long start = System.nanoTime();
        enterAll(log, alone.length, entries);
        double sharedMillis = (System.nanoTime() - start) / 1e6 / shared;
        double verifySeconds = Double.MAX_VALUE;
        boolean holds = true;
        for (int i = 0; i < REPETITIONS; i++) {
            long begin = System.nanoTime();
            Report report = LogVerification.verify(new LogFiles(folder.resolve("audit")), Trust.in(log.key()));
            verifySeconds = Math.min(verifySeconds, (System.nanoTime() - begin) / 1e9);
            holds &= report.holds();
        }
        return new Result(entries, alone[alone.length / 2], sharedMillis, verifySeconds, hashSeconds(), holds);
    }

    private static void enterAll(AuditLog log, int from, int to) throws IOException, InterruptedException {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> done = callers.invokeAll(java.util.stream.IntStream.range(0, CALLERS)
                    .<java.util.concurrent.Callable<Object>>mapToObj(caller -> () -> {
                        for (int i = from + caller; i < to; i += CALLERS) {
                            log.enter(event(i));
                        }
                        return caller;
                    })
                    .toList());
            for (Future<Object> each : done) {
                each.get();
            }
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IOException("an entry could not be appended", e);
        }
    }

    private static AuditEvent event(int i) {
        return new AuditEvent.SiteEnrolled(ContentHash.of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII)));
    }

    private double hashSeconds() {
        byte[] leaf = new byte[200];
        byte[] node = new byte[65];
        MessageDigest digest = ContentHash.newDigest();
        long begin = System.nanoTime();
        for (int i = 0; i < entries; i++) {
            leaf[0] ^= digest.digest(leaf)[0];
            node[0] ^= digest.digest(node)[0];
        }
        return (System.nanoTime() - begin) / 1e9;
    }
}
