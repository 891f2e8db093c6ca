package dev.parley.rounds;

import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Where one attempt at a round stands.
 *
 * <pre>
 * Planned -> Inviting -> Collecting -> Releasing -> Evaluating -> Closed
 *               |            |             |                        ^
 *               +---- too few, cancelled --+-- failed --------------+
 * </pre>
 *
 * <p>The invitation is the plan itself. A site that accepts begins to work at once, so an update may arrive while others
 * still think about the invitation; it counts as an acceptance. A round moves on as soon as there is nothing to gain by
 * waiting, gives up as soon as waiting cannot help, and does either at the deadline. A lost site is not waited for once
 * there is a quorum without it, but what it has submitted counts, and so does what it submits when it returns in time.
 *
 * <p><b>Guarantees</b>: a site is counted at most once; at most one {@link Effect.Release} and at most one
 * {@link RoundOutcome}; the same event twice has no second effect, except that a rejection is said again; every state but
 * {@link Releasing}, which waits for its shell, ends by ticks alone.
 */
public sealed interface RoundState {
    RoundTerms terms();

    /**
     * @param attached sites that can be reached now, in the cohort or not; they are who scores a version
     */
    default Transition<RoundState> on(RoundEvent event, SortedSet<SiteName> attached) {
        return RoundTransitions.on(this, event, attached);
    }

    default RoundPlan plan() {
        return terms().plan();
    }

    /** Nobody has seen the plan. */
    record Planned(RoundTerms terms) implements RoundState {}

    /** The plan is out, and sites still have time to answer. */
    record Inviting(RoundTerms terms, SortedMap<SiteName, Standing> standings) implements Open {
        public Inviting {
            standings = frozen(standings);
        }

        @Override
        public Inviting with(SortedMap<SiteName, Standing> changed) {
            return new Inviting(terms, changed);
        }
    }

    /** Enough sites are at work; updates come in until the plan's deadline. */
    record Collecting(RoundTerms terms, SortedMap<SiteName, Standing> standings) implements Open {
        public Collecting {
            standings = frozen(standings);
        }

        @Override
        public Collecting with(SortedMap<SiteName, Standing> changed) {
            return new Collecting(terms, changed);
        }
    }

    /** The sum is complete; the shell makes it into a version. */
    record Releasing(RoundTerms terms, SortedMap<SiteName, Standing> standings) implements RoundState {
        public Releasing {
            standings = frozen(standings);
        }
    }

    /**
     * The version exists; sites score it.
     *
     * @param awaited asked sites that can be reached and have not answered
     * @param lost asked sites that cannot be reached and have not answered
     * @param reported sites whose answer is in {@code pooled}, or was refused for its content
     * @param pooled the sum of the answers
     */
    record Evaluating(
            RoundTerms terms,
            ContentHash version,
            Participation participation,
            SortedMap<SiteName, Standing> standings,
            SortedSet<SiteName> awaited,
            SortedSet<SiteName> lost,
            SortedSet<SiteName> reported,
            EvaluationCounts pooled,
            Instant deadline)
            implements RoundState {
        public Evaluating {
            standings = frozen(standings);
            awaited = Participation.sortedCopy(awaited);
            lost = Participation.sortedCopy(lost);
            reported = Participation.sortedCopy(reported);
        }

        Evaluating asking(SortedSet<SiteName> stillAwaited, SortedSet<SiteName> stillLost) {
            return new Evaluating(
                    terms, version, participation, standings, stillAwaited, stillLost, reported, pooled, deadline);
        }

        Evaluating reported(SiteName site, EvaluationCounts sum) {
            SortedSet<SiteName> more = RoundTransitions.with(reported, site);
            return new Evaluating(terms, version, participation, standings, awaited, lost, more, sum, deadline);
        }
    }

    /** Over. */
    record Closed(RoundTerms terms, RoundOutcome outcome) implements RoundState {}

    /** A round that takes answers and updates: what {@link Inviting} and {@link Collecting} share. */
    sealed interface Open extends RoundState permits Inviting, Collecting {
        SortedMap<SiteName, Standing> standings();

        Open with(SortedMap<SiteName, Standing> changed);
    }

    private static SortedMap<SiteName, Standing> frozen(SortedMap<SiteName, Standing> standings) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(standings));
    }
}
