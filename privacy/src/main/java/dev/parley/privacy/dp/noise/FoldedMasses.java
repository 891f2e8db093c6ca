package dev.parley.privacy.dp.noise;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The probabilities of {@code |X| = 0, 1, 2, ...} for a symmetric law, each enclosed by an interval, as far as they count.
 *
 * @param masses of the magnitudes from 0 on
 * @param tail an upper bound on the probability of all greater ones together
 */
record FoldedMasses(List<DecimalInterval> masses, BigDecimal tail) {
    /** Magnitudes of one table at most. */
    static final int MOST = 4096;

    /** 2^-129: greater magnitudes are left out once they weigh less in all, against a weight of 1 for 0. */
    private static final BigDecimal NEGLIGIBLE = BigDecimal.valueOf(0x1p-129);

    /** From where Skellam's ratios are followed down; what is not known of the first is long forgotten at {@link #MOST}. */
    private static final int FIRST_RATIO = 2 * MOST;

    FoldedMasses {
        masses = List.copyOf(masses);
    }

    static FoldedMasses of(NoiseLaw.DiscreteGaussian law) {
        // Weights exp(-i^2 / (2 s)) by ratios exp(-(2 i + 1) / (2 s)), which shrink by exp(-1 / s) each.
        PositiveRational half = new PositiveRational(
                law.sigmaSquared().denominator(), law.sigmaSquared().numerator().shiftLeft(1));
        DecimalInterval first = DecimalInterval.expOfMinus(half);
        DecimalInterval shrinking = first.times(first);
        List<DecimalInterval> ratios = new ArrayList<>();
        DecimalInterval ratio = first;
        for (int i = 0; i <= MOST; i++) {
            ratios.add(ratio);
            ratio = ratio.times(shrinking);
        }
        return ofRatios(ratios, law);
    }

    /**
     * By the ratios {@code r_k = I_k(v) / I_(k-1)(v)} of modified Bessel functions, which satisfy {@code r_k = 1 / (2 k / v +
     * r_(k+1))} (Abramowitz and Stegun 1964, 9.6.26), lie between 0 and 1 and fall with k (Amos 1974).
     */
    static FoldedMasses of(NoiseLaw.Skellam law) {
        DecimalInterval two = DecimalInterval.ONE.twice();
        DecimalInterval step = two.dividedBy(DecimalInterval.of(law.variance()));
        DecimalInterval ratio = new DecimalInterval(BigDecimal.ZERO, BigDecimal.ONE);
        List<DecimalInterval> ratios = new ArrayList<>();
        for (int k = FIRST_RATIO; k >= 1; k--) {
            ratio = step.times(DecimalInterval.of(PositiveRational.of(k, 1)))
                    .plus(ratio)
                    .inverse();
            if (k <= MOST + 1) {
                ratios.addFirst(ratio);
            }
        }
        return ofRatios(ratios, law);
    }

    /** @param ratios of each weight to the one before, from the weight of 1 on, falling */
    private static FoldedMasses ofRatios(List<DecimalInterval> ratios, NoiseLaw law) {
        List<DecimalInterval> weights = new ArrayList<>();
        DecimalInterval weight = DecimalInterval.ONE;
        DecimalInterval total = DecimalInterval.ZERO;
        for (int i = 0; i < MOST; i++) {
            DecimalInterval folded = i == 0 ? weight : weight.twice();
            weights.add(folded);
            total = total.plus(folded);
            weight = weight.times(ratios.get(i));
            // Falling ratios: what follows is below a geometric series.
            DecimalInterval rest = weight.twice().dividedBy(ratios.get(i + 1).complement());
            if (rest.high().compareTo(NEGLIGIBLE) <= 0) {
                DecimalInterval all = total.plus(new DecimalInterval(BigDecimal.ZERO, rest.high()));
                return new FoldedMasses(
                        weights.stream().map(each -> each.dividedBy(all)).toList(),
                        rest.high().divide(all.low(), DecimalInterval.UP));
            }
        }
        throw new IllegalArgumentException("a table holds magnitudes below " + MOST + ", and " + law
                + " reaches further with probability above 2^-129: use the exact sampler or a smaller scale");
    }
}
