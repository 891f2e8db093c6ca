package dev.parley.agent.participation;

import dev.parley.agent.egress.Verdict;
import dev.parley.agent.storage.PledgeBook;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.MemberKeys;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.MemberState;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Refusal;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SitePledges;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A site's membership in the sums of one federation: its keys for the life of this process, its pledges beyond it, and the
 * sessions of the plan under way. Without network and clock; the deployed agent and the simulator run exactly this class.
 *
 * <p><b>Guarantees</b>: what the protocol's states guarantee ({@link MemberState}); pledges are durable before what relies on
 * them is said; the same question gets the same answer again, as after a reconnection. Thread-safe.
 */
public final class SumMembership {
    /** Sessions after which a new epoch begins when a round has ended: long before the keys are exhausted. */
    private static final int RENEWED_AFTER = MemberKeys.MAX_SESSIONS / 2;

    private final String federation;
    private final String site;
    private final SiteIdentityKey identity;
    private final SiteFloors floors;
    private final Map<String, String> trusted;
    private final PledgeBook book;
    private final SecureRandom random;
    private final int renewedAfter;
    private MemberKeys keys;
    private @Nullable Current current;

    /** The plan under way. */
    private static final class Current {
        private final ContentHash plan;
        private final Deals deals;
        private final Map<Purpose, MemberState> states = new EnumMap<>(Purpose.class);
        private final Map<Purpose, Confirmation> confirmations = new EnumMap<>(Purpose.class);
        private final Map<Purpose, Opening> openings = new EnumMap<>(Purpose.class);
        /** Sums whose vector is being masked, or could not be. */
        private final Set<Purpose> unmade = EnumSet.noneOf(Purpose.class);

        private @Nullable Refusal refusal;

        private Current(ContentHash plan, Deals deals) {
            this.plan = plan;
            this.deals = deals;
        }
    }

    /** What a site deals for the sums of one plan. */
    public record Deals(Deal update, Optional<Deal> evaluation) {}

    /**
     * Begins a new epoch.
     *
     * @param book where the epoch is made durable before it is announced
     * @throws IOException if it cannot be
     */
    public SumMembership(
            String federation,
            String site,
            SiteIdentityKey identity,
            SiteFloors floors,
            PledgeBook book,
            SecureRandom random)
            throws IOException {
        this(federation, site, identity, floors, book, random, RENEWED_AFTER);
    }

    /** @param renewedAfter sessions after which the keys are worn */
    SumMembership(
            String federation,
            String site,
            SiteIdentityKey identity,
            SiteFloors floors,
            PledgeBook book,
            SecureRandom random,
            int renewedAfter)
            throws IOException {
        this.federation = federation;
        this.site = site;
        this.identity = identity;
        this.floors = floors;
        this.trusted = withItself(floors.trustedIdentities(), site, identity);
        this.book = book;
        this.random = random;
        this.renewedAfter = renewedAfter;
        this.keys = nextEpoch();
    }

    private MemberKeys nextEpoch() throws IOException {
        SitePledges pledges = book.pledges().withNextEpoch();
        book.keep(pledges);
        return MemberKeys.begin(federation, site, pledges.epoch(), identity, random);
    }

    /** Whether a new epoch should begin: the keys are worn, and no round that needs them is under way. */
    public synchronized boolean needsNewEpoch() {
        return current == null && keys.sessions() >= renewedAfter;
    }

    /**
     * Begins a new epoch if one is needed. It counts for other members from the next {@link #announcement} on.
     *
     * @throws IOException if it cannot be made durable; the old one goes on then
     */
    synchronized void renew() throws IOException {
        if (needsNewEpoch()) {
            keys = nextEpoch();
        }
    }

    /** A list names other sites; that a site trusts itself goes without saying. */
    private static Map<String, String> withItself(Map<String, String> listed, String site, SiteIdentityKey identity) {
        if (listed.isEmpty()) {
            return listed;
        }
        Map<String, String> trusted = new HashMap<>(listed);
        trusted.putIfAbsent(site, identity.identity().fingerprint());
        return Map.copyOf(trusted);
    }

    /** What the site says of its keys when it attends. */
    public synchronized Announcement announcement() {
        return keys.announcement();
    }

    /** Agrees on secrets with peers after this site in the roster. */
    public synchronized Step<SortedMap<Integer, byte[]>> agree(Roster roster, MemberSet peers) throws IOException {
        Optional<Refusal> refusal = believe(roster);
        if (refusal.isPresent()) {
            return new Step.Refused<>(refusal.get());
        }
        return switch (keys.encapsulate(roster, peers, random)) {
            case Step.Refused<MemberKeys.Encapsulations> refused -> new Step.Refused<>(refused.refusal());
            case Step.Taken<MemberKeys.Encapsulations> taken -> {
                keys = taken.result().keys();
                yield new Step.Taken<>(taken.result().byPeer());
            }
        };
    }

