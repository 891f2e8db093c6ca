package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskedRing;
import java.util.Arrays;
import java.util.List;

/** Lies in the plan: terms, floors, models, and plans that come again. */
final class PlanLies {
    private PlanLies() {}

    /** Two members, one of them colluding, where the owner asks for four. */
    static final class RosterBelowTheFloor extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(2, SitesUnderAttack.floors(4, 2, 0));
            MemberSet both = MemberSet.first(2);
            LyingCoordinator coordinator =
                    LyingCoordinator.afterUploads(sites, sites.session("plan", SecureSumTerms.full(2, 0)));

            coordinator.openAll(both, both);

            int[] rest = LyingCoordinator.less(coordinator.sum(both, both), MemberSet.of(1));
            require(Arrays.equals(rest, SitesUnderAttack.vector(0)), "the vector of site 0");
            return "a sum of two is opened, and the one that colludes subtracts its own";
        }
    }

    /** t so low that two groups of members can each open one kind of a victim's shares. */
    static final class ThresholdTooLow extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(5, SitesUnderAttack.floors(2, 2, 0));
            SumSession session = sites.session("plan", new SecureSumTerms(2, 0, 0));
            LyingCoordinator coordinator = LyingCoordinator.afterUploads(sites, session);

            coordinator.openAll(MemberSet.of(0, 1), MemberSet.first(5));
            coordinator.openAll(MemberSet.of(2, 3), MemberSet.of(2, 3));

            return unmasked(coordinator, 4);
        }
    }

    /** A plan that provides for no colluding member, and one that signs and reveals everything. */
    static final class CollusionNotProvidedFor extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(5, SitesUnderAttack.floors(2, 3, 1));
            SumSession session = sites.session("plan", new SecureSumTerms(3, 0, 0));
            LyingCoordinator coordinator = LyingCoordinator.afterUploads(sites, session);
            MemberSet all = MemberSet.first(5);
            MemberSet without = MemberSet.of(0, 3, 4);

            List<Confirmation> present = new java.util.ArrayList<>(coordinator.confirm(MemberSet.of(1, 2), all));
            present.add(coordinator.corruptConfirmation(0, all));
            coordinator.open(MemberSet.of(1, 2), present);
            List<Confirmation> lost = new java.util.ArrayList<>(coordinator.confirm(MemberSet.of(3, 4), without));
            lost.add(coordinator.corruptConfirmation(0, without));
            coordinator.open(MemberSet.of(3, 4), lost);
            coordinator.corrupt(0);

            return unmasked(coordinator, 1);
        }
    }

    /** Peers of some only, where the owner allows sums among all only. */
    static final class SparseGraph extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(7, SitesUnderAttack.floors(2, 2, 0));
            LyingCoordinator coordinator =
                    new LyingCoordinator(sites, sites.session("plan", new SecureSumTerms(4, 0, 6)));

            coordinator.deal(MemberSet.of(0));

            return "a site deals in a graph of another kind than its owner allows";
        }
    }

    /** Two sums of three sites each, where the owner allows one over all six only. */
    static final class Groups extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(6, SitesUnderAttack.floors(2, 2, 0));
            LyingCoordinator coordinator =
                    new LyingCoordinator(sites, sites.session("plan", SecureSumTerms.grouped(6, 0, 2)));

            coordinator.deal(MemberSet.of(0));

            return "a site deals for a smaller sum than its owner allows";
        }
    }

    /** A round that was opened is played again: the same pair masks, a fresh self mask, and this time the victim is lost. */
    static final class ReplayedRound extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(6, SitesUnderAttack.floors(2, 2, 0));
            SumSession session = sites.session("plan", SecureSumTerms.full(6, 0));
            MemberSet all = MemberSet.first(6);
            LyingCoordinator first = LyingCoordinator.afterUploads(sites, session);
            first.openAll(all, all);
            MaskedRing upload = first.uploads.get(5);
            SecretSeed self = first.secret(5, ShareKind.SELF_SEED);

            LyingCoordinator again = LyingCoordinator.afterUploads(sites, session);
            again.openAll(MemberSet.first(4), MemberSet.first(4));

            int[] vector = again.unmask(5, upload, self, all);
            require(Arrays.equals(vector, SitesUnderAttack.vector(5)), "the vector of site 5");
            return "the two rounds together show one site's vector";
        }
    }

    /** The same plan with another threshold, after the site has taken part. */
    static final class ChangedConfiguration extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(6, SitesUnderAttack.floors(2, 2, 0));
            LyingCoordinator.afterUploads(sites, sites.session("plan", SecureSumTerms.full(6, 0)));

            LyingCoordinator.afterUploads(sites, sites.session("plan", new SecureSumTerms(5, 0, 0)));

            return "the sites upload twice under one plan";
        }
    }

    /**
     * The victim is shown a live model and the others a dead one, on which every update is zero (Pasquini, Francati, Ateniese,
     * "Eluding Secure Aggregation in Federated Learning via Model Inconsistency", CCS 2022).
     */
    static final class TwoModels extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(5, SitesUnderAttack.floors(2, 2, 0));
            SumSession dead = sites.session("plan of a dead model", SecureSumTerms.full(5, 0));
            SumSession live = sites.session("plan of a live model", SecureSumTerms.full(5, 0));
            LyingCoordinator coordinator = new LyingCoordinator(sites, dead);
            MemberSet all = MemberSet.first(5);
            MemberSet others = MemberSet.of(1, 2, 3, 4);
            coordinator.deal(0, live);
            coordinator.deal(others);
            coordinator.upload(
                    0,
                    believed(coordinator.dealt.get(0).join(coordinator.notice(0, all))),
                    SitesUnderAttack.vector(0),
                    HonestSites.hash("live model"));
            others.forEach(member -> coordinator.upload(
                    member,
                    believed(coordinator.dealt.get(member).join(coordinator.notice(member, all))),
                    new int[SitesUnderAttack.vector(0).length]));

            coordinator.openAll(others, all);

            require(Arrays.equals(coordinator.sum(all, all), SitesUnderAttack.vector(0)), "the vector of site 0");
            return "the sum is one site's vector";
        }
    }

    /** What a coordinator reaches with both kinds of a victim's shares. */
    static String unmasked(LyingCoordinator coordinator, int victim) {
        MemberSet cohort = MemberSet.first(coordinator.session.roster().size());
        int[] vector = coordinator.unmask(
                victim, coordinator.uploads.get(victim), coordinator.secret(victim, ShareKind.SELF_SEED), cohort);
        Lie.require(Arrays.equals(vector, SitesUnderAttack.vector(victim)), "the vector of site " + victim);
        return "both kinds of a site's shares, and with them its vector";
    }
}
