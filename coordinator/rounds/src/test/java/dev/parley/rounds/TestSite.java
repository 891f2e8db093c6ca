package dev.parley.rounds;

import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.Deal.Bytes;
import dev.parley.privacy.secagg.MemberKeys;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.MemberState;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Refusal;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.SitePledges;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.statistics.CountsEncoding;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.MaskedCounts;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ContributionWeight;
import dev.parley.privacy.update.EncodedUpdate;
import dev.parley.privacy.update.MaskedUpdate;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.RawUpdate;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.rounds.RoundEvent.Deals;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An honest site with real keys. It hears the effects that are addressed to it and answers with the events that its
 * messages would become: an answer that is asked for twice is the same answer, and what it says no to becomes a refusal.
 * What must survive a restart does; keys and shares do not.
 */
final class TestSite {
    /** A site's training, by its result: the weight and the difference from the model. */
    record Update(double weight, float... difference) {}

    /** Sites that have keys; made and checked once, because signatures are what takes time. */
    private static final int POOL = 12;

    private static final SiteFloors FLOORS = new SiteFloors(2, 2, 0, Map.of(), Set.of(Allowance.GROUPS));
    private static final Map<SiteName, Keys> KEYS = pool();

    private record Keys(SiteIdentityKey identity, MemberKeys first) {}

    /** A site's end of one of a round's sums. */
    private static final class Part {
        private final MemberState.Dealt dealt;
        private MemberState.@Nullable Ready ready;
        private MemberState.@Nullable Masked masked;
        private MemberState.@Nullable Confirmed confirmed;
        private @Nullable Confirmation confirmation;
        private @Nullable Opening opening;

        Part(MemberState.Dealt dealt) {
            this.dealt = dealt;
        }
    }

    /** What a site keeps of one plan. */
    private static final class Work {
        private final RoundPlan plan;
        private final Deals deals;
        private final Map<Purpose, Part> parts = new EnumMap<>(Purpose.class);
        private @Nullable ContentHash update;
        private @Nullable ContentHash version;
        private @Nullable Bytes counts;

        Work(RoundPlan plan, Deals deals) {
            this.plan = plan;
            this.deals = deals;
        }
    }

    private final SiteName name;
    private final Uploads uploads;
    private final DeterministicRandom random;
    private final Map<ContentHash, Work> works = new HashMap<>();
    private final Map<Class<? extends Effect>, Effect> heard = new HashMap<>();
    private MemberKeys keys;
    private SitePledges pledges = SitePledges.none().withNextEpoch();

    TestSite(SiteName name, Uploads uploads, long seed) {
        this.name = name;
        this.uploads = uploads;
        this.random = new DeterministicRandom(seed * 31 + name.hashCode());
        this.keys =
                Objects.requireNonNull(KEYS.get(name), "a site without keys").first();
    }

    private static Map<SiteName, Keys> pool() {
        DeterministicRandom random = new DeterministicRandom(20261125);
        SortedMap<SiteName, Keys> made = new TreeMap<>();
        for (int i = 0; i < POOL; i++) {
            SiteName name = FederationFixture.site(i);
            SiteIdentityKey identity = SiteIdentityKey.generate(random);
            made.put(
                    name,
                    new Keys(
                            identity,
                            MemberKeys.begin(FederationFixture.NAME.value(), name.value(), 1, identity, random)));
        }
        Roster all = Roster.of(
                made.values().stream().map(keys -> keys.first().announcement()).toList());
        made.replaceAll(
                (name, keys) -> new Keys(keys.identity(), taken(keys.first().checkRoster(all))));
        return made;
    }

    static <T> T taken(Step<T> step) {
        return switch (step) {
            case Step.Taken<T> taken -> taken.result();
            case Step.Refused<T> refused -> throw new AssertionError("refused: " + refused.refusal());
        };
    }

    SiteName name() {
        return name;
    }

    Announcement announcement() {
        return keys.announcement();
    }

    FederationEvent attached(Instant at) {
        return new FederationEvent.SiteAttached(name, announcement(), at);
    }

