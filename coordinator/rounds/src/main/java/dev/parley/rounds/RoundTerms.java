package dev.parley.rounds;

import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What does not change while a round runs.
 *
 * @param planHash the plan's hash, kept because every answer is compared with it
 * @param minimum sites that must accept before the round collects
 * @param quorum fewest updates with which it may release
 * @param roster the members' keys
 * @param encapsulations what each member is sent with the plan to agree on secrets, by the position of the maker
 * @param recovering the longest that opening a sum may take
 * @param invitationDeadline the last moment at which an answer counts for the minimum
 * @param evaluation whether and how the version is scored
 */
public record RoundTerms(
        RoundPlan plan,
        ContentHash planHash,
        int minimum,
        int quorum,
        Roster roster,
        SortedMap<SiteName, SortedMap<Integer, Bytes>> encapsulations,
        Instant invitationDeadline,
        Duration recovering,
        EvaluationTerms evaluation) {
    public RoundTerms {
        encapsulations = Collections.unmodifiableSortedMap(new TreeMap<>(encapsulations));
    }

    RoundTerms until(Instant changed) {
        return new RoundTerms(plan, planHash, minimum, quorum, roster, encapsulations, changed, recovering, evaluation);
    }

    /** The session in which updates are summed. */
    SumSession updateSession() {
        return plan.masking().session(planHash, Purpose.UPDATE, roster);
    }

    /** The session in which the counts over held-out records are summed. */
    SumSession evaluationSession() {
        return plan.masking().session(planHash, Purpose.EVALUATION, roster);
    }

    /** Fewest members of a cohort: what the federation asks for, and what can be opened. */
    int leastMembers() {
        return Math.max(minimum, plan.masking().terms().threshold());
    }

    /** Fewest updates in a sum: what the federation asks for, and what can be opened. */
    int leastUpdates() {
        return Math.max(quorum, plan.masking().terms().threshold());
    }

    /** A member's position in the roster. */
    int position(SiteName site) {
        return roster.position(site.value())
                .orElseThrow(() -> new IllegalArgumentException(site + " is not a member of " + plan.id()));
    }

    SiteName site(int position) {
        return new SiteName(roster.member(position).site());
    }

    SortedSet<SiteName> sites(MemberSet members) {
        SortedSet<SiteName> sites = new TreeSet<>();
        members.forEach(member -> sites.add(site(member)));
        return sites;
    }

    MemberSet members(Collection<SiteName> sites) {
        return MemberSet.of(sites.stream()
                .flatMap(site -> roster.position(site.value()).stream())
                .mapToInt(Integer::intValue));
    }

    /** Whether a version is scored after its release. */
    public sealed interface EvaluationTerms {
        /** It is not. */
        record NotEvaluated() implements EvaluationTerms {}

        /**
         * It is.
         *
         * @param within the longest that it may take
         * @param classes number of classes that every site's counts must have
         */
        record Evaluated(Duration within, int classes) implements EvaluationTerms {}
    }
}
