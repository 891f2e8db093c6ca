package dev.parley.sim.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What the benchmark reports, whatever the machine's speed. */
class NoiseBenchmarkTest {
    @Test
    void reportsEverySamplerAgainstBothBaselines() {
        NoiseBenchmark.Result result = new NoiseBenchmark(1000).run();

        assertEquals(12, result.samplers().size());
        for (NoiseBenchmark.Row row : result.samplers()) {
            assertEquals(row.nanos() / result.nextGaussianNanos(), row.ratioToNextGaussian(), 1e-9, row::toString);
            assertEquals(row.nanos() / result.bytesNanos(), row.ratioToBytes(), 1e-9, row::toString);
            assertEquals(row.sampler().endsWith("exact"), row.distance() == 0, row::toString);
            assertTrue(row.distance() < 1e-20, row::toString);
        }
    }

    @Test
    void refusesCountsThatMeasureNothing() {
        assertThrows(IllegalArgumentException.class, () -> new NoiseBenchmark(999));
        assertThrows(IllegalArgumentException.class, () -> new NoiseBenchmark(100_000_001));
    }
}