    /** New keys; what was under way is forgotten, and what was pledged is not. */
    void restart() {
        pledges = pledges.withNextEpoch();
        SiteIdentityKey identity = Objects.requireNonNull(KEYS.get(name)).identity();
        keys = MemberKeys.begin(FederationFixture.NAME.value(), name.value(), pledges.epoch(), identity, random);
        works.clear();
        heard.clear();
    }

    /** Keeps the effect if it is for this site. */
    boolean hears(Effect effect) {
        boolean mine = switch (effect) {
            case Effect.AgreeKeys agree -> agree.asked().containsKey(name);
            case Effect.Invite invite -> invite.sites().contains(name);
            case Effect.StartCollecting start -> start.notices().containsKey(name);
            case Effect.AskConfirmations ask -> ask.sites().contains(name);
            case Effect.AskOpenings ask -> ask.sites().contains(name);
            case Effect.RequestEvaluation request -> request.sites().contains(name);
            default -> false;
        };
        if (mine) {
            heard.put(effect.getClass(), effect);
        }
        return mine;
    }

    <E extends Effect> E last(Class<E> type) {
        return type.cast(
                Objects.requireNonNull(heard.get(type), () -> name + " was not sent any " + type.getSimpleName()));
    }

    // ---- keys

    FederationEvent agreed(Instant at) {
        Effect.AgreeKeys asked = last(Effect.AgreeKeys.class);
        Roster roster = asked.roster();
        MemberSet peers = Objects.requireNonNull(asked.asked().get(name));
        SortedMap<Integer, Bytes> answer = new TreeMap<>();
        // A roster with keys that this site no longer has is not answered.
        if (keys.checkRoster(roster) instanceof Step.Taken<MemberKeys> checked) {
            MemberKeys.Encapsulations made = taken(checked.result().encapsulate(roster, peers, random));
            keys = made.keys();
            made.byPeer().forEach((peer, bytes) -> answer.put(peer, Bytes.of(bytes)));
        }
        return new FederationEvent.KeysAgreed(name, roster.hash(), answer, at);
    }

    // ---- the plan

    RoundEvent accepted(Instant at) {
        Effect.Invite invite = last(Effect.Invite.class);
        RoundPlan plan = invite.plan();
        Work known = works.get(plan.hash());
        if (known != null) {
            return new RoundEvent.SiteAccepted(name, plan.hash(), known.deals, at);
        }
        return switch (dealt(invite)) {
            case Step.Taken<Work> taken -> {
                works.put(plan.hash(), taken.result());
                yield new RoundEvent.SiteAccepted(name, plan.hash(), taken.result().deals, at);
            }
            case Step.Refused<Work> refused -> refused(plan.hash(), refused.refusal(), at);
        };
    }

    private Step<Work> dealt(Effect.Invite invite) {
        RoundPlan plan = invite.plan();
        Roster roster = invite.roster();
        if (!roster.hash().equals(plan.roster())
                || !roster.names()
                        .equals(plan.cohort().stream().map(SiteName::value).toList())) {
            return new Step.Refused<>(new Refusal(Reason.ROSTER_NOT_THE_PLANS, "another roster than the plan's"));
        }
        Map<Integer, byte[]> received = new TreeMap<>();
        Objects.requireNonNull(invite.encapsulations().get(name))
                .forEach((from, bytes) -> received.put(from, bytes.toArray()));
        return then(
                keys.checkRoster(roster),
                checked -> then(checked.receive(roster, received), agreed -> {
                    SumSession update = session(plan, roster, Purpose.UPDATE);
                    return then(MemberState.deal(update, agreed, FLOORS, random), dealing -> {
                        keys = dealing.keys();
                        if (!plan.evaluated()) {
                            Work work = new Work(plan, new Deals(dealing.deal(), Optional.empty()));
                            work.parts.put(Purpose.UPDATE, new Part(dealing.state()));
                            return new Step.Taken<>(work);
                        }
                        SumSession evaluation = session(plan, roster, Purpose.EVALUATION);
                        return then(MemberState.deal(evaluation, keys, FLOORS, random), counts -> {
                            keys = counts.keys();
                            Work work = new Work(plan, new Deals(dealing.deal(), Optional.of(counts.deal())));
                            work.parts.put(Purpose.UPDATE, new Part(dealing.state()));
                            work.parts.put(Purpose.EVALUATION, new Part(counts.state()));
                            return new Step.Taken<>(work);
                        });
                    });
                }));
    }

