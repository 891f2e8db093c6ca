package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.secagg.key.EpochPublicKeys;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.RecordedAgreement;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.key.WeakKeyException;
import java.util.Arrays;
import java.util.Map;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** Lies in the agreement of keys. */
final class KeyLies {
    private static final SiteFloors FLOORS = SitesUnderAttack.floors(2, 2, 0);
    private static final int X25519_BYTES = 32;

    private KeyLies() {}

    /** A colluding member announces half a key, so that whoever solves the other half's problem reads what is sealed for it. */
    abstract static class HalfAKey extends Lie {
        abstract EpochPublicKeys keys();

        abstract PairKey eavesdropped(EpochPublicKeys site, byte[] encapsulation, byte[] rosterHash);

        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.fresh(3, FLOORS);
            Announcement weak =
                    Announcement.of(SitesUnderAttack.FEDERATION, HonestSites.name(2), 1, keys(), sites.identities[2]);
            Roster roster = sites.rosterWith(weak);
            sites.enter(0, roster);
            Map<Integer, byte[]> encapsulations = sites.encapsulate(0, roster);
            SumSession session = new SumSession(
                    HonestSites.hash("plan"), SumSession.Purpose.UPDATE, roster, SecureSumTerms.full(3, 0));
            Deal deal = believed(MemberState.deal(session, sites.keys[0], FLOORS, sites.random))
                    .deal();

            PairKey key = eavesdropped(
                    sites.keys[0].announcement().keys(),
                    encapsulations.get(2),
                    roster.hash().bytes());

            try (SecretSeed sealing = key.sealingKey(session.idBytes(), 0, 2)) {
                byte[] box = deal.shares().get(2).box().toArray();
                require(SealedBox.open(sealing, box, session.sealContext(0, 2)).isPresent(), "the box opens");
            }
            return "one of two hard problems is enough to read a share";
        }
    }

    /** A point whose agreement is zero with everyone. */
    static final class LowOrderX25519 extends HalfAKey {
        private final EpochKeys kemOnly = EpochKeys.generate(new DeterministicRandom(5));

        @Override
        EpochPublicKeys keys() {
            byte[] keys = kemOnly.publicKeys().toBytes();
            Arrays.fill(keys, 0, X25519_BYTES, (byte) 0);
            return EpochPublicKeys.of(keys);
        }

        /** Without the site's point: with its own zero point the agreement is the same. */
        @Override
        PairKey eavesdropped(EpochPublicKeys site, byte[] encapsulation, byte[] rosterHash) {
            try {
                return kemOnly.decapsulate(keys(), encapsulation).under(rosterHash);
            } catch (WeakKeyException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A key of zero coefficients: each bit of the message stands in the ciphertext, with some noise. */
    static final class ZeroMlKem extends HalfAKey {
        private final byte[] scalar = new byte[X25519.SCALAR_SIZE];
        private final byte[] point = new byte[X25519.POINT_SIZE];

        ZeroMlKem() {
            X25519.generatePrivateKey(new DeterministicRandom(6), scalar);
            X25519.generatePublicKey(scalar, 0, point, 0);
        }

        @Override
        EpochPublicKeys keys() {
            return EpochPublicKeys.of(Arrays.copyOf(point, EpochPublicKeys.SIZE_BYTES));
        }

        /** Without an ML-KEM key, which nobody has: ciphertext coefficients of 4 bits near 8 are ones (FIPS 203, K-PKE). */
        @Override
        PairKey eavesdropped(EpochPublicKeys site, byte[] encapsulation, byte[] rosterHash) {
            byte[] message = new byte[32];
            int from = encapsulation.length - 128;
            for (int i = 0; i < 256; i++) {
                int coefficient = encapsulation[from + i / 2] >>> 4 * (i % 2) & 15;
                if (coefficient >= 4 && coefficient < 12) {
                    message[i / 8] |= (byte) (1 << i % 8);
                }
            }
            byte[] swapped = keys().toBytes();
            System.arraycopy(site.toBytes(), 0, swapped, 0, X25519_BYTES);
            return RecordedAgreement.of(scalar, message, EpochPublicKeys.of(swapped), encapsulation)
                    .pairKey(rosterHash);
        }
    }

    /** An encapsulation that the peer did not make; ML-KEM then gives a secret that nobody else has, and no error. */
    static final class TamperedEncapsulation extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(3, FLOORS);
            Roster roster = sites.roster();
            byte[] tampered = sites.encapsulate(0, roster).get(1);
            tampered[7] ^= 1;
            sites.keys[1] = believed(sites.keys[1].receive(roster, Map.of(0, tampered)));
            LyingCoordinator coordinator =
                    new LyingCoordinator(sites, sites.session("plan", SecureSumTerms.full(3, 0)));
            MemberSet all = MemberSet.first(3);
            coordinator.deal(all);

            coordinator.upload(1, coordinator.notice(1, all));

            return "a vector leaves although the keys of a pair were tampered with";
        }
    }

    /** An encapsulation to the member that makes them, in the other's name. */
    static final class EncapsulationFromBehind extends Lie {
        @Override
        String tell() {
            SitesUnderAttack sites = SitesUnderAttack.agreed(3, FLOORS);
            Roster roster = sites.roster();
            byte[] session = new byte[32];
            SecretSeed before = sites.keys[0].pairKey(roster, 2).orElseThrow().maskSeed(session);
            byte[] chosen = chosen(sites);

            sites.keys[0] = believed(sites.keys[0].receive(roster, Map.of(2, chosen)));

            require(
                    !sites.keys[0]
                            .pairKey(roster, 2)
                            .orElseThrow()
                            .maskSeed(session)
                            .equals(before),
                    "the key is another");
            return "the coordinator has replaced the ML-KEM secret of two sites by one that it knows";
        }

        private static byte[] chosen(SitesUnderAttack sites) {
            try {
                return EpochKeys.generate(sites.random)
                        .encapsulate(sites.keys[0].announcement().keys(), sites.random)
                        .encapsulation();
            } catch (WeakKeyException e) {
                throw new AssertionError(e);
            }
        }
    }
}
