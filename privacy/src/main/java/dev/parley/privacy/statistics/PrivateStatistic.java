package dev.parley.privacy.statistics;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A statistic with its noise: the only form in which one may leave a site.
 *
 * <p><b>Guarantees</b>: the answer was made by a mechanism whose loss is {@link #cost}, for the {@link #unit}; it is
 * handed out once. There is no way from here to the answer without noise. <b>Does not</b> charge a budget: that is
 * done, with this cost, before the statistic is asked for.
 *
 * @param <A> what the answer looks like
 */
public final class PrivateStatistic<A> {
    private final String name;
    private final ProtectedUnit unit;
    private final Rho cost;
    private final Confidence confidence;
    private final String mechanism;
    private final A answer;
    private final AtomicBoolean taken = new AtomicBoolean();

    PrivateStatistic(String name, ProtectedUnit unit, Rho cost, Confidence confidence, String mechanism, A answer) {
        this.name = name;
        this.unit = unit;
        this.cost = cost;
        this.confidence = confidence;
        this.mechanism = mechanism;
        this.answer = answer;
    }

    /** What it is: count, sum, mean, variance, histogram, contingency table or quantiles. */
    public String name() {
        return name;
    }

    /** Whom it protects. */
    public ProtectedUnit unit() {
        return unit;
    }

    /** What it cost, as the mechanism's own map says. */
    public Rho cost() {
        return cost;
    }

    /** What the intervals in the answer hold to. */
    public Confidence confidence() {
        return confidence;
    }

    /** What drew the noise, for logs and reports. */
    public String mechanism() {
        return mechanism;
    }

    /**
     * The answer, once.
     *
     * @throws IllegalStateException the second time: keep what the first gave, or pay for another
     */
    public A release() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "this " + name + " was released already; a noisy result is released once, so"
                            + " keep what the first release gave");
        }
        return answer;
    }

    /** Without the answer. */
    @Override
    public String toString() {
        return name + " by " + mechanism + " at rho " + cost.value();
    }
}
