package dev.parley.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lies about who has survived, for a second kind of shares, or for a sum that shows a few. */
final class SurvivorLies {
    private static final SiteFloors FLOORS = SitesUnderAttack.floors(2, 2, 0);

    private SurvivorLies() {}

    private static LyingCoordinator uploaded(int members, SiteFloors floors) {
        SitesUnderAttack sites = SitesUnderAttack.agreed(members, floors);
        return LyingCoordinator.afterUploads(sites, sites.session("plan", SecureSumTerms.full(members, 0)));
    }

    /** The next round of the same model. */
    private static LyingCoordinator again(SitesUnderAttack sites, String plan) {
        int members = sites.keys.length;
        return LyingCoordinator.afterUploads(sites, sites.session(plan, SecureSumTerms.full(members, 0)));
    }

    private static void requireVectorOf0(LyingCoordinator coordinator, MemberSet together, MemberSet cohort) {
        int[] rest = LyingCoordinator.less(coordinator.sum(together, cohort), together.without(MemberSet.of(0)));
        Lie.require(Arrays.equals(rest, SitesUnderAttack.vector(0)), "the vector of site 0");
    }

    /** The floor is met with a member that was never in the cohort. */
    static final class SurvivorsOutsideTheCohort extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(7, SitesUnderAttack.floors(5, 5, 0));
            LyingCoordinator coordinator =
                    new LyingCoordinator(sites, sites.session("plan", SecureSumTerms.full(7, 0)));
            MemberSet cohort = MemberSet.first(5);
            MemberSet real = MemberSet.first(4);
            coordinator.deal(cohort);
            coordinator.upload(cohort, cohort);

            coordinator.openAll(real, real.with(5));

