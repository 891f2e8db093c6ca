package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.CohortNotice.IncomingShare;
import dev.parley.privacy.secagg.Deal.DealtShare;
import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A coordinator's end of one session.
 *
 * <pre>
 * Dealing -(close)-> Summing -(close)-> Confirming -(enough)-> Opening -(enough)-> the masks to take off
 * </pre>
 *
 * <p>It is not trusted by the sites and trusts none of them: what does not fit is refused with a reason and changes nothing,
 * so that one member cannot spoil what the others sent. States are immutable; none holds a vector. <b>Does not</b> notice a
 * member that masks wrongly: the sum is then noise, which decoding refuses.
 */
public sealed interface AggregatorState {
    SumSession session();

    /** Begins a session. */
    static Dealing begin(SumSession session) {
        return new Dealing(session, Map.of());
    }

    /**
     * Too few are left for anything to be opened; nothing has been learned.
     *
     * @param have members that are there
     * @param need the fewest that would do
     */
    record TooFewSurvivors(int have, int need) {}

    /** What closing a step gave. */
    sealed interface Closed<T> {
        record On<T>(T next) implements Closed<T> {}

        record Ended<T>(TooFewSurvivors why) implements Closed<T> {}
    }

    /** The sum is complete; what lets its masks be taken off is being asked for. */
    sealed interface UnderRecovery extends AggregatorState {
        MemberSet survivors();
    }

    /** Members deal. */
    record Dealing(SumSession session, Map<Integer, Deal> deals) implements AggregatorState {
        public Dealing {
            deals = Collections.unmodifiableMap(new TreeMap<>(deals));
        }

        /** Takes a deal that has one share for each holder and a deposit for each peer; the same again changes nothing. */
        public Step<Dealing> receive(Deal deal) {
            int from = deal.from();
            if (from < 0 || from >= session.roster().size()) {
                return Step.refused(Refusal.Reason.NOT_IN_ROSTER, "member " + from + " is not in the roster");
            }
            int[] holders = session.holders(from);
            int peers = holders.length - 1;
            boolean fits = deal.shares().size() == holders.length
                    && deal.deposit().size() == peers * SecretSeed.SIZE_BYTES + SealedBox.OVERHEAD_BYTES;
            for (int i = 0; fits && i < holders.length; i++) {
                DealtShare share = deal.shares().get(i);
                fits = share.to() == holders[i]
                        && share.commitment().size() == Deal.Commitments.SIZE_BYTES
                        && share.box().size() == (holders[i] == from ? 0 : Sizes.BOX_BYTES);
            }
            if (!fits) {
                return Step.refused(
                        Refusal.Reason.SHARES_INCOMPLETE,
                        "the deal of site " + session.roster().member(from).site() + " does not have exactly one share "
                                + "for each of its " + holders.length + " holders and a seed for each of its " + peers
                                + " peers");
            }
            Deal before = deals.get(from);
            if (before != null && !before.equals(deal)) {
                return Step.refused(
                        Refusal.Reason.SESSION_REPEATED,
                        "site " + session.roster().member(from).site() + " has dealt otherwise before");
            }
            Map<Integer, Deal> more = new TreeMap<>(deals);
            more.put(from, deal);
            return new Step.Taken<>(new Dealing(session, more));
        }

        /** Members that have dealt. */
        public MemberSet dealt() {
            return MemberSet.of(deals.keySet());
        }

        /**
         * Fixes the cohort: everyone that has dealt and whose secrets enough of the others could open.
         *
         * @param present members to take in, of those that have dealt
         */
        public Closed<Summing> close(MemberSet present) {
            MemberSet cohort = dealt().and(present);
            int threshold = session.terms().threshold();
            MemberSet before;
            do {
                before = cohort;
                MemberSet all = before;
                cohort = MemberSet.of(all.stream().filter(member -> session.holdersAmong(member, all) >= threshold));
            } while (!cohort.equals(before));
            if (cohort.size() < threshold) {
                return new Closed.Ended<>(
                        new TooFewSurvivors(dealt().and(present).size(), threshold));
            }
            return new Closed.On<>(new Summing(session, deals, cohort));
        }
    }

    /** The cohort masks and uploads. */
    record Summing(SumSession session, Map<Integer, Deal> deals, MemberSet cohort) implements AggregatorState {
        public Summing {
            deals = Collections.unmodifiableMap(new TreeMap<>(deals));
        }

        /** What a member of the cohort is told. */
        public CohortNotice notice(int member) {
            List<IncomingShare> shares = new ArrayList<>();
            session.peers(member).and(cohort).forEach(dealer -> {
                DealtShare share = share(deals, session, dealer, member);
                shares.add(new IncomingShare(dealer, share.box(), share.commitment()));
            });
            return new CohortNotice(cohort, shares);
        }

        /**
         * Fixes the survivors.
         *
         * @param survivors members whose vectors are in the sum
         * @param subject the model that the vectors were made from
         */
        public Closed<Confirming> close(MemberSet survivors, ContentHash subject) {
            int threshold = session.terms().threshold();
            // A sum of its own that cannot be opened is left out with its members; the others are opened.
            MemberSet unopenable = MemberSet.of(cohort.stream()
                    .filter(dealer -> session.holdersAmong(dealer, survivors.and(cohort)) < threshold)
                    .map(dealer -> session.graph().component(dealer))
                    .distinct()
                    .flatMap(component ->
                            cohort.stream().filter(member -> session.graph().component(member) == component)));
            MemberSet opened = cohort.without(unopenable);
            MemberSet in = survivors.and(opened);
            return in.size() < threshold
                    ? new Closed.Ended<>(
                            new TooFewSurvivors(survivors.and(cohort).size(), threshold))
                    : new Closed.On<>(new Confirming(session, deals, opened, in, subject, Map.of()));
        }
    }

