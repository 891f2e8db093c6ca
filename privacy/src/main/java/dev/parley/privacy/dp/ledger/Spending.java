package dev.parley.privacy.dp.ledger;

import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.accounting.NoAnalysisException;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import org.jspecify.annotations.Nullable;

/**
 * What has been spent of a budget. A value: a debit makes another.
 *
 * <p>Releases are composed as one, not by adding up their epsilons: ten rounds cost far less than ten times one. The
 * composition is that of mechanisms fixed in advance; where what was learned decides how the next release is made, a
 * budget counted this way is a good rule, not a theorem (Rogers, Roth, Ullman and Vadhan 2016).
 *
 * <p><b>Guarantees</b>: no sequence of {@link Decision.Granted} debits exceeds the budget; the order of releases does not
 * matter to what is spent; a release that is refused leaves the value as it was.
 */
public final class Spending {
    /** A forecast ends here: nobody plans further. */
    private static final long MOST_AFFORDABLE = 1_000_000;

    private final Budget budget;
    private final Composition released;
    private final StatisticalDistance distance;
    private final long releases;
    private final boolean broken;

    /** What was computed once; who sees neither computes it again. */
    private volatile @Nullable Epsilon known;

    private volatile @Nullable Next judged;

    private record Next(Release release, Spending spending) {}

    private Spending(Budget budget, Composition released, StatisticalDistance distance, long releases, boolean broken) {
        this.budget = budget;
        this.released = released;
        this.distance = distance;
        this.releases = releases;
        this.broken = broken;
    }

    /** Nothing spent yet. */
    public static Spending none(Budget budget) {
        return new Spending(budget, Composition.under(budget.relation()), StatisticalDistance.ZERO, 0, false);
    }

    public Budget budget() {
        return budget;
    }

    /** Releases that were debited. */
    public long releases() {
        return releases;
    }

    /**
     * With a release that has been made, whether or not it fits: what happened is counted. One that protects smaller units
     * than the budget is for leaves nothing of the promise.
     */
    public Spending with(Release release) {
        return after(release);
    }

    private Spending make(Release release) {
        return new Spending(
                budget,
                released.and(release.mechanism(), release.times()),
                distance.plus(release.distance()),
                releases + 1,
                broken || !release.protects(budget.unit()));
    }

    /** What has been spent, at the budget's delta; unbounded if a release protects less than the budget's unit. */
    public Epsilon epsilon() {
        if (broken) {
            return Epsilon.UNBOUNDED;
        }
        Epsilon epsilon = known;
        if (epsilon == null) {
            epsilon = PrivacyLoss.of(released, distance, budget.delta());
            known = epsilon;
        }
        return epsilon;
    }

    /** Whether a release may be made, without making it. */
    public Decision judge(Release release) {
        if (!release.protects(budget.unit())) {
            return new Decision.Refused(
                    Decision.Reason.UNIT_TOO_SMALL,
                    release.what() + " protects each " + word(release) + ", the budget is " + budget
                            + ": ask for a plan that protects the larger unit");
        }
        try {
            Epsilon after = after(release).epsilon();
            if (after.compareTo(budget.epsilon()) <= 0) {
                return new Decision.Granted(after);
            }
            return new Decision.Refused(
                    Decision.Reason.OVER_BUDGET,
                    String.format(
                            java.util.Locale.ROOT,
                            "%s would bring what is spent from epsilon %.4g to %.4g, the budget is %s",
                            release.what(),
                            epsilon().value(),
                            after.value(),
                            budget));
        } catch (NoAnalysisException e) {
            return new Decision.Refused(Decision.Reason.NO_ANALYSIS, release.what() + ": " + e.getMessage());
        }
    }

    /** The last one asked for is remembered: what is judged is debited next, and accounting takes up to a second. */
    private Spending after(Release release) {
        Next next = judged;
        if (next == null || !next.release().costsAs(release)) {
            next = new Next(release, make(release));
            judged = next;
        }
        return next.spending();
    }

    private static String word(Release release) {
        return release.unit().name().toLowerCase(java.util.Locale.ROOT);
    }

    /** How many more such releases fit, at most a million. */
    public long affordable(Release release) {
        if (!fits(release, 1)) {
            return 0;
        }
        long fits = 1;
        while (fits < MOST_AFFORDABLE && fits(release, 2 * fits)) {
            fits *= 2;
        }
        long tooMany = 2 * fits;
        while (tooMany - fits > 1) {
            long middle = (fits + tooMany) >>> 1;
            if (fits(release, middle)) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return Math.min(fits, MOST_AFFORDABLE);
    }

    private boolean fits(Release release, long times) {
        Release repeated = new Release(
                release.what(),
                release.unit(),
                release.mechanism(),
                Math.multiplyExact(release.times(), times),
                release.distance().times(times));
        return judge(repeated) instanceof Decision.Granted;
    }
}
