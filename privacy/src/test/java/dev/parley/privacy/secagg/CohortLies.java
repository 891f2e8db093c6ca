package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.CohortNotice.IncomingShare;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.secagg.share.SecretShare;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lies about the cohort, and about the shares that its members have sealed for each other. */
final class CohortLies {
    private static final SiteFloors FLOORS = SitesUnderAttack.floors(2, 2, 0);

    private CohortLies() {}

    private static LyingCoordinator dealt(int members, SiteFloors floors) {
        SitesUnderAttack sites = SitesUnderAttack.agreed(members, floors);
        LyingCoordinator coordinator =
                new LyingCoordinator(sites, sites.session("plan", SecureSumTerms.full(members, 0)));
        coordinator.deal(MemberSet.first(members));
        return coordinator;
    }

    /** Colluding members subtract theirs from an opened sum. */
    private static void requireVectorOf0(LyingCoordinator coordinator, MemberSet together, MemberSet cohort) {
        int[] rest = LyingCoordinator.less(coordinator.sum(together, cohort), together.without(MemberSet.of(0)));
        Lie.require(Arrays.equals(rest, SitesUnderAttack.vector(0)), "the vector of site 0");
    }

    /** Four of six, three of them colluding, where the owner asks for five. */
    static final class CohortBelowTheFloor extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(6, SitesUnderAttack.floors(5, 2, 0));
            MemberSet four = MemberSet.first(4);
            coordinator.upload(four, four);

            coordinator.openAll(four, four);

