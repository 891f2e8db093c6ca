package dev.parley.privacy.opendp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What goes into the library comes out the same. */
class OpenDpValueTest {
    /** As in the library's own words for types. */
    @Property(tries = 200)
    void aTypeIsReadAsItIsWritten(@ForAll @Size(min = 1, max = 3) List<@IntRange(max = 3) Integer> shape) {
        RustType type = RustType.F64;
        for (int step : shape) {
            type = switch (step) {
                case 0 -> RustType.vec(type);
                case 1 -> RustType.tuple(type, RustType.U32);
                case 2 -> RustType.map(RustType.STRING, type);
                default -> RustType.of("L1Distance", type);
            };
        }
        assertEquals(type, RustType.parse(type.toString()));
    }

    @RequiresOpenDp
    @Test
    void vectorsComeBackAsTheyWent() {
        try (OpenDp dp = OpenDpTesting.open()) {
            roundTrip(dp, Value.of(new double[] {1.5, Double.MIN_VALUE, -0.0, 1e308}), RustType.F64);
            roundTrip(dp, Value.of(new float[] {1.5f, Float.MIN_VALUE}), RustType.F32);
            roundTrip(dp, Value.of(new int[] {Integer.MIN_VALUE, 0, Integer.MAX_VALUE}), RustType.I32);
            roundTrip(dp, Value.of(new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE}), RustType.I64);
            roundTrip(dp, Value.of(new boolean[] {true, false, true}), RustType.BOOL);
            roundTrip(dp, Value.u32s(0, 0xFFFF_FFFFL), RustType.U32);
            roundTrip(dp, Value.usizes(0, Long.MAX_VALUE), RustType.USIZE);
            roundTrip(dp, Value.of(List.of("", "a", "\u00e4\u03b5\ud83d\ude00")), RustType.STRING);
            roundTrip(dp, Value.of(new double[0]), RustType.F64);
            roundTrip(dp, Value.of(List.of()), RustType.STRING);
            roundTrip(dp, Value.of(new boolean[0]), RustType.BOOL);
        }
    }

    private static void roundTrip(OpenDp dp, Value value, RustType atom) {
        Domain domain = dp.domains().vectorDomain(dp.domains().atomDomain(null, null, atom));
        Transformation identity =
                dp.transformations().makeIdentity(domain, dp.metrics().symmetricDistance());
        assertEquals(value, identity.invoke(value));
    }

    @RequiresOpenDp
    @Test
    void mapsPairsOptionsAndAnswersAreRead() {
        try (OpenDp dp = OpenDpTesting.open()) {
            Domain texts = dp.domains().vectorDomain(dp.domains().atomDomain(null, Value.of(false), RustType.STRING));
            Transformation countBy =
                    dp.transformations().makeCountBy(texts, dp.metrics().symmetricDistance());
            assertEquals(
                    Map.of("a", 2, "b", 1),
                    countBy.invoke(Value.of(List.of("a", "b", "a"))).asValue().asMap());

            Domain bounded = dp.domains().atomDomain(Value.pair(Value.of(1), Value.of(5)), null, RustType.I32);
            Value bounds = dp.domains().atomDomainGetBoundsClosed(bounded).asValue();
            assertEquals(
                    List.of(Value.of(1), Value.of(5)),
                    bounds.asOptional().orElseThrow().parts());

            Measurement exact = dp.measurements()
                    .makeLaplace(
                            dp.domains().atomDomain(null, Value.of(false), RustType.I32),
                            dp.metrics().absoluteDistance(RustType.I32),
                            0.0);
            Value both = dp.combinators()
                    .makeComposition(List.of(exact, exact))
                    .invoke(Value.of(7))
                    .asValue();
            assertEquals(List.of(Value.of(7), Value.of(7)), both.parts());
        }
    }

    @RequiresOpenDp
    @Test
    void aLongVectorSurvives() {
        double[] values = new double[1_000_000];
        Arrays.setAll(values, i -> i / 7.0);
        try (OpenDp dp = OpenDpTesting.open()) {
            roundTrip(dp, Value.of(values), RustType.F64);
        }
    }
}
