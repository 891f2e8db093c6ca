package dev.parley.privacy.dp.audit;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;

/**
 * What one training run shows about its own privacy (Steinke, Nasr, Jagielski, "Privacy auditing with one (1) training
 * run", NeurIPS 2023). Each of many canaries was in the training or not, by its own fair coin; whoever looks at what was
 * released guesses of some of them which it was.
 *
 * <p><b>Why one run suffices.</b> Under pure epsilon every guess is right with probability at most {@code e^epsilon / (1 +
 * e^epsilon)}, whatever the other coins showed, so the number of right guesses is dominated by a binomial one (theorem
 * 5.2 of the paper). Under delta that fails for a few canaries: the paper bounds by how much the tail can grow, {@code 2 m
 * delta} times the largest mean of the binomial's mass over the {@code i} values just below the count.
 *
 * <p><b>Guarantees</b>: if each canary was included by an independent fair coin, and how many are guessed about was decided
 * without looking at the coins, then the chance that {@link #lowerBound} exceeds the epsilon that the mechanism really has
 * at delta, neighbours differing by one canary more or less, is at most the significance. <b>Does not</b> say that the
 * mechanism is as private as the bound: another attack may show more.
 *
 * @param canaries m, whose coins were thrown, guessed about or not
 * @param guesses r, of how many it was guessed whether they were included; the others were passed over
 * @param correct v, how many of the guesses were right
 */
public record OneRunAudit(int canaries, int guesses, int correct) {
    private static final int BISECTIONS = 60;

    /** No audit of a million canaries shows more than 20. */
    private static final double MOST = 64;

    public OneRunAudit {
        if (!(0 <= correct && correct <= guesses && guesses <= canaries && canaries >= 1)) {
            throw new IllegalArgumentException("an audit has correct <= guesses <= canaries, at least one canary, got "
                    + correct + " of " + guesses + " of " + canaries);
        }
    }

    /**
     * A bound on the probability of at least so many right guesses if the mechanism is {@code (epsilon, delta)} private
     * (theorem 5.2 and the listing of appendix D). It grows with epsilon and with delta.
     *
     * @param epsilon bounded
     */
    public double probability(Epsilon epsilon, Delta delta) {
        if (!epsilon.isBounded()) {
            return 1;
        }
        double logRight = -Math.log1p(Math.exp(-epsilon.value()));
        // The mass at k, from k = r downwards, in logarithms: far from its mean the mass itself would be 0.
        double logMass = guesses * logRight;
        double tail = 0;
        double below = 0;
        double steepest = 0;
        for (int k = guesses; k >= 0; k--) {
            if (k >= correct) {
                tail += Math.exp(logMass);
            } else {
                below += Math.exp(logMass);
                steepest = Math.max(steepest, below / (correct - k));
            }
            logMass += Math.log(k) - Math.log(guesses - k + 1.0) - epsilon.value();
        }
        return Math.min(1, tail + 2.0 * canaries * delta.value() * steepest);
    }

    /**
     * The largest epsilon that so many right guesses refute at a delta; 0 if they refute none.
     *
     * @param significance probability, over the coins and the mechanism, with which the bound may be too high; 0.05 for a
     *     bound that holds with 95 % confidence
     */
    public Epsilon lowerBound(Delta delta, double significance) {
        if (!(significance > 0 && significance < 1)) {
            throw new IllegalArgumentException(
                    "a significance is a probability above 0 and below 1, got " + significance);
        }
        double refuted = 0;
        double unrefuted = MOST;
        if (probability(new Epsilon(0), delta) >= significance) {
            return new Epsilon(0);
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (refuted + unrefuted) / 2;
            if (probability(new Epsilon(middle), delta) < significance) {
                refuted = middle;
            } else {
                unrefuted = middle;
            }
        }
        return new Epsilon(refuted);
    }
}