            requireVectorOf0(coordinator, four, four);
            return "a sum of fewer than the owner asks for is opened";
        }
    }

    /** The floor is met with members that are no members. */
    static final class CohortOutsideTheRoster extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(5, SitesUnderAttack.floors(5, 3, 0));
            MemberSet three = MemberSet.first(3);
            coordinator.upload(three, MemberSet.of(0, 1, 2, 8, 9));

            List<Confirmation> signed = coordinator.confirm(three, three);

            require(signed.size() == 3, "all three sign");
            return "a sum of three is signed where the owner asks for a cohort of five";
        }
    }

    /** One fewer than shares are needed: what is masked there nobody can open, and a site's few holders are the coordinator's. */
    static final class CohortOfOneFewerThanTheThreshold extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(5, FLOORS);

            coordinator.upload(0, coordinator.notice(0, MemberSet.of(0, 1)));

            return "a vector leaves for a sum that nobody can open";
        }
    }

    /** The others' cohort, shown to a site that was removed from it. */
    static final class CohortWithoutThisSite extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(4, FLOORS);

            coordinator.upload(0, coordinator.notice(0, MemberSet.of(1, 2, 3)));

            return "a vector leaves for a cohort that does not mask with it";
        }
    }

    /** A second notice, for a second vector under the first's mask. */
    static final class SecondCohort extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            MemberSet all = MemberSet.first(3);
            int[] first = SitesUnderAttack.vector(0);
            int[] second = {5, 4, 3, 2, 1};
            coordinator.upload(0, coordinator.notice(0, all));
            RingSum difference = new RingSum(first.length, LyingCoordinator.MODULUS);
            difference.add(coordinator.uploads.get(0));
            int[] before = difference.centred();

            coordinator.upload(0, believed(coordinator.dealt.get(0).join(coordinator.notice(0, all))), second);

            RingSum again = new RingSum(first.length, LyingCoordinator.MODULUS);
            again.add(coordinator.uploads.get(0));
            for (int i = 0; i < first.length; i++) {
                require(before[i] - again.centred()[i] == first[i] - second[i], "the difference of the two vectors");
            }
            return "the difference of two vectors of one site";
        }
    }

    /** The agent is brought to mask a second vector in a state that it has kept. */
    static final class VectorMaskedTwice extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            MemberState.Ready ready =
                    believed(coordinator.dealt.get(0).join(coordinator.notice(0, MemberSet.first(3))));
            coordinator.upload(0, ready, new int[] {1, 2, 3});
            byte[] first = coordinator.uploads.get(0).toBytes();

            coordinator.upload(0, ready, new int[] {1, 2, 3});

            require(Arrays.equals(first, coordinator.uploads.get(0).toBytes()), "the same mask");
            return "two vectors under one mask";
        }
    }

    /** A peer whose shares are withheld. */
    static final class SharesWithheld extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(4, FLOORS);
            List<IncomingShare> some =
                    coordinator.notice(0, MemberSet.first(4)).shares().subList(0, 2);

            coordinator.upload(0, new CohortNotice(MemberSet.first(4), some));

            return "a vector leaves masked with a peer of whom the site holds nothing";
        }
    }

    /** A colluding dealer seals a byte too few and commits to what the reader would fill up. */
    static final class TruncatedShare extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            SumSession session = coordinator.session;
            byte[] whole = new byte[2 * SecretShare.SIZE_BYTES];
            byte[] half = new byte[SecretShare.SIZE_BYTES];
            byte[] cut = Arrays.copyOf(whole, whole.length - 1);
            Deal.Bytes box;
            try (SecretSeed sealing = coordinator
                    .sites
                    .keys[1]
                    .pairKey(session.roster(), 0)
                    .orElseThrow()
                    .sealingKey(session.idBytes(), 1, 0)) {
                box = Deal.Bytes.of(SealedBox.seal(sealing, cut, session.sealContext(1, 0)));
            }
            Deal.Bytes commitment = Deal.Bytes.of(Deal.Commitments.of(session, 1, 0, half, half));

            coordinator.upload(
                    0,
                    new CohortNotice(
                            MemberSet.first(3),
                            List.of(new IncomingShare(1, box, commitment), coordinator.incoming(2, 0))));

            return "a site holds a share that nobody has dealt";
        }
    }

    /** Another commitment than the dealer's, so that the holder is caught lying later. */
    static final class ExchangedCommitment extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            SumSession session = coordinator.session;
            MemberSet all = MemberSet.first(3);
            IncomingShare real = coordinator.incoming(1, 0);
            byte[] other = real.commitment().toArray();
            other[20] ^= 1;
            Deal.Bytes exchanged = Deal.Bytes.of(other);
            coordinator.upload(
                    0,
                    new CohortNotice(
                            all, List.of(new IncomingShare(1, real.box(), exchanged), coordinator.incoming(2, 0))));
            coordinator.upload(MemberSet.of(1, 2), all);

            List<Confirmation> confirmations = coordinator.confirm(all, all);
            Deal.Bytes revealed =
                    coordinator.open(0, confirmations).shares().get(1).share();

            require(
                    !Deal.Commitments.match(session, 1, 0, ShareKind.SELF_SEED, revealed.toArray(), exchanged),
                    "what the site reveals is not what it was shown");
            return "an honest site reveals what it seems not to have been dealt";
        }
    }

    /** Two peers' boxes, with their commitments, under each other's names. */
    static final class SwappedBoxes extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            IncomingShare one = coordinator.incoming(1, 0);
            IncomingShare two = coordinator.incoming(2, 0);
            List<IncomingShare> swapped = List.of(
                    new IncomingShare(1, two.box(), two.commitment()),
                    new IncomingShare(2, one.box(), one.commitment()));

            coordinator.upload(0, new CohortNotice(MemberSet.first(3), swapped));

            return "a vector leaves although no peer's shares are held";
        }
    }

    /** What a site has sealed for a peer comes back as that peer's. */
    static final class ReflectedBox extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            IncomingShare own = coordinator.incoming(0, 1);
            List<IncomingShare> shares =
                    List.of(new IncomingShare(1, own.box(), own.commitment()), coordinator.incoming(2, 0));

            coordinator.upload(0, new CohortNotice(MemberSet.first(3), shares));

            return "a site holds a share of its own secret as its peer's";
        }
    }

    /** A peer's box of another session under the same keys. */
    static final class BoxOfAnotherSession extends Lie {
        @Override
        String tell() {
            LyingCoordinator coordinator = dealt(3, FLOORS);
            LyingCoordinator next = new LyingCoordinator(
                    coordinator.sites, coordinator.sites.session("next plan", SecureSumTerms.full(3, 0)));
            next.deal(MemberSet.first(3));
            List<IncomingShare> shares = new ArrayList<>();
            shares.add(coordinator.incoming(1, 0));
            shares.add(next.incoming(2, 0));

            next.upload(0, new CohortNotice(MemberSet.first(3), shares));

            return "a site will reveal in one session what it was dealt in another";
        }
    }
}
