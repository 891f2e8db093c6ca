package dev.parley.privacy.dp.ledger;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parley.privacy.dp.accounting.Mechanism;

/** How ledgers write down a {@link Release}. What was written stays readable: names and components are never changed. */
public final class ReleaseFormat {
    /** Strict: what is not exactly a release is damage. */
    public static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Components of records and nothing else: what can be derived from them is no part of a debit.
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .addMixIn(Mechanism.class, NamedMechanism.class)
            .build();

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @Type(value = Mechanism.Gaussian.class, name = "gaussian"),
        @Type(value = Mechanism.Laplace.class, name = "laplace"),
        @Type(value = Mechanism.DiscreteLaplace.class, name = "discrete-laplace"),
        @Type(value = Mechanism.DiscreteGaussian.class, name = "discrete-gaussian"),
        @Type(value = Mechanism.Skellam.class, name = "skellam"),
        @Type(value = Mechanism.PoissonSampled.class, name = "poisson-sampled"),
        @Type(value = Mechanism.FixedSizeSampled.class, name = "fixed-size-sampled"),
        @Type(value = Mechanism.MatrixFactorisation.class, name = "matrix-factorisation"),
        @Type(value = Mechanism.Distributed.class, name = "distributed"),
        @Type(value = Mechanism.Stated.class, name = "stated"),
        @Type(value = Mechanism.ZeroConcentrated.class, name = "zero-concentrated")
    })
    private interface NamedMechanism {}

    private ReleaseFormat() {}
}
