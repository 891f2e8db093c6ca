package dev.parley.privacy.opendp;

import static dev.parley.privacy.opendp.RustType.F64;
import static dev.parley.privacy.opendp.RustType.I32;
import static dev.parley.privacy.opendp.RustType.STRING;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Deterministic maps, scores and conversions are bit for bit what OpenDP's own Python package gives
 * ({@code src/test/python/opendp_reference.py} made the file).
 */
@RequiresOpenDp
class OpenDpReferenceTest {
    private final Map<String, Object> got = new TreeMap<>();

    @Test
    void everyMapIsWhatPythonGives() throws IOException {
        JsonNode expected;
        try (InputStream in = getClass().getResourceAsStream("reference.json")) {
            expected = new ObjectMapper().readTree(in).get("cases");
        }
        try (OpenDp dp = OpenDpTesting.open()) {
            stabilityMaps(dp);
            for (double scale : new double[] {0.5, 1.0, 3.25}) {
                noiseMaps(dp, scale);
            }
            otherMechanisms(dp);
            compositions(dp);
            accuracies(dp);
        }

        List<Executable> comparisons = new ArrayList<>();
        expected.properties()
                .forEach(entry -> comparisons.add(() ->
                        assertEquals(numbers(entry.getValue()), numbersOf(got.get(entry.getKey())), entry.getKey())));
        assertAll(comparisons);
        assertEquals(expected.size(), got.size(), "cases on both sides");
    }

