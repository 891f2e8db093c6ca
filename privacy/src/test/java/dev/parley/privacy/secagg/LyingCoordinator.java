package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.Lie.believed;

import dev.parley.privacy.secagg.CohortNotice.IncomingShare;
import dev.parley.privacy.secagg.Deal.DealtShare;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.secagg.share.InconsistentSharesException;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.secagg.share.SecretSharing;
import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A coordinator that keeps everything that it is sent in one session, asks whom it wants for what it wants, and takes masks
 * off with whatever shares it has, by the protocol's rules or not.
 */
final class LyingCoordinator {
    static final RingModulus MODULUS = new RingModulus(32);

    final SitesUnderAttack sites;
    final SumSession session;
    final Map<Integer, Deal> deals = new TreeMap<>();
    final Map<Integer, MemberState.Dealt> dealt = new HashMap<>();
    final Map<Integer, MemberState.Masked> masked = new HashMap<>();
    final Map<Integer, MaskedRing> uploads = new HashMap<>();
    final Map<Integer, MemberState.Confirmed> confirmed = new HashMap<>();
    private final Map<ShareKind, Map<Integer, Map<Integer, byte[]>>> shares = new EnumMap<>(ShareKind.class);

    LyingCoordinator(SitesUnderAttack sites, SumSession session) {
        this.sites = sites;
        this.session = session;
    }

    /** Members deal and are told the same cohort: all of them; their vectors arrive. */
    static LyingCoordinator afterUploads(SitesUnderAttack sites, SumSession session) {
        LyingCoordinator coordinator = new LyingCoordinator(sites, session);
        MemberSet all = MemberSet.first(session.roster().size());
        coordinator.deal(all);
        coordinator.upload(all, all);
        return coordinator;
    }

    void deal(MemberSet members) {
        members.forEach(member -> deal(member, session));
    }

    /** A member deals in the session that it is shown. */
    void deal(int member, SumSession shown) {
        MemberState.Dealing dealing = believed(MemberState.deal(shown, sites.keys[member], sites.floors, sites.random));
        sites.keys[member] = dealing.keys();
        deals.put(member, dealing.deal());
        dealt.put(member, dealing.state());
    }

    /** What a member is sent of one dealer. */
    IncomingShare incoming(int dealer, int member) {
        DealtShare share = deals.get(dealer).shares().get(member);
        return new IncomingShare(dealer, share.box(), share.commitment());
    }

    /** An honest notice, if all members of the cohort have dealt. */
    CohortNotice notice(int member, MemberSet cohort) {
        List<IncomingShare> incoming = new ArrayList<>();
        cohort.and(MemberSet.first(session.roster().size()))
                .without(MemberSet.of(member))
                .forEach(dealer -> incoming.add(incoming(dealer, member)));
        return new CohortNotice(cohort, incoming);
    }

    void upload(MemberSet members, MemberSet cohort) {
        members.forEach(member -> upload(member, notice(member, cohort)));
    }

    void upload(int member, CohortNotice notice) {
        upload(member, believed(dealt.get(member).join(notice)), SitesUnderAttack.vector(member));
    }

    void upload(int member, MemberState.Ready ready, int[] vector) {
        upload(member, ready, vector, SitesUnderAttack.MODEL);
    }

    void upload(int member, MemberState.Ready ready, int[] vector, ContentHash subject) {
        EncodedRing encoded = EncodedRing.adopting(vector.clone(), MODULUS);
        MemberState.Contributed<MaskedRing> contributed = ready.contribute(subject, encoded::mask);
        masked.put(member, contributed.state());
        uploads.put(member, contributed.result());
    }

    /** Members sign the same set. */
    List<Confirmation> confirm(MemberSet members, MemberSet survivors) {
        List<Confirmation> signed = new ArrayList<>();
        members.forEach(member -> signed.add(confirm(member, survivors)));
        return signed;
    }

    Confirmation confirm(int member, MemberSet survivors) {
        MemberState.Masked.Confirming confirming =
                believed(masked.get(member).confirm(SitesUnderAttack.MODEL, survivors, sites.pledges[member]));
        confirmed.put(member, confirming.state());
        return confirming.confirmation();
    }

    void open(MemberSet members, List<Confirmation> confirmations) {
        members.forEach(member -> open(member, confirmations));
    }

    Opening open(int member, List<Confirmation> confirmations) {
        MemberState.Confirmed.Opened opened =
                believed(confirmed.get(member).open(confirmations, sites.pledges[member]));
        sites.pledges[member] = opened.pledges();
        opened.opening()
                .shares()
                .forEach(share ->
                        keep(member, share.dealer(), share.kind(), share.share().toArray()));
        return opened.opening();
    }

    /** Members sign the set and open it. */
    void openAll(MemberSet members, MemberSet survivors) {
        open(members, confirm(members, survivors));
    }

