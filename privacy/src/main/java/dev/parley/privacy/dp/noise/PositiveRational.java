package dev.parley.privacy.dp.noise;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A parameter of a law, exactly: {@code numerator / denominator} in lowest terms.
 *
 * @param numerator at least 1
 * @param denominator at least 1
 */
public record PositiveRational(BigInteger numerator, BigInteger denominator) {
    public PositiveRational {
        if (numerator.signum() <= 0 || denominator.signum() <= 0) {
            throw new IllegalArgumentException(
                    "a positive rational has a numerator and a denominator of at least 1, got " + numerator + " / "
                            + denominator);
        }
        BigInteger common = numerator.gcd(denominator);
        numerator = numerator.divide(common);
        denominator = denominator.divide(common);
    }

    public static PositiveRational of(long numerator, long denominator) {
        return new PositiveRational(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
    }

    /** Exactly the value of a positive, finite double. */
    public static PositiveRational of(double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a parameter of noise is greater than 0 and finite, got " + value);
        }
        BigDecimal exact = new BigDecimal(value);
        return exact.scale() > 0
                ? new PositiveRational(exact.unscaledValue(), BigInteger.TEN.pow(exact.scale()))
                : new PositiveRational(exact.toBigIntegerExact(), BigInteger.ONE);
    }

    PositiveRational squared() {
        return new PositiveRational(numerator.multiply(numerator), denominator.multiply(denominator));
    }

    PositiveRational dividedBy(BigInteger divisor) {
        return new PositiveRational(numerator, denominator.multiply(divisor));
    }

    PositiveRational inverse() {
        return new PositiveRational(denominator, numerator);
    }

    /** The largest integer that is not greater. */
    BigInteger floor() {
        return numerator.divide(denominator);
    }

    /** The nearest double, or nearly: for what need not be exact. */
    double approximately() {
        return new BigDecimal(numerator)
                .divide(new BigDecimal(denominator), DecimalInterval.DOWN)
                .doubleValue();
    }

    @Override
    public String toString() {
        return numerator + "/" + denominator;
    }
}