    /**
     * Checks a roster against signatures and against what is known of its members, and remembers what is new. Of a roster
     * that is refused nothing is remembered: a coordinator can invent members without end.
     */
    private Optional<Refusal> believe(Roster roster) throws IOException {
        MemberKeys checked;
        switch (keys.checkRoster(roster)) {
            case Step.Refused<MemberKeys> refused -> {
                return Optional.of(refused.refusal());
            }
            case Step.Taken<MemberKeys> taken -> checked = taken.result();
        }
        switch (book.pledges().meet(roster, trusted)) {
            case Step.Refused<SitePledges> refused -> {
                return Optional.of(refused.refusal());
            }
            case Step.Taken<SitePledges> taken -> book.keep(taken.result());
        }
        keys = checked;
        return Optional.empty();
    }

    /**
     * Takes part in the sums of a plan. Asked again for the same plan, it answers with the same deals.
     *
     * @param plan hash of the plan's bytes as they arrived
     * @param encapsulations what members before this site have encapsulated to it
     */
    public synchronized Step<Deals> deal(
            ContentHash plan, Assignment assignment, Roster roster, Map<Integer, byte[]> encapsulations)
            throws IOException {
        if (current != null && current.plan.equals(plan)) {
            return new Step.Taken<>(current.deals);
        }
        if (!roster.hash().equals(assignment.roster()) || !roster.names().equals(assignment.cohort())) {
            return Step.refused(
                    Refusal.Reason.ROSTER_NOT_THE_PLANS,
                    "the plan names roster " + assignment.roster().abbreviated() + "... of "
                            + assignment.cohort().size() + " sites, the roster is "
                            + roster.hash().abbreviated() + "... of " + roster.size());
        }
        if (!assignment.masking().terms().fit(roster.size())) {
            return Step.refused(
                    Refusal.Reason.THRESHOLD_UNREACHABLE,
                    assignment.masking().terms() + " do not fit " + roster.size() + " members");
        }
        Optional<Refusal> refusal = believe(roster);
        if (refusal.isPresent()) {
            return new Step.Refused<>(refusal.get());
        }
        switch (keys.receive(roster, encapsulations)) {
            case Step.Refused<MemberKeys> refused -> {
                return new Step.Refused<>(refused.refusal());
            }
            case Step.Taken<MemberKeys> taken -> keys = taken.result();
        }
        leave();
        SumSession session = assignment.masking().session(plan, Purpose.UPDATE, roster);
        return switch (MemberState.deal(session, keys, floors, random)) {
            case Step.Refused<MemberState.Dealing> refused -> new Step.Refused<>(refused.refusal());
            case Step.Taken<MemberState.Dealing> update -> dealAlsoForEvaluation(assignment, session, update.result());
        };
    }

    private Step<Deals> dealAlsoForEvaluation(Assignment assignment, SumSession session, MemberState.Dealing update) {
        keys = update.keys();
        if (!assignment.evaluated()) {
            return begin(session.plan(), new Deals(update.deal(), Optional.empty()), update);
        }
        SumSession counts = assignment.masking().session(session.plan(), Purpose.EVALUATION, session.roster());
        return switch (MemberState.deal(counts, keys, floors, random)) {
            case Step.Refused<MemberState.Dealing> refused -> {
                update.state().abandon();
                yield new Step.Refused<>(refused.refusal());
            }
            case Step.Taken<MemberState.Dealing> evaluation -> {
                keys = evaluation.result().keys();
                Deals deals =
                        new Deals(update.deal(), Optional.of(evaluation.result().deal()));
                Step<Deals> begun = begin(session.plan(), deals, update);
                put(Purpose.EVALUATION, evaluation.result().state());
                yield begun;
            }
        };
    }

    private Step<Deals> begin(ContentHash plan, Deals deals, MemberState.Dealing update) {
        current = new Current(plan, deals);
        put(Purpose.UPDATE, update.state());
        return new Step.Taken<>(deals);
    }

    private void put(Purpose purpose, MemberState state) {
        if (current != null) {
            current.states.put(purpose, state);
        }
    }

    /** Learns who is in the cohort. A second notice for the same plan changes nothing. */
    public synchronized void join(ContentHash plan, CohortNotice update, Optional<CohortNotice> evaluation) {
        if (current == null || !current.plan.equals(plan)) {
            return;
        }
        join(current, Purpose.UPDATE, update);
        evaluation.ifPresent(notice -> join(java.util.Objects.requireNonNull(current), Purpose.EVALUATION, notice));
        notifyAll();
    }

    private void join(Current round, Purpose purpose, CohortNotice notice) {
        if (round.states.get(purpose) instanceof MemberState.Dealt dealt) {
            switch (dealt.join(notice)) {
                case Step.Refused<MemberState.Ready> refused -> {
                    dealt.abandon();
                    round.states.remove(purpose);
                    round.refusal = refused.refusal();
                }
                case Step.Taken<MemberState.Ready> ready -> round.states.put(purpose, ready.result());
            }
        }
    }

