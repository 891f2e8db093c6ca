package dev.parley.privacy.statistics;

import dev.parley.privacy.opendp.Domain;
import dev.parley.privacy.opendp.Measurement;
import dev.parley.privacy.opendp.Metric;
import dev.parley.privacy.opendp.OpenDp;
import dev.parley.privacy.opendp.OpenDpLibrary;
import dev.parley.privacy.opendp.RustType;
import dev.parley.privacy.opendp.Transformation;
import dev.parley.privacy.opendp.Value;
import java.util.stream.IntStream;

/**
 * OpenDP's own chain: domain of the records, counting or summing, discrete Gaussian; the cost is the chain's privacy
 * map.
 */
final class OpenDpMechanism implements IntegerMechanism {
    private final OpenDp dp;
    private final OpenDpLibrary.Present library;

    /** Owns the session. */
    OpenDpMechanism(OpenDp dp, OpenDpLibrary.Present library) {
        this.dp = dp;
        this.library = library;
    }

    @Override
    public Noisy counts(int[] categories, int size, int distance, double scale) {
        RustType l2 = RustType.of("L2Distance", RustType.F64);
        try (Domain atom = dp.domains().atomDomain(null, Value.of(false), RustType.I32);
                Domain records = dp.domains().vectorDomain(atom);
                Metric symmetric = dp.metrics().symmetricDistance();
                Transformation count = dp.transformations()
                        .makeCountByCategories(
                                records,
                                symmetric,
                                Value.of(IntStream.range(0, size).toArray()),
                                false,
                                l2,
                                RustType.I64)) {
            return release(count, Value.of(categories), distance, scale);
        }
    }

    @Override
    public Noisy sum(long[] values, long bound, int distance, double scale) {
        Value bounds = Value.pair(Value.of(-bound), Value.of(bound));
        try (Domain atom = dp.domains().atomDomain(bounds, Value.of(false), RustType.I64);
                Domain records = dp.domains().vectorDomain(atom);
                Metric symmetric = dp.metrics().symmetricDistance();
                Transformation sum = dp.transformations().makeSum(records, symmetric)) {
            return release(sum, Value.of(values), distance, scale);
        }
    }

    private Noisy release(Transformation transformation, Value records, int distance, double scale) {
        try (Domain domain = dp.core().transformationOutputDomain(transformation);
                Metric metric = dp.core().transformationOutputMetric(transformation);
                Measurement noise = dp.measurements().makeGaussian(domain, metric, scale);
                Measurement chain = noise.after(transformation)) {
            double rho = chain.map(Value.u32(distance)).asValue().asDouble();
            Value noisy = chain.invoke(records).asValue();
            return new Noisy(noisy.type().isVec() ? noisy.asLongs() : new long[] {noisy.asLong()}, new Rho(rho));
        }
    }

    @Override
    public double halfWidth(double scale, double alpha) {
        return dp.accuracy()
                .discreteGaussianScaleToAccuracy(Value.of(scale), Value.of(alpha), RustType.F64)
                .asValue()
                .asDouble();
    }

    @Override
    public String description() {
        return "OpenDP " + OpenDpLibrary.VERSION + " (library's SHA-256 " + library.sha256() + ")";
    }

    @Override
    public void close() {
        dp.close();
    }
}
