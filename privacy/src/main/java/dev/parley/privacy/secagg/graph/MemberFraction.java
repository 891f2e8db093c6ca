package dev.parley.privacy.secagg.graph;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A part of a cohort.
 *
 * @param value 0 (none) to below 1
 */
public record MemberFraction(double value) {
    public static final MemberFraction NONE = new MemberFraction(0);

    public MemberFraction {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("a fraction of the members is 0 to below 1, got " + value);
        }
    }

    /**
     * The most members that are no more than this fraction of {@code members}. The fraction counts as the decimal
     * number it is written as, so that 0.29 of 100 are 29, and not the 28 that binary floating point makes of it.
     */
    public int of(int members) {
        return BigDecimal.valueOf(value)
                .multiply(BigDecimal.valueOf(members))
                .setScale(0, RoundingMode.FLOOR)
                .intValueExact();
    }
}