    /**
     * Waits until the cohort of the plan is known.
     *
     * @param plan that this site has dealt for
     * @param millis the longest that this call waits, at least 1
     * @return empty if it is not known yet; a refusal if this site does not go on
     */
    public synchronized Optional<Verdict> awaitCohort(ContentHash plan, long millis) throws InterruptedException {
        if (isUndecided(plan)) {
            wait(millis);
        }
        if (isUndecided(plan)) {
            return Optional.empty();
        }
        if (current == null || !current.plan.equals(plan)) {
            return Optional.of(new Verdict.Refused("plan", "another plan has taken this one's place"));
        }
        Refusal refusal = current.refusal;
        return Optional.of(refusal == null ? new Verdict.Allowed() : refused(refusal));
    }

    private boolean isUndecided(ContentHash plan) {
        return current != null
                && current.plan.equals(plan)
                && current.refusal == null
                && current.states.get(Purpose.UPDATE) instanceof MemberState.Dealt;
    }

    /**
     * Adds the session's one mask to a vector. For a large model and many peers that can take seconds, in which others may
     * ask this membership what they like; until it is done, no survivors of that sum are signed.
     *
     * @param purpose which of the plan's sums
     * @param subject the model that the vector was made from
     * @return empty if this site is not, or no longer, in that sum
     */
    public <T> Optional<T> mask(
            ContentHash plan, Purpose purpose, ContentHash subject, Function<OneTimeMask, T> masking) {
        Current round;
        OneTimeMask mask;
        synchronized (this) {
            round = current;
            if (round == null
                    || !round.plan.equals(plan)
                    || !(round.states.get(purpose) instanceof MemberState.Ready ready)) {
                return Optional.empty();
            }
            // The mask has seeds of its own: leaving the round meanwhile wipes the states and spoils nothing here.
            MemberState.Contributed<OneTimeMask> contributed = ready.contribute(subject, Function.identity());
            round.states.put(purpose, contributed.state());
            round.unmade.add(purpose);
            mask = contributed.result();
        }
        T masked = masking.apply(mask);
        synchronized (this) {
            round.unmade.remove(purpose);
            return round.equals(current) ? Optional.of(masked) : Optional.empty();
        }
    }

    /** The plan that this site takes part in, if any. */
    public synchronized Optional<ContentHash> plan() {
        return Optional.ofNullable(current).map(round -> round.plan);
    }

    /** Signs the survivors, of the model that this site's own vector was made from. */
    public synchronized Step<Confirmation> confirm(
            ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
        if (current == null || !current.plan.equals(plan)) {
            return unknown();
        }
        Confirmation said = current.confirmations.get(purpose);
        if (current.states.get(purpose) instanceof MemberState.Confirmed confirmed
                && said != null
                && confirmed.survivors().equals(survivors)
                && confirmed.subject().equals(subject)) {
            return new Step.Taken<>(said);
        }
        if (!(current.states.get(purpose) instanceof MemberState.Masked masked) || current.unmade.contains(purpose)) {
            return unknown();
        }
        return switch (masked.confirm(subject, survivors, book.pledges())) {
            case Step.Refused<MemberState.Masked.Confirming> refused -> {
                masked.abandon();
                current.states.remove(purpose);
                yield new Step.Refused<>(refused.refusal());
            }
            case Step.Taken<MemberState.Masked.Confirming> taken -> {
                current.states.put(purpose, taken.result().state());
                current.confirmations.put(purpose, taken.result().confirmation());
                yield new Step.Taken<>(taken.result().confirmation());
            }
        };
    }

    /**
     * Reveals shares, if enough members have signed what this site has signed.
     *
     * @throws IOException if the pledge cannot be made durable. Nothing is revealed then, nor when asked again
     */
    public synchronized Step<Opening> open(
            ContentHash plan, Purpose purpose, java.util.List<Confirmation> confirmations) throws IOException {
        if (current == null || !current.plan.equals(plan)) {
            return unknown();
        }
        Opening said = current.openings.get(purpose);
        if (said != null) {
            return new Step.Taken<>(said);
        }
        if (!(current.states.get(purpose) instanceof MemberState.Confirmed confirmed)) {
            return unknown();
        }
        current.states.remove(purpose);
        switch (confirmed.open(confirmations, book.pledges())) {
            case Step.Refused<MemberState.Confirmed.Opened> refused -> {
                confirmed.abandon();
                return new Step.Refused<>(refused.refusal());
            }
            case Step.Taken<MemberState.Confirmed.Opened> taken -> {
                book.keep(taken.result().pledges());
                current.openings.put(purpose, taken.result().opening());
                return new Step.Taken<>(taken.result().opening());
            }
        }
    }

    private static <T> Step<T> unknown() {
        return Step.refused(Refusal.Reason.SESSION_UNKNOWN, "this site is not at that point of that plan");
    }

    /** Ends the part in the plan under way; its secrets are wiped. */
    public synchronized void leave() {
        if (current != null) {
            current.states.values().forEach(MemberState::abandon);
            current = null;
            notifyAll();
        }
    }

    /** A refusal as the owner's rules would say it. */
    static Verdict.Refused refused(Refusal refusal) {
        return new Verdict.Refused("secure-aggregation", refusal.toString());
    }
}