    /** A colluding member hands over every share that was sealed for it, both kinds of each dealer. */
    void corrupt(int member) {
        deals.forEach((dealer, deal) -> {
            if (dealer == member) {
                return;
            }
            try (SecretSeed sealing = sites.keys[member]
                    .pairKey(session.roster(), dealer)
                    .orElseThrow()
                    .sealingKey(session.idBytes(), dealer, member)) {
                byte[] box = deal.shares().get(member).box().toArray();
                byte[] both = SealedBox.open(sealing, box, session.sealContext(dealer, member))
                        .orElseThrow();
                keep(member, dealer, ShareKind.RECOVERY_KEY, Arrays.copyOf(both, SecretShare.SIZE_BYTES));
                keep(
                        member,
                        dealer,
                        ShareKind.SELF_SEED,
                        Arrays.copyOfRange(both, SecretShare.SIZE_BYTES, both.length));
            }
        });
    }

    /** A colluding member signs whatever it is asked to. */
    Confirmation corruptConfirmation(int member, MemberSet survivors) {
        byte[] statement = session.confirmationStatement(SitesUnderAttack.MODEL, survivors);
        return new Confirmation(member, Deal.Bytes.of(sites.identities[member].signBriefly(statement)));
    }

    private void keep(int holder, int dealer, ShareKind kind, byte[] share) {
        shares.computeIfAbsent(kind, k -> new HashMap<>())
                .computeIfAbsent(dealer, d -> new TreeMap<>())
                .put(holder, share);
    }

    /** A dealer's secret from the shares that there are. */
    SecretSeed secret(int dealer, ShareKind kind) {
        List<SecretShare> held = new ArrayList<>();
        shares.getOrDefault(kind, Map.of())
                .getOrDefault(dealer, Map.of())
                .forEach((holder, bytes) -> held.add(SecretShare.fromBytes(holder, bytes, SecretAccess.token())));
        int threshold = session.terms().threshold();
        if (held.size() < threshold) {
            throw new AssertionError(held.size() + " shares of " + kind + " of member " + dealer);
        }
        try {
            return new SecretSharing(threshold, session.roster().size()).recover(held);
        } catch (InconsistentSharesException e) {
            throw new AssertionError(e);
        }
    }

    /** The seeds that a dealer has with all others, by position, from its deposit. */
    Map<Integer, SecretSeed> pairSeeds(int dealer) {
        byte[] list = SealedBox.open(
                        secret(dealer, ShareKind.RECOVERY_KEY),
                        deals.get(dealer).deposit().toArray(),
                        session.sealContext(dealer, dealer))
                .orElseThrow();
        Map<Integer, SecretSeed> seeds = new HashMap<>();
        int at = 0;
        for (int peer : session.peers(dealer).stream().toArray()) {
            byte[] seed = Arrays.copyOfRange(list, at, at + SecretSeed.SIZE_BYTES);
            seeds.put(peer, SecretSeed.copyOf(seed, SecretAccess.token()));
            at += SecretSeed.SIZE_BYTES;
        }
        return seeds;
    }

    /** The sum of the vectors of {@code together} by the protocol: the rest of the cohort is lost. */
    int[] sum(MemberSet together, MemberSet cohort) {
        RingSum sum = new RingSum(SitesUnderAttack.vector(0).length, MODULUS);
        List<MaskTerm> off = new ArrayList<>();
        together.forEach(member -> {
            sum.add(uploads.get(member));
            off.add(term(secret(member, ShareKind.SELF_SEED), false));
        });
        cohort.without(together).forEach(lost -> {
            Map<Integer, SecretSeed> seeds = pairSeeds(lost);
            together.forEach(member -> off.add(term(seeds.get(member), lost < member)));
        });
        sum.addMasks(off, 1);
        return sum.centred();
    }

    /** One member's vector, from both of its secrets: what no coordinator may ever have. */
    int[] unmask(int victim, MaskedRing upload, SecretSeed self, MemberSet cohort) {
        RingSum sum = new RingSum(upload.length(), MODULUS);
        sum.add(upload);
        List<MaskTerm> off = new ArrayList<>();
        off.add(term(self, false));
        Map<Integer, SecretSeed> seeds = pairSeeds(victim);
        cohort.without(MemberSet.of(victim)).forEach(peer -> off.add(term(seeds.get(peer), victim > peer)));
        sum.addMasks(off, 1);
        return sum.centred();
    }

    private static MaskTerm term(SecretSeed seed, boolean added) {
        return new MaskTerm(seed.forSubject(SitesUnderAttack.MODEL.bytes()), added);
    }

    /** What is left of a sum when colluding members subtract their own. */
    static int[] less(int[] sum, MemberSet colluding) {
        int[] rest = sum.clone();
        colluding.forEach(member -> {
            for (int i = 0; i < rest.length; i++) {
                rest[i] -= SitesUnderAttack.vector(member)[i];
            }
        });
        return rest;
    }
}