    private static SumSession session(RoundPlan plan, Roster roster, Purpose purpose) {
        return new SumSession(plan.hash(), purpose, roster, plan.masking().terms());
    }

    private static <A, B> Step<B> then(Step<A> step, Function<A, Step<B>> next) {
        return switch (step) {
            case Step.Taken<A> taken -> next.apply(taken.result());
            case Step.Refused<A> refused -> new Step.Refused<>(refused.refusal());
        };
    }

    private RoundEvent refused(ContentHash plan, Refusal refusal, Instant at) {
        return new RoundEvent.SiteRefused(name, plan, refusal.toString(), at);
    }

    private RoundEvent unknown(ContentHash plan, Instant at) {
        return refused(plan, new Refusal(Reason.SESSION_UNKNOWN, "this site has not dealt under this plan"), at);
    }

    // ---- the update

    RoundEvent submitted(Update update, Instant at) {
        Effect.StartCollecting start = last(Effect.StartCollecting.class);
        ContentHash plan = start.plan().hash();
        Work work = works.get(plan);
        if (work == null) {
            return unknown(plan, at);
        }
        if (work.update == null) {
            Optional<Refusal> refusal = join(work);
            if (refusal.isPresent()) {
                works.remove(plan);
                return refused(plan, refusal.get(), at);
            }
            work.update = mask(work, update);
        }
        return new RoundEvent.SubmissionCompleted(work.plan.submissionOf(name), plan, work.update, at);
    }

    private Optional<Refusal> join(Work work) {
        Effect heardLast = heard.get(Effect.StartCollecting.class);
        if (!(heardLast instanceof Effect.StartCollecting start)
                || !start.plan().equals(work.plan)) {
            return Optional.of(new Refusal(Reason.NOT_IN_COHORT, "this site was not told who is in the cohort"));
        }
        Effect.Notices notices = Objects.requireNonNull(start.notices().get(name));
        Optional<Refusal> refusal = join(work.parts.get(Purpose.UPDATE), notices.update());
        return refusal.isEmpty() && notices.evaluation().isPresent()
                ? join(work.parts.get(Purpose.EVALUATION), notices.evaluation().get())
                : refusal;
    }

    private static Optional<Refusal> join(Part part, CohortNotice notice) {
        return part.ready != null
                ? Optional.empty()
                : switch (part.dealt.join(notice)) {
                    case Step.Taken<MemberState.Ready> taken -> {
                        part.ready = taken.result();
                        yield Optional.empty();
                    }
                    case Step.Refused<MemberState.Ready> refused -> Optional.of(refused.refusal());
                };
    }

    private ContentHash mask(Work work, Update update) {
        Part part = work.parts.get(Purpose.UPDATE);
        MemberState.Ready ready = Objects.requireNonNull(part.ready);
        MemberState.Contributed<MaskedUpdate> contributed =
                ready.contribute(work.plan.modelHash(), encoded(work.plan, update)::mask);
        part.masked = contributed.state();
        return uploads.hold(contributed.result(), clear(work.plan, update));
    }

    private EncodedUpdate encoded(RoundPlan plan, Update update) {
        ContentHash rounding =
                ContentHash.of(("rounding of " + name + " for " + plan.hash()).getBytes(StandardCharsets.UTF_8));
        return RawUpdate.between(
                        ParameterVector.zeros(FederationFixture.LAYOUT),
                        FederationFixture.vector(update.difference()),
                        new ContributionWeight(update.weight()))
                .clip(plan.clipNorm())
                .noise(plan.noise(), InsecureNoiseSource.replaying(0))
                .encode(
                        plan.encoding(FederationFixture.LAYOUT.size()),
                        SecretSeed.copyOf(rounding.bytes(), SecretAccess.token()));
    }