    /** The survivors sign who survived. */
    record Confirming(
            SumSession session,
            Map<Integer, Deal> deals,
            MemberSet cohort,
            MemberSet survivors,
            ContentHash subject,
            Map<Integer, Confirmation> confirmations)
            implements UnderRecovery {
        public Confirming {
            deals = Collections.unmodifiableMap(new TreeMap<>(deals));
            confirmations = Collections.unmodifiableMap(new TreeMap<>(confirmations));
        }

        /** Takes a survivor's signature under exactly this set. */
        public Step<Confirming> receive(Confirmation confirmation) {
            int from = confirmation.from();
            if (!survivors.contains(from)
                    || !session.roster()
                            .member(from)
                            .identity()
                            .verifiesBriefly(
                                    session.confirmationStatement(subject, survivors),
                                    confirmation.signature().shared())) {
                return Step.refused(
                        Refusal.Reason.CONFIRMATION_FORGED,
                        "a confirmation in the name of member " + from + " is not its signature under this set");
            }
            Map<Integer, Confirmation> more = new TreeMap<>(confirmations);
            more.put(from, confirmation);
            return new Step.Taken<>(new Confirming(session, deals, cohort, survivors, subject, more));
        }

        public MemberSet confirmed() {
            return MemberSet.of(confirmations.keySet());
        }

        /** Whether every member will find enough signatures to open. */
        public boolean isEnough() {
            int needed = session.terms().confirmations(session.roster().size());
            return leastHolders(session, cohort, confirmed()) >= session.terms().threshold()
                    && cohort.stream()
                            .allMatch(
                                    member -> session.sumOf(member, confirmed()).size() >= needed);
        }

        /** @throws IllegalStateException unless {@link #isEnough} */
        public Revealing close() {
            if (!isEnough()) {
                throw new IllegalStateException("too few members have confirmed the survivors");
            }
            return new Revealing(this, Map.of());
        }
    }

    /** The survivors reveal shares. */
    record Revealing(Confirming confirmed, Map<Integer, Opening> openings) implements UnderRecovery {
        public Revealing {
            openings = Collections.unmodifiableMap(new TreeMap<>(openings));
        }

        @Override
        public SumSession session() {
            return confirmed.session();
        }

        @Override
        public MemberSet survivors() {
            return confirmed.survivors();
        }

        /** What every survivor is sent. */
        public List<Confirmation> confirmations() {
            return List.copyOf(confirmed.confirmations().values());
        }

        /** Takes shares of the right kind that their dealers have committed to. */
        public Step<Revealing> receive(Opening opening) {
            SumSession session = session();
            int from = opening.from();
            if (!confirmed.survivors().contains(from)) {
                return Step.refused(Refusal.Reason.NOT_A_SURVIVOR, "member " + from + " is not a survivor");
            }
            MemberSet dealers = session.dealers(from, confirmed.cohort());
            int seen = 0;
            int last = -1;
            for (OpenedShare share : opening.shares()) {
                int dealer = share.dealer();
                ShareKind kind = ShareKind.opening(dealer, confirmed.survivors());
                boolean right = dealers.contains(dealer)
                        && dealer > last
                        && share.kind() == kind
                        && Deal.Commitments.match(
                                session,
                                dealer,
                                from,
                                kind,
                                share.share().shared(),
                                share(confirmed.deals(), session, dealer, from).commitment());
                if (!right) {
                    return Step.refused(
                            Refusal.Reason.SHARE_NOT_COMMITTED,
                            "what site " + session.roster().member(from).site() + " reveals of member " + dealer
                                    + " is not the share that was dealt to it");
                }
                last = dealer;
                seen++;
            }
            if (seen != dealers.size()) {
                return Step.refused(
                        Refusal.Reason.SHARES_INCOMPLETE,
                        "site " + session.roster().member(from).site() + " reveals " + seen + " shares, it holds "
                                + dealers.size());
            }
            Map<Integer, Opening> more = new TreeMap<>(openings);
            more.putIfAbsent(from, opening);
            return new Step.Taken<>(new Revealing(confirmed, more));
        }

        public MemberSet revealed() {
            return MemberSet.of(openings.keySet());
        }

        /** Whether every secret that is needed can be opened. */
        public boolean isEnough() {
            return leastHolders(session(), confirmed.cohort(), revealed())
                    >= session().terms().threshold();
        }

        /** @throws IllegalStateException unless {@link #isEnough} */
        public Recovery close() {
            if (!isEnough()) {
                throw new IllegalStateException("too few members have revealed their shares");
            }
            return new Recovery(this);
        }
    }

    private static int leastHolders(SumSession session, MemberSet cohort, MemberSet present) {
        return cohort.stream()
                .map(dealer -> session.holdersAmong(dealer, present))
                .min()
                .orElse(0);
    }

    private static DealtShare share(Map<Integer, Deal> deals, SumSession session, int dealer, int holder) {
        int at = Arrays.binarySearch(session.holders(dealer), holder);
        return Optional.ofNullable(deals.get(dealer))
                .map(deal -> deal.shares().get(at))
                .orElseThrow(() -> new IllegalArgumentException("member " + dealer + " has not dealt"));
    }

    /** Sizes that both ends know. */
    final class Sizes {
        /** Two shares and the tag. */
        static final int BOX_BYTES = 2 * SecretShare.SIZE_BYTES + SealedBox.OVERHEAD_BYTES;

        private Sizes() {}
    }
}