    private void stabilityMaps(OpenDp dp) {
        Argument bounds = Value.pair(Value.of(-1.5), Value.of(2.5));
        Domain atom = dp.domains().atomDomain(bounds, Value.of(false), F64);
        Domain sized = dp.domains().vectorDomain(atom, Value.of(1000));
        Domain ints = dp.domains()
                .vectorDomain(dp.domains().atomDomain(Value.pair(Value.of(-3), Value.of(7)), Value.of(false), I32));
        Domain free = dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), F64));
        Metric symmetric = dp.metrics().symmetricDistance();
        Map<String, Transformation> transformations = Map.of(
                "clamp", dp.transformations().makeClamp(free, symmetric, bounds),
                "count", dp.transformations().makeCount(free, symmetric),
                "sum.i32", dp.transformations().makeSum(ints, symmetric),
                "sum.f64.sized", dp.transformations().makeSum(sized, symmetric),
                "mean", dp.transformations().makeMean(sized, symmetric),
                "variance", dp.transformations().makeVariance(sized, symmetric));
        for (int distance : new int[] {1, 2, 7}) {
            transformations.forEach((name, transformation) ->
                    got.put(name + ".map." + distance, transformation.map(Value.u32(distance))));
        }
        Domain texts = dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), STRING));
        Transformation categories = dp.transformations()
                .makeCountByCategories(
                        texts, symmetric, Value.of(List.of("a", "b", "c")), true, RustType.of("L2Distance", F64), F64);
        got.put("countByCategories.l2.map.1", categories.map(Value.u32(1)));
        got.put("countByCategories.invoke", categories.invoke(Value.of(List.of("a", "a", "c", "z"))));
        Value edges = Value.of(new double[] {0, 1, 2});
        got.put(
                "findBin.invoke",
                dp.transformations().makeFindBin(free, symmetric, edges).invoke(Value.of(new double[] {-1, 0.5, 1, 7
                })));
        got.put(
                "quantileScores.invoke",
                dp.transformations()
                        .makeQuantileScoreCandidates(free, symmetric, edges, 0.5)
                        .invoke(Value.of(new double[] {0.1, 0.2, 1.5, 3})));
        Domain counts = dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), I32));
        got.put(
                "bAryTree.map.1",
                dp.transformations()
                        .makeBAryTree(counts, dp.metrics().l1Distance(I32), 8, 2)
                        .map(Value.of(1)));
        got.put("branchingFactor.1000", dp.transformations().chooseBranchingFactor(1000));
    }

    private void noiseMaps(OpenDp dp, double scale) {
        Domain whole = dp.domains().atomDomain(null, Value.of(false), I32);
        Measurement laplace = dp.measurements().makeLaplace(whole, dp.metrics().absoluteDistance(I32), scale);
        got.put("laplace.i32.map." + scale, laplace.map(Value.of(1)));
        Measurement gaussian =
                dp.measurements().makeGaussian(whole, dp.metrics().absoluteDistance(F64), scale);
        got.put("gaussian.i32.map." + scale, gaussian.map(Value.of(1.0)));
        got.put(
                "gaussian.pure.map." + scale,
                dp.combinators().makePureDPToZCDP(laplace).map(Value.of(1)));
        Measurement approximate = dp.combinators().makeZCDPToApproxDP(gaussian);
        try (NativeObject profile = approximate.map(Value.of(1.0)).asObject()) {
            for (Map.Entry<String, Double> delta :
                    Map.of("1e-05", 1e-5, "1e-09", 1e-9).entrySet()) {
                got.put(
                        "gaussian.epsilon." + scale + "." + delta.getKey(),
                        dp.data().privacyProfileEpsilon(profile, delta.getValue()));
                got.put(
                        "gaussian.fixed." + scale + "." + delta.getKey(),
                        dp.combinators()
                                .makeFixDelta(approximate, delta.getValue())
                                .map(Value.of(1.0)));
            }
        }
        Domain atom = dp.domains().atomDomain(null, Value.of(false), F64);
        got.put(
                "gaussian.f64.vector.map." + scale,
                dp.measurements()
                        .makeGaussian(
                                dp.domains().vectorDomain(atom, Value.of(3)),
                                dp.metrics().l2Distance(F64),
                                scale,
                                -20,
                                RustType.of("ZeroConcentratedDivergence"))
                        .map(Value.of(1.0)));
        got.put(
                "laplace.f64.map." + scale,
                dp.measurements()
                        .makeLaplace(atom, dp.metrics().absoluteDistance(F64), scale, -20, RustType.of("MaxDivergence"))
                        .map(Value.of(1.0)));
    }

    private void otherMechanisms(OpenDp dp) {
        Domain whole = dp.domains().atomDomain(null, Value.of(false), I32);
        Domain real = dp.domains().atomDomain(null, Value.of(false), F64);
        Domain reals = dp.domains().vectorDomain(real);
        Value candidates = Value.of(new double[] {0, 1, 2});
        got.put(
                "geometric.map",
                dp.measurements()
                        .makeGeometric(
                                whole,
                                dp.metrics().absoluteDistance(I32),
                                2.0,
                                Value.pair(Value.of(0), Value.of(100)),
                                RustType.of("MaxDivergence"))
                        .map(Value.of(3)));
        got.put(
                "randomizedResponse.map",
                dp.measurements().makeRandomizedResponseBool(0.75).map(Value.u32(1)));
        got.put(
                "randomizedResponse.categories.map",
                dp.measurements()
                        .makeRandomizedResponse(Value.of(List.of("a", "b", "c")), 0.6, STRING)
                        .map(Value.u32(1)));
        got.put(
                "privateQuantile.map.1",
                dp.measurements()
                        .makePrivateQuantile(
                                reals,
                                dp.metrics().symmetricDistance(),
                                dp.measures().maxDivergence(),
                                candidates,
                                0.5,
                                2.0)
                        .map(Value.u32(1)));
        got.put(
                "noisyMax.map.1",
                dp.measurements()
                        .makeNoisyMax(
                                reals,
                                dp.metrics().linfDistance(F64),
                                dp.measures().maxDivergence(),
                                1.5)
                        .map(Value.of(1.0)));
        got.put(
                "canonical.map",
                dp.measurements()
                        .makeCanonicalNoise(
                                real,
                                dp.metrics().absoluteDistance(F64),
                                1.0,
                                Value.pair(Value.of(1.0), Value.of(1e-7)))
                        .map(Value.of(1.0)));
    }

    private void compositions(OpenDp dp) {
        Domain whole = dp.domains().atomDomain(null, Value.of(false), I32);
        Metric absolute = dp.metrics().absoluteDistance(I32);
        Measurement one = dp.measurements().makeLaplace(whole, absolute, 1.0);
        Measurement two = dp.measurements().makeLaplace(whole, absolute, 4.0);
        got.put(
                "composition.map",
                dp.combinators().makeComposition(List.of(one, two)).map(Value.of(1)));
        Domain ten = dp.domains()
                .vectorDomain(
                        dp.domains().atomDomain(Value.pair(Value.of(0), Value.of(1)), Value.of(false), I32),
                        Value.of(10));
        Measurement sum =
                one.after(dp.transformations().makeSum(ten, dp.metrics().symmetricDistance()));
        got.put(
                "amplification.map",
                dp.combinators().makePopulationAmplification(sum, 1000).map(Value.u32(2)));
    }

    private void accuracies(OpenDp dp) {
        for (double alpha : new double[] {0.05, 0.01}) {
            Value level = Value.of(alpha);
            Value scale = Value.of(2.5);
            Value width = Value.of(10.0);
            got.put("accuracy.laplace." + alpha, dp.accuracy().laplacianScaleToAccuracy(scale, level, F64));
            got.put("accuracy.gaussian." + alpha, dp.accuracy().gaussianScaleToAccuracy(scale, level, F64));
            got.put(
                    "accuracy.discreteLaplace." + alpha,
                    dp.accuracy().discreteLaplacianScaleToAccuracy(scale, level, F64));
            got.put(
                    "accuracy.discreteGaussian." + alpha,
                    dp.accuracy().discreteGaussianScaleToAccuracy(scale, level, F64));
            got.put("scale.laplace." + alpha, dp.accuracy().accuracyToLaplacianScale(width, level, F64));
            got.put("scale.gaussian." + alpha, dp.accuracy().accuracyToGaussianScale(width, level, F64));
        }
    }

    private static List<Double> numbers(JsonNode node) {
        List<Double> numbers = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(element -> numbers.add(element.doubleValue()));
        } else {
            numbers.add(node.doubleValue());
        }
        return numbers;
    }

    private static List<Double> numbersOf(Object result) {
        if (!(result instanceof Value value)) {
            return List.of(((Number) result).doubleValue());
        }
        if (value.type().isTuple()) {
            return value.parts().stream()
                    .flatMap(part -> numbersOf(part).stream())
                    .toList();
        }
        return switch (value.type().toString()) {
            case "f64" -> List.of(value.asDouble());
            case "Vec<f64>" -> Arrays.stream(value.asDoubles()).boxed().toList();
            case "Vec<usize>", "Vec<u64>" ->
                Arrays.stream(value.asLongs()).asDoubleStream().boxed().toList();
            default -> Stream.of((double) value.asLong()).toList();
        };
    }
}