            requireVectorOf0(coordinator, real, cohort);
            return "a sum of four is opened under a floor of five";
        }
    }

    /** A site is told that it is lost and asked to open the others' sum. */
    static final class SurvivorsWithoutThisSite extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(5, FLOORS);
            MemberSet others = MemberSet.of(1, 2, 3);
            List<Confirmation> signed = coordinator.confirm(others, others);
            coordinator.confirm(0, others);

            Opening opening = coordinator.open(0, signed);

            require(opening.shares().getFirst().kind() == ShareKind.RECOVERY_KEY, "a share of its own recovery key");
            return "a site helps to recover its own pair seeds while its vector is there";
        }
    }

    /** Four survive, three of them colluding, where the owner asks for six. */
    static final class SurvivorsBelowTheFloor extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(7, SitesUnderAttack.floors(2, 6, 0));
            MemberSet four = MemberSet.first(4);

            coordinator.openAll(four, four);

            requireVectorOf0(coordinator, four, MemberSet.first(7));
            return "a sum of fewer than the owner asks for is opened";
        }
    }

    /** A site is told that the vectors were made from another model than its own. */
    static final class AnotherSubject extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(3, FLOORS);

            believed(coordinator
                    .masked
                    .get(0)
                    .confirm(HonestSites.hash("another model"), MemberSet.first(3), coordinator.sites.pledges[0]));

            return "a site signs for survivors that are said to have worked from another model";
        }
    }

    /** The same model is summed again without one site. */
    static final class SumsThatDifferByOne extends Lie {
        @Override
        String tell() {
            LyingCoordinator first = uploaded(5, FLOORS);
            MemberSet all = MemberSet.first(5);
            MemberSet without = MemberSet.first(4);
            first.openAll(all, all);
            LyingCoordinator second = again(first.sites, "next plan");

            second.openAll(without, without);

            requireDifference(first.sum(all, all), second.sum(without, all), 4);
            return "the difference of two sums is one site's vector";
        }
    }

    /** The same, and both sets are signed before either is opened. */
    static final class InterleavedSums extends Lie {
        @Override
        String tell() {
            LyingCoordinator first = uploaded(5, FLOORS);
            MemberSet all = MemberSet.first(5);
            MemberSet without = MemberSet.first(4);
            LyingCoordinator second = again(first.sites, "next plan");
            List<Confirmation> signedFirst = first.confirm(all, all);
            List<Confirmation> signedSecond = second.confirm(without, without);

            first.open(all, signedFirst);
            second.open(without, signedSecond);

            requireDifference(first.sum(all, all), second.sum(without, all), 4);
            return "the difference of two sums is one site's vector";
        }
    }

    private static void requireDifference(int[] more, int[] fewer, int site) {
        int[] difference = more.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= fewer[i];
        }
        Lie.require(Arrays.equals(difference, SitesUnderAttack.vector(site)), "the vector of site " + site);
    }

    /** Three sums, no site in more than two of their openings, any two far apart: 012 + 234 - 0134 is twice the vector of 2. */
    static final class SumsWithOneInCommon extends Lie {
        @Override
        String tell() {
            LyingCoordinator first = uploaded(5, FLOORS);
            LyingCoordinator second = again(first.sites, "second plan");
            LyingCoordinator third = again(first.sites, "third plan");
            MemberSet all = MemberSet.first(5);
            MemberSet a = MemberSet.of(0, 1, 2);
            MemberSet b = MemberSet.of(2, 3, 4);
            MemberSet c = MemberSet.of(0, 1, 3, 4);

            first.openAll(a, a);
            second.openAll(b, b);
            third.openAll(MemberSet.of(0, 1, 3), c);

            int[] twice = first.sum(a, all);
            for (int i = 0; i < twice.length; i++) {
                twice[i] += second.sum(b, all)[i] - third.sum(c, all)[i];
                require(twice[i] == 2 * SitesUnderAttack.vector(2)[i], "twice the vector of site 2");
            }
            return "three sums together are twice one site's vector";
        }
    }

    /** Four sums of one model: over R, and over R with each two of three others. */
    static final class ManySums extends Lie {
        @Override
        String tell() {
            LyingCoordinator none = uploaded(8, FLOORS);
            LyingCoordinator ab = again(none.sites, "second plan");
            LyingCoordinator bc = again(none.sites, "third plan");
            LyingCoordinator ac = again(none.sites, "fourth plan");
            MemberSet all = MemberSet.first(8);
            MemberSet rest = MemberSet.first(5);

            none.openAll(rest, rest);
            ab.openAll(rest, rest.with(5).with(6));
            bc.openAll(rest, rest.with(6).with(7));
            ac.openAll(rest, rest.with(5).with(7));

            int[] base = none.sum(rest, all);
            int[] first = ab.sum(rest.with(5).with(6), all);
            int[] second = bc.sum(rest.with(6).with(7), all);
            int[] third = ac.sum(rest.with(5).with(7), all);
            for (int i = 0; i < base.length; i++) {
                int twice = first[i] + third[i] - second[i] - base[i];
                require(twice == 2 * SitesUnderAttack.vector(5)[i], "twice the vector of site 5");
            }
            return "four sums together are twice one site's vector";
        }
    }

    /** Two sets in one session, before either is opened. */
    static final class TwoSetsSigned extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(5, FLOORS);
            MemberSet asked = MemberSet.first(3);

            List<Confirmation> all = coordinator.confirm(asked, MemberSet.first(5));
            List<Confirmation> few = coordinator.confirm(asked, asked);

            require(all.size() == few.size(), "as many signatures under either set");
            return "sites sign two sets of survivors in one session";
        }
    }

    /** Two sets in one session, for both kinds of the shares of the one that only the first has. */
    static final class BothKinds extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(5, FLOORS);
            MemberSet asked = MemberSet.first(3);

            coordinator.openAll(asked, MemberSet.first(5));
            coordinator.openAll(asked, asked);

            return PlanLies.unmasked(coordinator, 4);
        }
    }

    /** The same question a second time. */
    static final class SecondOpening extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(5, FLOORS);
            MemberSet all = MemberSet.first(5);
            List<Confirmation> signed = coordinator.confirm(all, all);

            Opening first = coordinator.open(0, signed);
            Opening second = coordinator.open(0, signed);

            require(first.equals(second), "the same shares");
            return "shares are revealed as often as they are asked for";
        }
    }

    /**
     * Each site is told another set of four, with itself and with 0 and 1. Nobody has seen a set of two, and yet each of the
     * five others is lost for four sites.
     */
    abstract static class SplitView extends Lie {
        /** Those whom the site of the position is told to be lost. */
        private static final int[][] LOST = {{2, 3, 4}, {2, 5, 6}, {3, 4, 5}, {4, 5, 6}, {2, 5, 6}, {2, 3, 6}, {2, 3, 4}
        };

        abstract List<Confirmation> confirmations(LyingCoordinator coordinator, int member, MemberSet shown);

        @Override
        String tell() {
            LyingCoordinator coordinator = uploaded(7, SitesUnderAttack.floors(2, 4, 0));
            MemberSet all = MemberSet.first(7);
            for (int member = 0; member < 7; member++) {
                MemberSet shown = all.without(MemberSet.of(LOST[member]));
                Confirmation own = coordinator.confirm(member, shown);
                List<Confirmation> given = new ArrayList<>(confirmations(coordinator, member, shown));
                given.add(own);
                coordinator.open(member, given);
            }

            requireVectorOf0(coordinator, MemberSet.of(0, 1), all);
            return "a sum of two is opened, of which nobody was told";
        }
    }

    /** No other's signature is shown. */
    static final class SplitViewUnconfirmed extends SplitView {
        @Override
        List<Confirmation> confirmations(LyingCoordinator coordinator, int member, MemberSet shown) {
            return List.of();
        }
    }

    /** The others' signatures are invented. */
    static final class SplitViewForged extends SplitView {
        @Override
        List<Confirmation> confirmations(LyingCoordinator coordinator, int member, MemberSet shown) {
            return shown.without(MemberSet.of(member)).stream()
                    .mapToObj(other -> new Confirmation(other, Deal.Bytes.of(new byte[64])))
                    .toList();
        }
    }

    /** Signatures under the same set, from the round before. */
    static final class ConfirmationsOfAnotherSession extends Lie {
        @Override
        String tell() {
            LyingCoordinator first = uploaded(5, FLOORS);
            MemberSet all = MemberSet.first(5);
            List<Confirmation> old = first.confirm(all, all);
            LyingCoordinator second = again(first.sites, "next plan");
            second.confirm(0, all);

            second.open(0, old.subList(1, 5));

            return "a site opens on signatures that were given in another session";
        }
    }
}