    /** The same encoding in the clear, by way of a mask that is known here. */
    private int[] clear(RoundPlan plan, Update update) {
        UpdateEncoding encoding = plan.encoding(FederationFixture.LAYOUT.size());
        MaskTerm own = new MaskTerm(SecretSeed.copyOf(new byte[SecretSeed.SIZE_BYTES], SecretAccess.token()), true);
        MaskTerm pair =
                new MaskTerm(SecretSeed.copyOf(FederationFixture.hash("pair").bytes(), SecretAccess.token()), true);
        RingSum sum = new RingSum(encoding.length(), encoding.modulus());
        sum.add(encoded(plan, update)
                .mask(OneTimeMask.of(own.seed(), List.of(pair)))
                .ring());
        sum.addMasks(List.of(own.negated(), pair.negated()), 1);
        return sum.centred();
    }

    // ---- opening a sum

    RoundEvent confirmed(Instant at) {
        Effect.AskConfirmations ask = last(Effect.AskConfirmations.class);
        Work work = works.get(ask.plan());
        Part part = work == null ? null : work.parts.get(ask.purpose());
        if (work == null || part == null || part.masked == null) {
            return unknown(ask.plan(), at);
        }
        ContentHash mine = ask.purpose() == Purpose.UPDATE ? work.plan.modelHash() : work.version;
        if (!ask.subject().equals(mine)) {
            return refused(ask.plan(), new Refusal(Reason.SESSION_UNKNOWN, "another subject"), at);
        }
        if (part.opening == null) {
            Step<MemberState.Masked.Confirming> step = part.masked.confirm(ask.subject(), ask.survivors(), pledges);
            if (step instanceof Step.Refused<MemberState.Masked.Confirming> no) {
                return refused(ask.plan(), no.refusal(), at);
            }
            part.confirmed = taken(step).state();
            part.confirmation = taken(step).confirmation();
        }
        return new RoundEvent.SurvivorsConfirmed(
                name, ask.plan(), ask.purpose(), Objects.requireNonNull(part.confirmation), at);
    }

    RoundEvent revealed(Instant at) {
        Effect.AskOpenings ask = last(Effect.AskOpenings.class);
        Work work = works.get(ask.plan());
        Part part = work == null ? null : work.parts.get(ask.purpose());
        if (part == null || part.confirmed == null) {
            return unknown(ask.plan(), at);
        }
        if (part.opening == null) {
            Step<MemberState.Confirmed.Opened> step = part.confirmed.open(ask.confirmations(), pledges);
            if (step instanceof Step.Refused<MemberState.Confirmed.Opened> no) {
                return refused(ask.plan(), no.refusal(), at);
            }
            pledges = taken(step).pledges();
            part.opening = taken(step).opening();
        }
        return new RoundEvent.SharesRevealed(name, ask.plan(), ask.purpose(), part.opening, at);
    }

    // ---- the evaluation

    /** Empty if the site has nothing to mask its counts with. */
    Optional<RoundEvent> evaluated(EvaluationCounts counts, Instant at) {
        Effect.RequestEvaluation request = last(Effect.RequestEvaluation.class);
        Optional<Work> known = works.values().stream()
                .filter(work -> work.plan.id().equals(request.round()))
                .findFirst();
        Part part = known.map(work -> work.parts.get(Purpose.EVALUATION)).orElse(null);
        if (known.isEmpty() || part == null || join(known.get()).isPresent()) {
            return Optional.empty();
        }
        Work work = known.get();
        if (work.counts == null) {
            int members = part.ready.cohort().size();
            CountsEncoding encoding = new CountsEncoding(counts.classes(), members);
            MemberState.Contributed<MaskedCounts> contributed =
                    part.ready.contribute(request.version(), mask -> encoding.mask(counts, mask));
            part.masked = contributed.state();
            work.version = request.version();
            work.counts = Bytes.of(contributed.result().toBytes());
            uploads.hold(work.counts, counts);
        }
        return Optional.of(
                new RoundEvent.EvaluationReceived(name, request.round(), request.version(), work.counts, at));
    }
}
