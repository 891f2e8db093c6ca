package dev.parley.privacy.opendp;

import dev.parley.privacy.dp.noise.ExactSampler;
import dev.parley.privacy.dp.noise.NoiseLaw;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.dp.noise.TableSampler;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A discrete Gaussian value, by OpenDP's vector mechanism and by Parley's samplers; and what a call costs that draws
 * nothing. Needs the OpenDP library.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@org.openjdk.jmh.annotations.Measurement(iterations = 4, time = 2)
@Fork(1)
public class VectorNoiseBenchmark {
    private static final int VALUES = 10_000;

    /** The noise's parameter. */
    @Param({"1", "100"})
    double sigma;

    private final int[] drawn = new int[VALUES];
    private final Value zeros = Value.of(new long[VALUES]);
    private OpenDp dp;
    private Measurement openDp;
    private Value distance;
    private NoiseSource source;
    private ExactSampler exact;
    private TableSampler table;

    @Setup
    public void prepare() {
        dp = OpenDp.open((OpenDpLibrary.Present) OpenDpLibrary.locate(), Feature.CONTRIB);
        openDp = dp.measurements()
                .makeGaussian(
                        dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), RustType.I64)),
                        dp.metrics().l2Distance(RustType.F64),
                        sigma);
        distance = Value.of(1.0);
        NoiseLaw.DiscreteGaussian law = NoiseLaw.DiscreteGaussian.ofSigma(sigma);
        source = NoiseSource.keyedFrom(new SecureRandom());
        exact = ExactSampler.of(law);
        table = TableSampler.of(law);
    }

    @TearDown
    public void close() {
        dp.close();
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public Argument openDp() {
        return openDp.invoke(zeros);
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public int[] exactSampler() {
        exact.fill(drawn, 0, VALUES, source);
        return drawn;
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public int[] tableSampler() {
        table.fill(drawn, 0, VALUES, source);
        return drawn;
    }

    /** A privacy map: one call with a number in and out. */
    @Benchmark
    public Argument privacyMap() {
        return openDp.map(distance);
    }
}
