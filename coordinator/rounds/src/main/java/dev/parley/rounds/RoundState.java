package dev.parley.rounds;

import dev.parley.privacy.secagg.AggregatorState;
import dev.parley.privacy.secagg.AggregatorState.Dealing;
import dev.parley.privacy.secagg.AggregatorState.Summing;
import dev.parley.privacy.secagg.AggregatorState.UnderRecovery;
import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.statistics.MaskedCountsSum;
import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Where one attempt at a round stands.
 *
 * <pre>
 * Planned -> Inviting -> Collecting -> Recovering -> Releasing -> Evaluating -> RecoveringCounts -> Closed
 *               |            |             |             |                                          ^
 *               +---- too few, cancelled --+-------------+- failed ---------------------------------+
 * </pre>
 *
 * <p>The invitation is the plan itself. A site that accepts deals its shares with the acceptance and begins to work at
 * once. When the invitation ends, the sites that have dealt are the cohort: only they mask with each other, and who comes
 * later waits for the next round. A round moves on as soon as there is nothing to gain by waiting, gives up as soon as
 * waiting cannot help, and does either at the deadline. A lost site is not waited for once there are enough without it,
 * but what it has submitted counts, and so does what it submits when it returns in time.
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

    /**
     * The plan is out, and sites still have time to answer.
     *
     * @param sums what members have dealt
     */
    record Inviting(RoundTerms terms, SortedMap<SiteName, Standing> standings, Sums<Dealing> sums) implements Open {
        public Inviting {
            standings = frozen(standings);
        }

        @Override
        public Inviting with(SortedMap<SiteName, Standing> changed) {
            return new Inviting(terms, changed, sums);
        }

        Inviting with(Sums<Dealing> changed) {
            return new Inviting(terms, standings, changed);
        }

        Inviting until(Instant invitationDeadline) {
            return new Inviting(terms.until(invitationDeadline), standings, sums);
        }
    }

    /** The cohort is at work; updates come in until the plan's deadline. */
    record Collecting(RoundTerms terms, SortedMap<SiteName, Standing> standings, Sums<Summing> sums) implements Open {
        public Collecting {
            standings = frozen(standings);
        }

        @Override
        public Collecting with(SortedMap<SiteName, Standing> changed) {
            return new Collecting(terms, changed, sums);
        }

        boolean isMember(SiteName site) {
            return sums.update().cohort().contains(terms.position(site));
        }
    }

    /** The state of the round's two sums; the evaluation's is empty where none follows. */
    record Sums<T extends AggregatorState>(T update, Optional<T> evaluation) {}

    /**
     * Every update is in; the survivors help to take the masks off their sum.
     *
     * @param recovery how far that is
     * @param evaluation the evaluation's sum, for which members have dealt
     */
    record Recovering(
            RoundTerms terms,
            SortedMap<SiteName, Standing> standings,
            UnderRecovery recovery,
            Optional<Summing> evaluation,
            Instant deadline)
            implements Opening {
        public Recovering {
            standings = frozen(standings);
        }

        @Override
        public Recovering with(UnderRecovery changed) {
            return new Recovering(terms, standings, changed, evaluation, deadline);
        }
    }

    /** The sum is complete; the shell makes it into a version. */
    record Releasing(
            RoundTerms terms, SortedMap<SiteName, Standing> standings, Recovery recovery, Optional<Summing> evaluation)
            implements RoundState {
        public Releasing {
            standings = frozen(standings);
        }
    }

    /**
     * The version exists; sites score it.
     *
     * @param awaited asked sites that can be reached and have not answered
     * @param lost asked sites that cannot be reached and have not answered
     * @param reported sites whose answer is in {@code pooled}
     * @param pooled the sum of the masked answers
     * @param sum the session in which they are masked
     */
    record Evaluating(
            RoundTerms terms,
            ContentHash version,
            Participation participation,
            SortedMap<SiteName, Standing> standings,
            SortedSet<SiteName> awaited,
            SortedSet<SiteName> lost,
            SortedSet<SiteName> reported,
            MaskedCountsSum pooled,
            Summing sum,
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
                    terms, version, participation, standings, stillAwaited, stillLost, reported, pooled, sum, deadline);
        }

        Evaluating until(Instant changed) {
            return new Evaluating(
                    terms, version, participation, standings, awaited, lost, reported, pooled, sum, changed);
        }

        Evaluating reported(SiteName site, MaskedCountsSum more) {
            return new Evaluating(
                    terms,
                    version,
                    participation,
                    standings,
                    awaited,
                    lost,
                    RoundTransitions.with(reported, site),
                    more,
                    sum,
                    deadline);
        }
    }

    /** The version exists and the answers are in; the sites help to take the masks off their sum. */
    record RecoveringCounts(
            RoundTerms terms,
            ContentHash version,
            Participation participation,
            MaskedCountsSum pooled,
            UnderRecovery recovery,
            Instant deadline)
            implements Opening {
        @Override
        public RecoveringCounts with(UnderRecovery changed) {
            return new RecoveringCounts(terms, version, participation, pooled, changed, deadline);
        }
    }

    /** Over. */
    record Closed(RoundTerms terms, RoundOutcome outcome) implements RoundState {}

    /** A round that takes answers and updates: what {@link Inviting} and {@link Collecting} share. */
    sealed interface Open extends RoundState permits Inviting, Collecting {
        SortedMap<SiteName, Standing> standings();

        Open with(SortedMap<SiteName, Standing> changed);
    }

    /** A round that is opening one of its sums: what {@link Recovering} and {@link RecoveringCounts} share. */
    sealed interface Opening extends RoundState permits Recovering, RecoveringCounts {
        UnderRecovery recovery();

        Opening with(UnderRecovery changed);
    }

    private static SortedMap<SiteName, Standing> frozen(SortedMap<SiteName, Standing> standings) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(standings));
    }
}
