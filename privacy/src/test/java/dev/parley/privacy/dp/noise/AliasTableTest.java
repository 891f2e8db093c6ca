package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.noise.NoiseLaw.DiscreteGaussian;
import dev.parley.privacy.dp.noise.NoiseLaw.Skellam;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables against the exact mass functions, in exact arithmetic; and that what is drawn is what the table says. */
class AliasTableTest {
    private static final MathContext DIGITS = new MathContext(80);
    private static final BigDecimal CHANCES = new BigDecimal(BigInteger.TWO.pow(127));

    /** 2^-126: an entry's own rounding; what is left over of all entries goes to 0. */
    private static final BigDecimal ROUNDING = BigDecimal.valueOf(0x1p-126);

    /** Values of mpmath at 60 digits. */
    @ParameterizedTest
    @CsvSource({
        "1, 0.36787944117144232159552377016146086744581113103177",
        "0.1, 0.9048374180359595731642490594464366211947053609804",
        "700.25, 7.6787238131108722116498874443789444596925344636011e-305",
        "0.000000000001, 0.99999999999900000000000049999999999983333333333337"
    })
    void theExponentialLiesWithinItsInterval(BigDecimal x, BigDecimal expected) {
        PositiveRational exponent = new PositiveRational(x.unscaledValue(), BigInteger.TEN.pow(Math.max(0, x.scale())));

        DecimalInterval power = DecimalInterval.expOfMinus(exponent);

        BigDecimal printed = expected.ulp();
        assertTrue(power.low().compareTo(expected.add(printed)) <= 0, power::toString);
        assertTrue(power.high().compareTo(expected.subtract(printed)) >= 0, power::toString);
        assertTrue(power.high().subtract(power.low()).compareTo(expected.movePointLeft(55)) < 0, power::toString);
    }

    /** Values of mpmath at 60 digits: P(X = x). */
    @ParameterizedTest
    @CsvSource({
        "gaussian, 1/4, 0, 0.7865707070419478997045905585278771853141",
        "gaussian, 1/4, 1, 0.1064507694231447242359381369240510032561",
        "gaussian, 9/1, 0, 0.1329807601338108926466486866447939561586",
        "gaussian, 9/1, 7, 0.008740629697903165295078766427785527206754",
        "gaussian, 100/1, 55, 0.00000001076976004254327635878203107900611919891",
        "skellam, 1/4, 0, 0.7910171621397193638861883332324696888581",
        "skellam, 1/4, 3, 0.0002545077249939987932281498845901052839319",
        "skellam, 9/1, 0, 0.1349595245817230128898005488527358585233",
        "skellam, 9/1, 11, 0.0002328965115221768740979455459170940158687",
        "skellam, 10000/1, 100, 0.002419687078729321169042583760723225704056",
        "skellam, 10000/1, 700, 9.215275020830775391072368748134551621691e-14"
    })
    void theCellsHoldThePublishedMasses(String kind, String parameter, int x, BigDecimal mass) {
        AliasTable table = AliasTable.of(masses(kind, parameter));

        BigDecimal folded = new BigDecimal(table.chances()[x]).divide(CHANCES);

        BigDecimal expected = x == 0 ? mass : mass.add(mass);
        BigDecimal most = x == 0 ? BigDecimal.valueOf(table.distance().value() * 2) : ROUNDING;
        assertTrue(folded.subtract(expected).abs().compareTo(most) <= 0, folded + " for " + expected);
    }

