package dev.parley.privacy.opendp;

import static dev.parley.privacy.opendp.RustType.F64;
import static dev.parley.privacy.opendp.RustType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What is wrong is an exception with the reason, before native code where native code would not survive it. */
@RequiresOpenDp
class OpenDpRefusalTest {
    private final OpenDp dp = OpenDpTesting.open();

    @AfterEach
    void close() {
        dp.close();
    }

    private Domain whole() {
        return dp.domains().atomDomain(null, Value.of(false), I32);
    }

    @Test
    void openDpsErrorKeepsItsVariantAndMessage() {
        OpenDpException refused = assertThrows(
                OpenDpException.class,
                () -> dp.measurements().makeLaplace(whole(), dp.metrics().absoluteDistance(I32), -1.0));

        assertEquals("MakeMeasurement", refused.variant());
        assertEquals("make_laplace", refused.function());
        assertTrue(refused.getMessage().contains("scale (-1) must not be negative"), refused.getMessage());
    }

    @Test
    void eachKindOfErrorIsTold() {
        Metric symmetric = dp.metrics().symmetricDistance();
        Domain reals = dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), F64));
        Transformation count = dp.transformations().makeCount(reals, symmetric);
        Measurement noise = dp.measurements()
                .makeLaplace(
                        dp.domains().atomDomain(null, Value.of(false), F64),
                        dp.metrics().absoluteDistance(F64),
                        1.0);

        assertEquals("DomainMismatch", variant(() -> noise.after(count)));
        assertEquals("TypeParse", variant(() -> dp.domains().atomDomain(null, null, RustType.of("Nonsense"))));
        assertEquals("Type", variant(() -> dp.measurements().makeLaplace(whole(), symmetric, 1.0)));
        assertEquals("FailedMap", variant(() -> noise.map(Value.of(-1.0))));
    }

    private static String variant(Executable call) {
        return assertThrows(OpenDpException.class, call).variant();
    }

    @Test
    void aClosedObjectIsRefused() {
        Domain closed = whole();
        closed.close();
        closed.close();

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> dp.domains().vectorDomain(closed));

        assertTrue(refused.getMessage().contains("was closed"), refused.getMessage());
    }

    @Test
    void aClosedSessionClosesWhatItMade() {
        Measurement noise = dp.measurements().makeLaplace(whole(), dp.metrics().absoluteDistance(I32), 1.0);
        assertEquals(3, dp.openObjects());

        dp.close();

        assertEquals(0, dp.openObjects());
        assertTrue(noise.isClosed());
        assertThrows(IllegalStateException.class, () -> noise.invoke(Value.of(1)));
        assertThrows(IllegalStateException.class, () -> dp.metrics().symmetricDistance());
    }

    @Test
    void nullIsRefused() {
        Measurement noise = dp.measurements().makeLaplace(whole(), dp.metrics().absoluteDistance(I32), 1.0);

        assertThrows(IllegalArgumentException.class, () -> noise.invoke(null));
        assertThrows(IllegalArgumentException.class, () -> dp.domains().vectorDomain(null));
        assertThrows(IllegalArgumentException.class, () -> dp.metrics().absoluteDistance(null));
        assertThrows(IllegalArgumentException.class, () -> dp.combinators().makeComposition(null));
        assertThrows(
                IllegalArgumentException.class,
                () -> dp.accuracy().laplacianScaleToAccuracy(null, Value.of(0.05), F64));
    }

    @Test
    void aWrongTypeIsRefusedBeforeNativeCode() {
        Measurement noise = dp.measurements().makeLaplace(whole(), dp.metrics().absoluteDistance(I32), 1.0);

        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> noise.invoke(Value.of(1.0)));

        assertEquals("OpenDP's measurement_invoke takes arg of type i32, got one of type f64", refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> noise.map(Value.u32(1)));
        // A bare pointer: the library would read eight bytes where four are.
        assertThrows(
                IllegalArgumentException.class,
                () -> dp.accuracy().laplacianScaleToAccuracy(Value.of(1f), Value.of(0.05), F64));
    }

    @Test
    void rangesOfCAreKept() {
        assertThrows(
                IllegalArgumentException.class,
                () -> dp.accuracy().gaussianScaleToAccuracy(Value.of(1.0), Value.of(0.0), F64));
        assertThrows(IllegalArgumentException.class, () -> dp.transformations().chooseBranchingFactor(-1));
        assertThrows(IllegalArgumentException.class, () -> dp.transformations().chooseBranchingFactor(1L << 32));
        assertThrows(IllegalArgumentException.class, () -> Value.u32(-1));
        assertThrows(IllegalArgumentException.class, () -> Value.of("a\0b"));
        assertThrows(IllegalArgumentException.class, () -> Value.of(List.of("a\0b")));
    }

    @Test
    void aFeatureMustBeAcceptedFirst() {
        try (OpenDp strict = OpenDp.open(OpenDpTesting.library())) {
            Domain domain = strict.domains().atomDomain(null, Value.of(false), I32);
            Metric metric = strict.metrics().absoluteDistance(I32);

            FeatureDisabledException refused = assertThrows(
                    FeatureDisabledException.class, () -> strict.measurements().makeLaplace(domain, metric, 1.0));

            assertTrue(refused.getMessage().contains("Feature.CONTRIB"), refused.getMessage());
        }
        try (OpenDp contrib = OpenDp.open(OpenDpTesting.library(), Feature.CONTRIB)) {
            Domain domain = contrib.domains().atomDomain(null, Value.of(false), I32);
            Metric metric = contrib.metrics().absoluteDistance(I32);
            assertThrows(
                    FeatureDisabledException.class,
                    () -> contrib.transformations().makeIdentity(domain, metric));
        }
    }

    @Test
    void aNaNIsNoMemberOfADomainWithoutIt() {
        Domain reals = dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), F64));

        assertTrue(dp.domains().member(reals, Value.of(new double[] {1, 2})));
        assertEquals(false, dp.domains().member(reals, Value.of(new double[] {1, Double.NaN})));
    }

    /** Each of these ends the process if it reaches the library: found by calling everything with anything. */
    @Test
    void whatWouldEndTheProcessIsRefused() {
        Metric absolute = dp.metrics().absoluteDistance(I32);
        Odometer odometer = dp.combinators()
                .makeFullyAdaptiveComposition(whole(), absolute, dp.measures().maxDivergence());
        Measurement filter = dp.combinators().makePrivacyFilter(odometer, Value.of(1), Value.of(1.0));
        NativeObject queryable = filter.invoke(Value.of(1)).asObject();
        DpFunction cdf = dp.transformations().makeCdf(F64);

        assertThrows(IllegalArgumentException.class, () -> cdf.eval(Value.of(new double[0])));
        assertThrows(IllegalArgumentException.class, () -> cdf.eval(queryable));
        assertThrows(
                IllegalArgumentException.class, () -> dp.measurements().makeLaplace(whole(), absolute, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> dp.transformations().makeConsistentBAryTree(1));
        assertThrows(IllegalArgumentException.class, () -> dp.combinators().makeComposition(List.of(filter, filter)));
        assertThrows(
                IllegalArgumentException.class, () -> dp.combinators().makeSelectPrivateCandidate(filter, 0.5, 1.0));
        assertThrows(
                IllegalArgumentException.class,
                () -> dp.combinators().makePrivacyFilter(odometer, queryable, Value.of(1.0)));
    }
}
