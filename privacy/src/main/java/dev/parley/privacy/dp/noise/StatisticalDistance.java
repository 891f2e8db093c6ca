package dev.parley.privacy.dp.noise;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;

/**
 * An upper bound on how much more or less likely any event can be under what is drawn than under what is accounted for:
 * total variation distance. Distances add up over values, steps and rounds, by the triangle inequality.
 *
 * <p>What it costs: if a mechanism is (epsilon, delta)-differentially private and what runs is within eta of it on every
 * dataset, then {@code P(M(D) in S) + eta <= e^epsilon P(M(D') in S) + delta + eta}, with eta once more on the other side:
 * what runs is (epsilon, delta + (1 + e^epsilon) eta)-differentially private.
 *
 * @param value 0 to 1
 */
public record StatisticalDistance(double value) {
    /** Of a law from itself. */
    public static final StatisticalDistance ZERO = new StatisticalDistance(0);

    public StatisticalDistance {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("a statistical distance is 0 to 1, got " + value);
        }
    }

    /** Rounded up. */
    public StatisticalDistance plus(StatisticalDistance other) {
        return new StatisticalDistance(Math.min(1, roundedUp(value + other.value)));
    }

    /** Of {@code count} independent draws, at least 0. Rounded up. */
    public StatisticalDistance times(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("noise is drawn at least 0 times, got " + count);
        }
        return new StatisticalDistance(Math.min(1, roundedUp(value * Math.nextUp((double) count))));
    }

    /** What has to be added to delta where {@code epsilon} is promised: {@code (1 + e^epsilon)} distances. Rounded up. */
    public Delta costAt(Epsilon epsilon) {
        if (value == 0) {
            return Delta.ZERO;
        }
        double cost = value * (1 + Math.exp(epsilon.value()));
        return new Delta(Math.min(1, roundedUp(roundedUp(cost))));
    }

    private static double roundedUp(double exactlyRounded) {
        return exactlyRounded == 0 ? 0 : Math.nextUp(Math.nextUp(exactlyRounded));
    }
}
