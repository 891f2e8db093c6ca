package dev.parley.privacy.dp.noise;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Two decimals between which a non-negative real number lies. Every operation rounds the lower one down and the upper one
 * up, at 64 digits, so what is true of the operands stays true of the result: this is where the proofs about tables get
 * their numbers from.
 */
record DecimalInterval(BigDecimal low, BigDecimal high) {
    private static final int DIGITS = 64;
    static final MathContext DOWN = new MathContext(DIGITS, RoundingMode.FLOOR);
    static final MathContext UP = new MathContext(DIGITS, RoundingMode.CEILING);
    static final DecimalInterval ZERO = new DecimalInterval(BigDecimal.ZERO, BigDecimal.ZERO);
    static final DecimalInterval ONE = new DecimalInterval(BigDecimal.ONE, BigDecimal.ONE);

    /** Terms of the exponential series below this are left to the remainder. */
    private static final BigDecimal NEGLIGIBLE = BigDecimal.ONE.movePointLeft(DIGITS + 4);

    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    DecimalInterval {
        if (low.signum() < 0 || low.compareTo(high) > 0) {
            throw new IllegalArgumentException("an interval is 0 <= low <= high, got " + low + ", " + high);
        }
    }

    static DecimalInterval of(PositiveRational value) {
        BigDecimal numerator = new BigDecimal(value.numerator());
        BigDecimal denominator = new BigDecimal(value.denominator());
        return new DecimalInterval(numerator.divide(denominator, DOWN), numerator.divide(denominator, UP));
    }

    DecimalInterval plus(DecimalInterval other) {
        return new DecimalInterval(low.add(other.low, DOWN), high.add(other.high, UP));
    }

    DecimalInterval times(DecimalInterval other) {
        return new DecimalInterval(low.multiply(other.low, DOWN), high.multiply(other.high, UP));
    }

    DecimalInterval twice() {
        return new DecimalInterval(low.multiply(TWO, DOWN), high.multiply(TWO, UP));
    }

    /** @throws ArithmeticException if {@code other} may be 0 */
    DecimalInterval dividedBy(DecimalInterval other) {
        return new DecimalInterval(low.divide(other.high, DOWN), high.divide(other.low, UP));
    }

    DecimalInterval inverse() {
        return ONE.dividedBy(this);
    }

    /** {@code 1 - this}, of a number that is at most 1. */
    DecimalInterval complement() {
        return new DecimalInterval(BigDecimal.ONE.subtract(high, DOWN), BigDecimal.ONE.subtract(low, UP));
    }

    /** {@code e^-x}, by {@code (e^(x / 2^m))^(-2^m)} with a series of positive terms. */
    static DecimalInterval expOfMinus(PositiveRational x) {
        int halvings = Math.max(0, x.floor().bitLength() + 1);
        DecimalInterval y = of(x.dividedBy(BigInteger.TWO.pow(halvings)));
        DecimalInterval sum = ONE;
        DecimalInterval term = ONE;
        for (int i = 1; term.high.compareTo(NEGLIGIBLE) > 0; i++) {
            term = term.times(y).dividedBy(of(PositiveRational.of(i, 1)));
            sum = sum.plus(term);
        }
        // y <= 1/2, so that the terms left out are less than half the last one, a quarter, and so on.
        DecimalInterval power = new DecimalInterval(sum.low, sum.high.add(term.high, UP)).inverse();
        for (int i = 0; i < halvings; i++) {
            power = power.times(power);
        }
        return power;
    }
}
