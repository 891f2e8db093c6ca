package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.HonestSites.taken;

import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.ContentHash;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** One whole session between honest members and an honest coordinator, with members that vanish after each step. */
final class HonestRun {
    /** Who vanishes before the step of the name; the union grows. */
    record Losses(
            MemberSet beforeDealing, MemberSet beforeUpload, MemberSet beforeConfirming, MemberSet beforeOpening) {
        static Losses none() {
            return new Losses(MemberSet.none(), MemberSet.none(), MemberSet.none(), MemberSet.none());
        }
    }

    sealed interface End {
        /**
         * @param sums by group; one where there are none
         * @param survivors whose vectors are in the sums
         */
        record Summed(SortedMap<Integer, int[]> sums, MemberSet survivors) implements End {
            public Summed {
                sums = Collections.unmodifiableSortedMap(new TreeMap<>(sums));
            }

            /** Of everyone, or of the first group. */
            int[] sum() {
                return java.util.Objects.requireNonNull(sums.firstEntry()).getValue();
            }
        }

        record TooFew(AggregatorState.TooFewSurvivors why) implements End {}
    }

    private final HonestSites sites;
    private final SumSession session;
    private final RingModulus modulus;
    private final SecureRandom random;

    HonestRun(
            HonestSites sites,
            Roster roster,
            SecureSumTerms terms,
            ContentHash plan,
            RingModulus modulus,
            SecureRandom random) {
        this.sites = sites;
        this.session = new SumSession(plan, Purpose.UPDATE, roster, terms);
        this.modulus = modulus;
        this.random = random;
    }

    End run(int[][] vectors, Losses losses) {
        int n = session.roster().size();
        MemberSet alive = MemberSet.first(n).without(losses.beforeDealing());
        AggregatorState.Dealing dealing = AggregatorState.begin(session);
        Map<Integer, MemberState.Dealt> dealt = new HashMap<>();
        for (int i : alive.stream().toArray()) {
            MemberState.Dealing deal = taken(MemberState.deal(session, sites.keys(i), floors(), random));
            dealt.put(i, deal.state());
            dealing = taken(dealing.receive(deal.deal()));
        }
        AggregatorState.Closed<AggregatorState.Summing> cohort = dealing.close(MemberSet.first(n));
        if (cohort instanceof AggregatorState.Closed.Ended<AggregatorState.Summing> ended) {
            return new End.TooFew(ended.why());
        }
        AggregatorState.Summing summing = ((AggregatorState.Closed.On<AggregatorState.Summing>) cohort).next();
        SortedMap<Integer, RingSum> sums = new TreeMap<>();
        ContentHash subject = HonestSites.hash("model");
        Map<Integer, MemberState.Masked> masked = new HashMap<>();
        MemberSet uploading = summing.cohort().without(losses.beforeUpload());
        for (int i : uploading.stream().toArray()) {
            MemberState.Ready ready = taken(dealt.get(i).join(summing.notice(i)));
            EncodedRing vector = EncodedRing.adopting(vectors[i].clone(), modulus);
            MemberState.Contributed<MaskedRing> contributed = ready.contribute(subject, vector::mask);
            masked.put(i, contributed.state());
            sums.computeIfAbsent(session.graph().component(i), group -> new RingSum(vectors[0].length, modulus))
                    .add(contributed.result());
        }
        AggregatorState.Closed<AggregatorState.Confirming> survivors = summing.close(uploading, subject);
        if (survivors instanceof AggregatorState.Closed.Ended<AggregatorState.Confirming> ended) {
            return new End.TooFew(ended.why());
        }
        AggregatorState.Confirming confirming =
                ((AggregatorState.Closed.On<AggregatorState.Confirming>) survivors).next();
        Map<Integer, MemberState.Confirmed> confirmed = new HashMap<>();
        MemberSet signing = confirming.survivors().without(losses.beforeConfirming());
        for (int i : signing.stream().toArray()) {
            MemberState.Masked.Confirming step =
                    taken(masked.get(i).confirm(subject, confirming.survivors(), SitePledges.none()));
            confirmed.put(i, step.state());
            confirming = taken(confirming.receive(step.confirmation()));
        }
        if (!confirming.isEnough()) {
            return new End.TooFew(new AggregatorState.TooFewSurvivors(
                    signing.size(), session.terms().threshold()));
        }
        AggregatorState.Revealing revealing = confirming.close();
        for (int i : signing.without(losses.beforeOpening()).stream().toArray()) {
            MemberState.Confirmed.Opened opened =
                    taken(confirmed.get(i).open(revealing.confirmations(), SitePledges.none()));
            revealing = taken(revealing.receive(opened.opening()));
        }
        if (!revealing.isEnough()) {
            return new End.TooFew(new AggregatorState.TooFewSurvivors(
                    revealing.revealed().size(), session.terms().threshold()));
        }
        Recovery.Outcome outcome = revealing.close().open();
        if (!(outcome instanceof Recovery.Outcome.MasksToAdd masks)) {
            throw new AssertionError("honest members spoiled a sum: " + outcome);
        }
        MemberSet in = confirming.survivors();
        sums.keySet()
                .removeIf(
                        group -> in.stream().noneMatch(member -> session.graph().component(member) == group));
        masks.byDealer()
                .forEach((dealer, terms) -> java.util.Objects.requireNonNull(
                                sums.get(session.graph().component(dealer)))
                        .addMasks(terms, 1));
        SortedMap<Integer, int[]> opened = new TreeMap<>();
        sums.forEach((group, sum) -> opened.put(group, sum.centred()));
        return new End.Summed(opened, in);
    }

    private SiteFloors floors() {
        if (session.terms().groups() > 1) {
            return HonestSites.GROUP_FLOORS;
        }
        return session.terms().degree() > 0 ? HonestSites.SPARSE_FLOORS : HonestSites.FLOORS;
    }
}
