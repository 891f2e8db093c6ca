package dev.parley.rounds;

import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.secagg.Refusal;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.update.ContentHash;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** What the shell around the state machines (the actor, the simulator) has to do, in the order given. */
public sealed interface Effect {
    /**
     * Ask sites to agree on secrets with peers that they have not agreed with.
     *
     * @param asked the peers that each site encapsulates to, by position in the roster
     */
    record AgreeKeys(Roster roster, SortedMap<SiteName, MemberSet> asked) implements Effect {
        public AgreeKeys {
            asked = Collections.unmodifiableSortedMap(new TreeMap<>(asked));
        }
    }

    /**
     * Send the plan to these sites.
     *
     * @param roster that the plan names by hash; to be had under that hash before the plan is sent
     * @param encapsulations what each site is sent with the plan, by the position of the member that made it
     */
    record Invite(RoundPlan plan, Roster roster, SortedMap<SiteName, SortedMap<Integer, Bytes>> encapsulations)
            implements Effect {
        public Invite {
            encapsulations = Collections.unmodifiableSortedMap(new TreeMap<>(encapsulations));
        }

        public SortedSet<SiteName> sites() {
            return Participation.sortedCopy(encapsulations.keySet());
        }
    }

    /**
     * The round has a cohort; tell each of these members who is in it.
     *
     * @param notices empty where nobody has to be told
     */
    record StartCollecting(RoundPlan plan, SortedMap<SiteName, Notices> notices) implements Effect {
        public StartCollecting {
            notices = Collections.unmodifiableSortedMap(new TreeMap<>(notices));
        }
    }

    /** What a member is told of the round's sums. */
    record Notices(CohortNotice update, Optional<CohortNotice> evaluation) {}

    /**
     * Ask these sites to sign the set of survivors.
     *
     * @param subject the model that their vectors were made from
     */
    record AskConfirmations(
            ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors, SortedSet<SiteName> sites)
            implements Effect {}

    /** Show these sites the signatures and ask them to reveal their shares. */
    record AskOpenings(ContentHash plan, Purpose purpose, List<Confirmation> confirmations, SortedSet<SiteName> sites)
            implements Effect {
        public AskOpenings {
            confirmations = List.copyOf(confirmations);
        }
    }

    /** Add the held update to the round's sum, exactly once. */
    record Accumulate(SubmissionId submission, ContentHash contentHash) implements Effect {}

    /** Answer that the update does not count, and drop it. Said again each time that the same submission comes. */
    record RejectSubmission(SubmissionId submission, Rejection rejection) implements Effect {}

    /**
     * Make a version of the sum, store it, answer with ReleaseCommitted or ReleaseFailed. Once for each round.
     *
     * @param recovery what takes the masks off the sum
     */
    record Release(RoundPlan plan, SortedSet<SiteName> contributors, Recovery recovery) implements Effect {}

    /** Ask these sites to score a version on their held-out records. */
    record RequestEvaluation(RoundId round, ContentHash version, SortedSet<SiteName> sites) implements Effect {}

    /** A site's evaluation does not count, because of what is in it. */
    record RejectEvaluation(RoundId round, SiteName site, String reason) implements Effect {}

    /** What a site has sent for secure aggregation does not fit; it counts as lost. */
    record RejectShares(RoundId round, SiteName site, Refusal refusal) implements Effect {}

    /** The round is over; tell the cohort, drop what is held for it. */
    record CloseRound(RoundPlan plan, RoundOutcome outcome) implements Effect {}

    /** Send a Tick at this time. One timer is enough: a new request replaces the last. */
    record ScheduleTick(Instant at) implements Effect {}

    /** The federation is over; nothing follows. */
    record EndFederation(ContentHash modelHash, FederationOutcome outcome) implements Effect {}

    /** The part of this effect that tells something to one site, if it does. */
    default Optional<Effect> only(SiteName site) {
        SortedSet<SiteName> one = Participation.sortedCopy(Set.of(site));
        return switch (this) {
            case AgreeKeys agree ->
                Optional.ofNullable(agree.asked().get(site))
                        .map(peers -> new AgreeKeys(agree.roster(), new TreeMap<>(Map.of(site, peers))));
            case Invite invite ->
                Optional.ofNullable(invite.encapsulations().get(site))
                        .map(made -> new Invite(invite.plan(), invite.roster(), new TreeMap<>(Map.of(site, made))));
            case StartCollecting start ->
                Optional.ofNullable(start.notices().get(site))
                        .map(notices -> new StartCollecting(start.plan(), new TreeMap<>(Map.of(site, notices))));
            case AskConfirmations ask ->
                ask.sites().contains(site)
                        ? Optional.of(
                                new AskConfirmations(ask.plan(), ask.purpose(), ask.subject(), ask.survivors(), one))
                        : Optional.empty();
            case AskOpenings ask ->
                ask.sites().contains(site)
                        ? Optional.of(new AskOpenings(ask.plan(), ask.purpose(), ask.confirmations(), one))
                        : Optional.empty();
            case RequestEvaluation request ->
                request.sites().contains(site)
                        ? Optional.of(new RequestEvaluation(request.round(), request.version(), one))
                        : Optional.empty();
            case Accumulate toNobody -> Optional.empty();
            case RejectSubmission toNobody -> Optional.empty();
            case Release toNobody -> Optional.empty();
            case RejectEvaluation toNobody -> Optional.empty();
            case RejectShares toNobody -> Optional.empty();
            case CloseRound toNobody -> Optional.empty();
            case ScheduleTick toNobody -> Optional.empty();
            case EndFederation toNobody -> Optional.empty();
        };
    }

    /** Why an update does not count. */
    enum Rejection {
        /** Its round, or its round's collecting, is over. */
        LATE,
        /** The site's update for this round is already counted, with other bytes. */
        DUPLICATE,
        /** The site is not in the round's cohort. */
        NOT_IN_COHORT,
        /** The site has refused this round. */
        REFUSED_BEFORE,
        /** It answers a plan that this federation has not made. */
        WRONG_PLAN
    }
}
