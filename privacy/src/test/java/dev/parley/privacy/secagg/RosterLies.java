package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.key.WeakKeyException;
import java.util.HashMap;
import java.util.Map;

/** Lies about who the members are. The goal of most: that a site seals shares for the coordinator itself. */
final class RosterLies {
    private static final SiteFloors FLOORS = SitesUnderAttack.floors(2, 2, 0);

    private RosterLies() {}

    private static Announcement forged(SitesUnderAttack sites, EpochKeys held) {
        Announcement real = sites.keys[2].announcement();
        return new Announcement(
                real.federation(), real.site(), real.epoch(), real.identity(), held.publicKeys(), real.signature());
    }

    /** A roster that has a member under whose name the coordinator holds the keys. */
    abstract static class KeysInAnothersName extends Lie {
        final EpochKeys held = EpochKeys.generate(new DeterministicRandom(99));

        abstract SitesUnderAttack sites();

        abstract Announcement announcement(SitesUnderAttack sites);

        void show(SitesUnderAttack sites, Roster roster) {
            sites.enter(0, roster);
        }

        @Override
        String tell() {
            SitesUnderAttack sites = sites();
            Announcement lie = announcement(sites);
            Roster roster = sites.rosterWith(lie);
            show(sites, roster);
            Map<Integer, byte[]> encapsulations = sites.encapsulate(0, roster);
            SumSession session = new SumSession(
                    HonestSites.hash("plan"), SumSession.Purpose.UPDATE, roster, SecureSumTerms.full(roster.size(), 0));
            Deal deal = believed(MemberState.deal(session, sites.keys[0], sites.floors, sites.random))
                    .deal();
            int position = roster.position(lie.site()).orElseThrow();
            PairKey key = pairKey(sites, roster, encapsulations.get(position));
            try (SecretSeed sealing = key.sealingKey(session.idBytes(), 0, position)) {
                byte[] box = deal.shares().get(position).box().toArray();
                require(
                        SealedBox.open(sealing, box, session.sealContext(0, position))
                                .isPresent(),
                        "the box opens");
            }
            return "shares that a site has sealed for " + lie.site() + " are read by the coordinator";
        }

        private PairKey pairKey(SitesUnderAttack sites, Roster roster, byte[] encapsulation) {
            try {
                return held.decapsulate(sites.keys[0].announcement().keys(), encapsulation)
                        .under(roster.hash().bytes());
            } catch (WeakKeyException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Another's keys under a site's signatures. */
    static final class ForgedAnnouncement extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            return SitesUnderAttack.fresh(3, FLOORS);
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            return forged(sites, held);
        }
    }

    /** The honest roster is shown for the check, and the forged one when keys are agreed. */
    static final class RosterExchangedAfterTheCheck extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            return SitesUnderAttack.fresh(3, FLOORS);
        }

        @Override
        void show(SitesUnderAttack sites, Roster roster) {
            sites.enter(0, sites.roster());
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            return forged(sites, held);
        }
    }

    /** A member that does not exist, where the owner has listed those that do. */
    static final class InventedMember extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            SitesUnderAttack known = SitesUnderAttack.fresh(3, FLOORS);
            Map<String, String> listed = new HashMap<>();
            for (int i = 0; i < 3; i++) {
                listed.put(HonestSites.name(i), known.identities[i].identity().fingerprint());
            }
            // The same seed gives the same identities.
            return SitesUnderAttack.fresh(3, new SiteFloors(2, 2, 0, listed));
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            SiteIdentityKey own = SiteIdentityKey.generate(sites.random);
            return Announcement.of(SitesUnderAttack.FEDERATION, "site-invented", 1, held.publicKeys(), own);
        }
    }

    /** An own identity under a name that the site has met. */
    static final class ChangedIdentity extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            return SitesUnderAttack.agreed(3, FLOORS);
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            SiteIdentityKey own = SiteIdentityKey.generate(sites.random);
            return Announcement.of(SitesUnderAttack.FEDERATION, HonestSites.name(2), 9, held.publicKeys(), own);
        }
    }

    /** Keys of a member's past epoch, whose secrets were stolen since, after newer ones were seen. */
    static final class OldEpochOfAPeer extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(3, FLOORS);
            sites.begin(2);
            sites.enter(0, sites.roster());
            return sites;
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            return Announcement.of(
                    SitesUnderAttack.FEDERATION, HonestSites.name(2), 1, held.publicKeys(), sites.identities[2]);
        }
    }

    /** Other keys of the very epoch that was seen: a member's backup, stolen and started a second time. */
    static final class TwoKeysInOneEpoch extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            return SitesUnderAttack.agreed(3, FLOORS);
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            return Announcement.of(
                    SitesUnderAttack.FEDERATION, HonestSites.name(2), 1, held.publicKeys(), sites.identities[2]);
        }
    }

    /** A member's keys for another federation, whose coordinator has them. */
    static final class AnotherFederationsMember extends KeysInAnothersName {
        @Override
        SitesUnderAttack sites() {
            return SitesUnderAttack.fresh(3, FLOORS);
        }

        @Override
        Announcement announcement(SitesUnderAttack sites) {
            return Announcement.of("other", HonestSites.name(2), 1, held.publicKeys(), sites.identities[2]);
        }
    }

    /** A roster of the others. */
    static final class RosterWithoutThisSite extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.fresh(3, FLOORS);
            Roster others = Roster.of(sites.roster().members().subList(1, 3));

            sites.enter(0, others);

            require(sites.pledges[0].peers().size() == 2, "the others are remembered");
            return "a site takes a roster for its own that does not have it";
        }
    }

    /** A site has signed a set and restarts; the coordinator goes on with the old roster, to have it deal and sign once more. */
    static final class RestartToAskAgain extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(4, FLOORS);
            SumSession session = sites.session("plan", SecureSumTerms.full(4, 0));
            LyingCoordinator coordinator = LyingCoordinator.afterUploads(sites, session);
            Confirmation first = coordinator.confirm(0, MemberSet.of(0, 1, 2));
            Deal firstDeal = coordinator.deals.get(0);
            sites.begin(0);

            sites.enter(0, session.roster());
            sites.encapsulate(0, session.roster());
            coordinator.deal(0, session);

            require(first.from() == coordinator.deals.get(0).from(), "the same member");
            require(!coordinator.deals.get(0).equals(firstDeal), "another deal");
            return "a site deals a second time in a session in which it has signed";
        }
    }

    /** Two sites are shown two rosters, one of them with a member more. */
    static final class TwoRosters extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(4, FLOORS);
            SecureSumTerms terms = new SecureSumTerms(3, 0, 0);
            SumSession full = sites.session("plan", terms);
            Roster fewer = Roster.of(sites.roster().members().subList(0, 3));
            sites.enter(0, fewer);
            SumSession small = new SumSession(full.plan(), full.purpose(), fewer, terms);
            LyingCoordinator coordinator = new LyingCoordinator(sites, full);
            coordinator.deal(0, small);
            coordinator.deal(MemberSet.of(1, 2, 3));

            coordinator.upload(0, coordinator.notice(0, MemberSet.of(0, 1, 2)));
            require(coordinator.uploads.containsKey(0), "a vector");
            return "a site masks with peers who know members that it does not";
        }
    }
}