    private static FoldedMasses masses(String kind, String parameter) {
        String[] parts = parameter.split("/");
        PositiveRational value = PositiveRational.of(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        return kind.equals("gaussian")
                ? FoldedMasses.of(new DiscreteGaussian(value))
                : FoldedMasses.of(new Skellam(value));
    }

    /** Every entry by an exponential of its own, not by the product's recurrence, and the tail by its first terms. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 3.3, 25, 77})
    void theReportedDistanceIsTheTrueOne(double sigma) {
        DiscreteGaussian law = DiscreteGaussian.ofSigma(sigma);
        AliasTable table = AliasTable.of(FoldedMasses.of(law));
        BigInteger[] chances = table.chances();
        int reach = chances.length + 60;
        BigDecimal[] weights = new BigDecimal[reach];
        BigDecimal total = BigDecimal.ZERO;
        for (int x = 0; x < reach; x++) {
            weights[x] = x == 0 ? BigDecimal.ONE : weight(law, x).multiply(BigDecimal.TWO);
            total = total.add(weights[x]);
        }
        BigDecimal difference = BigDecimal.ZERO;
        for (int x = 0; x < reach; x++) {
            BigDecimal drawn = x < chances.length ? new BigDecimal(chances[x]).divide(CHANCES) : BigDecimal.ZERO;
            difference = difference.add(
                    drawn.subtract(weights[x].divide(total, DIGITS)).abs());
        }
        double distance = difference.doubleValue() / 2;

        double reported = table.distance().value();

        assertTrue(distance <= reported, distance + " is said to be at most " + reported);
        // Half the tail counts for itself, half for what it left over.
        assertTrue(reported <= 2 * distance, distance + " is said to be " + reported);
        assertTrue(reported < 0x1p-114, () -> "far too large: " + reported);
    }

    private static BigDecimal weight(DiscreteGaussian law, int x) {
        PositiveRational exponent = new PositiveRational(
                law.sigmaSquared().denominator().multiply(BigInteger.valueOf((long) x * x)),
                law.sigmaSquared().numerator().shiftLeft(1));
        return DecimalInterval.expOfMinus(exponent).high();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 3.3, 290})
    void chancesSumToOneAndNoneIsLeftOutside(double sigma) {
        AliasTable table = AliasTable.of(FoldedMasses.of(DiscreteGaussian.ofSigma(sigma)));

        BigInteger sum = List.of(table.chances()).stream().reduce(BigInteger.ZERO, BigInteger::add);

        assertEquals(BigInteger.TWO.pow(127), sum);
        for (int x = table.greatest() + 1; x < table.chances().length; x++) {
            assertEquals(BigInteger.ZERO, table.chances()[x], "magnitude " + x);
        }
    }

    /** At both sides of every threshold and at the ends of every cell, with either sign. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 3.3, 290})
    void theDrawGoesByTheThresholdToTheLastBit(double sigma) {
        AliasTable table = AliasTable.of(FoldedMasses.of(DiscreteGaussian.ofSigma(sigma)));
        BigInteger capacity = BigInteger.TWO.pow(127 - table.cellBits());
        for (int cell = 0; cell < 1 << table.cellBits(); cell++) {
            BigInteger threshold = table.threshold(cell);
            if (threshold.signum() > 0) {
                assertDrawn(table, cell, BigInteger.ZERO, cell);
                assertDrawn(table, cell, threshold.subtract(BigInteger.ONE), cell);
            }
            assertDrawn(table, cell, threshold, table.alias(cell));
            assertDrawn(table, cell, capacity.subtract(BigInteger.ONE), table.alias(cell));
        }
    }

    private static void assertDrawn(AliasTable table, int cell, BigInteger place, int magnitude) {
        long sign = 1L << 63 - table.cellBits();
        long high = (long) cell << 64 - table.cellBits()
                | place.shiftRight(Long.SIZE).longValueExact();
        assertEquals(magnitude, table.draw(high, place.longValue()));
        assertEquals(-magnitude, table.draw(high | sign, place.longValue()));
    }

    @Test
    void aLawThatDoesNotFitATableIsRefused() {
        DiscreteGaussian wide = DiscreteGaussian.ofSigma(400);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> FoldedMasses.of(wide));

        assertTrue(refused.getMessage().contains("4096"), refused.getMessage());
    }
}
