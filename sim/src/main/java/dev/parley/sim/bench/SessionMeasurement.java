package dev.parley.sim.bench;

import dev.parley.privacy.secagg.AggregatorState;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal;
import dev.parley.privacy.secagg.MemberKeys;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.MemberState;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Recovery;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.SitePledges;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What the messages of one session cost, beside the vectors: real members with agreed keys, a vector of one element. Keys are
 * agreed before, as they are for an epoch.
 *
 * @param sites members
 * @param terms of the session
 */
record SessionMeasurement(int sites, int lost, SecureSumTerms terms) {
    private static final SiteFloors FLOORS = new SiteFloors(2, 2, 0, Map.of(), Set.of(Allowance.SPARSE));
    private static final ContentHash MODEL = ContentHash.of("model".getBytes(StandardCharsets.US_ASCII));

    /**
     * Core-seconds of one member, medians, and of the coordinator for all; bytes that one member sends and is sent.
     *
     * @param dealSeconds shares of two secrets for every holder, sealed
     * @param joinSeconds the peers' shares opened and checked
     * @param openSeconds survivors signed, the others' signatures verified, shares revealed
     * @param coordinatorSeconds everything received and checked, secrets recovered
     */
    record Result(
            double dealSeconds,
            double joinSeconds,
            double openSeconds,
            double coordinatorSeconds,
            long bytesSent,
            long bytesReceived) {}

    Result run() {
        SecureRandom random = new SecureRandom();
        List<MemberKeys> keys = agreed(random);
        Result result = null;
        // The first ones are measured too, and thrown away: they run before the code is compiled.
        for (int repetition = 0; repetition < 3; repetition++) {
            result = session(keys, random, "plan " + repetition);
        }
        return java.util.Objects.requireNonNull(result);
    }

    private List<MemberKeys> agreed(SecureRandom random) {
        List<MemberKeys> keys = new ArrayList<>();
        for (int i = 0; i < sites; i++) {
            keys.add(MemberKeys.begin(
                    "bench",
                    String.format(java.util.Locale.ROOT, "site-%05d", i),
                    1,
                    SiteIdentityKey.generate(random),
                    random));
        }
        Roster roster = roster(keys);
        Map<Integer, Map<Integer, byte[]>> inboxes = new HashMap<>();
        for (int i = 0; i < sites; i++) {
            int from = i;
            MemberKeys checked = taken(keys.get(i).checkRoster(roster));
            MemberSet after =
                    MemberSet.of(IntStream.of(terms.graph(sites, roster.hash()).neighbours(i))
                            .filter(peer -> peer > from));
            MemberKeys.Encapsulations made = taken(checked.encapsulate(roster, after, random));
            keys.set(i, made.keys());
            made.byPeer()
                    .forEach((peer, box) ->
                            inboxes.computeIfAbsent(peer, p -> new HashMap<>()).put(from, box));
        }
        inboxes.forEach((peer, inbox) -> keys.set(peer, taken(keys.get(peer).receive(roster, inbox))));
        return keys;
    }

    private static Roster roster(List<MemberKeys> keys) {
        return Roster.of(keys.stream().map(MemberKeys::announcement).toList());
    }

    private Result session(List<MemberKeys> keys, SecureRandom random, String plan) {
        SumSession session = new SumSession(
                ContentHash.of(plan.getBytes(StandardCharsets.US_ASCII)),
                SumSession.Purpose.UPDATE,
                roster(keys),
                terms);
        Times times = new Times();
        AggregatorState.Dealing dealing = AggregatorState.begin(session);
        List<MemberState.Dealt> dealt = new ArrayList<>();
        for (MemberKeys member : keys) {
            MemberState.Dealing deal = times.site(0, () -> taken(MemberState.deal(session, member, FLOORS, random)));
            dealt.add(deal.state());
            times.sent += bytes(deal.deal());
            AggregatorState.Dealing before = dealing;
            dealing = times.coordinator(() -> taken(before.receive(deal.deal())));
        }
        AggregatorState.Dealing complete = dealing;
        AggregatorState.Summing summing = on(times.coordinator(() -> complete.close(MemberSet.first(sites))));
        Map<Integer, MemberState.Masked> masked = new TreeMap<>();
        for (int i = lost; i < sites; i++) {
            int member = i;
            CohortNotice notice = times.coordinator(() -> summing.notice(member));
            times.received += bytes(notice);
            MemberState.Ready ready =
                    times.site(1, () -> taken(dealt.get(member).join(notice)));
            EncodedRing vector = EncodedRing.adopting(new int[1], new RingModulus(32));
            MemberState.Contributed<MaskedRing> contributed = ready.contribute(MODEL, vector::mask);
            masked.put(i, contributed.state());
        }
        open(summing, masked, times);
        return times.result(sites, sites - lost);
    }

    private void open(AggregatorState.Summing summing, Map<Integer, MemberState.Masked> masked, Times times) {
        AggregatorState.Confirming confirming =
                on(times.coordinator(() -> summing.close(MemberSet.of(masked.keySet()), MODEL)));
        MemberSet survivors = confirming.survivors();
        Map<Integer, MemberState.Confirmed> confirmed = new TreeMap<>();
        for (Map.Entry<Integer, MemberState.Masked> entry : masked.entrySet()) {
            MemberState.Masked.Confirming step =
                    times.site(2, () -> taken(entry.getValue().confirm(MODEL, survivors, SitePledges.none())));
            confirmed.put(entry.getKey(), step.state());
            if (!confirming.isEnough()) {
                AggregatorState.Confirming before = confirming;
                confirming = times.coordinator(() -> taken(before.receive(step.confirmation())));
            }
            times.sent += 4 + step.confirmation().signature().size();
        }
        AggregatorState.Revealing revealing = confirming.close();
        List<Confirmation> confirmations = revealing.confirmations();
        for (MemberState.Confirmed member : confirmed.values()) {
            times.received += confirmations.stream()
                    .mapToLong(confirmation -> 4L + confirmation.signature().size())
                    .sum();
            Opening opening = times.site(3, () -> taken(member.open(confirmations, SitePledges.none())))
                    .opening();
            times.sent += opening.shares().size() * (5L + 40);
            AggregatorState.Revealing before = revealing;
            revealing = times.coordinator(() -> taken(before.receive(opening)));
        }
        Recovery recovery = revealing.close();
        if (!(times.coordinator(recovery::open) instanceof Recovery.Outcome.MasksToAdd)) {
            throw new IllegalStateException("honest members spoiled a sum");
        }
    }

    private static long bytes(Deal deal) {
        return deal.deposit().size()
                + deal.shares().stream()
                        .mapToLong(share ->
                                4L + share.box().size() + share.commitment().size())
                        .sum();
    }

    private static long bytes(CohortNotice notice) {
        return notice.shares().stream()
                .mapToLong(share -> 4L + share.box().size() + share.commitment().size())
                .sum();
    }

    /** Times by phase of a site (deal, join, confirm, open) and of the coordinator. */
    private static final class Times {
        private final List<List<Double>> site = IntStream.range(0, 4)
                .<List<Double>>mapToObj(phase -> new ArrayList<>())
                .toList();
        private double coordinator;
        private long sent;
        private long received;

        <T> T site(int phase, java.util.function.Supplier<T> work) {
            long start = CoreClock.nanos();
            T result = work.get();
            site.get(phase).add(CoreClock.secondsSince(start));
            return result;
        }

        <T> T coordinator(java.util.function.Supplier<T> work) {
            long start = CoreClock.nanos();
            T result = work.get();
            coordinator += CoreClock.secondsSince(start);
            return result;
        }

        Result result(int sites, int survivors) {
            return new Result(
                    median(0), median(1), median(2) + median(3), coordinator, sent / sites, received / survivors);
        }

        private double median(int phase) {
            double[] sorted = site.get(phase).stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            return sorted[sorted.length / 2];
        }
    }

    private static <T> T taken(Step<T> step) {
        return switch (step) {
            case Step.Taken<T> taken -> taken.result();
            case Step.Refused<T> refused ->
                throw new IllegalStateException(refused.refusal().toString());
        };
    }

    private static <T> T on(AggregatorState.Closed<T> closed) {
        return switch (closed) {
            case AggregatorState.Closed.On<T> on -> on.next();
            case AggregatorState.Closed.Ended<T> ended ->
                throw new IllegalStateException("too few members are left: " + ended.why());
        };
    }
}
