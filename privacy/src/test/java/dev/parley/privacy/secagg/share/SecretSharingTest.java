package dev.parley.privacy.secagg.share;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Laws of {@link SecretSharing}: any t of n recover, and t - 1 fit every secret equally well. */
class SecretSharingTest {
    private static final SecretAccess ACCESS = SecretAccess.token();
    private static final long SEED = 20261124;

    // What is written down: the bytes below are the format.

    @Test
    void sharesOfAKnownSecretAreTheseBytes() {
        byte[] secret = new byte[SecretSeed.SIZE_BYTES];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) (0xF0 + i);
        }
        long[] words = new long[2 * SecretLimbs.COUNT];
        for (int i = 0; i < words.length; i++) {
            words[i] = (i + 1) * 0x9E3779B97F4A7C15L; // spread over all 64 bits
        }

        List<SecretShare> shares =
                new SecretSharing(3, 5).deal(SecretSeed.copyOf(secret, ACCESS), new ScriptedRandom(words));

        List<String> hex = shares.stream()
                .map(share -> HexFormat.of().formatHex(share.toBytes(ACCESS)))
                .toList();
        assertEquals(expectedByBigIntegers(secret, words, 5), hex);
        assertEquals(KNOWN_SHARES, hex);
    }

    private static final List<String> KNOWN_SHARES = List.of(
            "821e54437780670b8ec42daaec65fc129b6a0710614a8c19a60edf75d52e1a01b1b3b7db4913a808",
            "3405a5d18f412b034ae923f8e1e3db1965cda21d3385870f77af1f43842631068c929d68d5c7da1c",
            "05a6e59e3e3942082b67dce4db769c155b28d32978b3f10177e7c76e14f0440f9ca7bdb3b02c981c",
            "f50016ab8367ac1a313e5770da1e3e067c7b983430d5ca10a6b6d7f8858b551ce1f217bddb41e007",
            "051636f65ecc691a5b6e949adddbc00bc9c6f23d5bea121c051d4fe1d8f8620d5974ac845607b31e");

    /** The format again, from its description: groups of 7, 7, 6, 6, 6 bytes; coefficients are words without 3 bits. */
    private static List<String> expectedByBigIntegers(byte[] secret, long[] words, int holders) {
        int[] starts = {0, 7, 14, 20, 26, 32};
        List<String> all = new ArrayList<>();
        for (int x = 1; x <= holders; x++) {
            ByteBuffer share = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
            for (int limb = 0; limb < 5; limb++) {
                byte[] group = Arrays.copyOfRange(secret, starts[limb], starts[limb + 1]);
                BigInteger constant = new BigInteger(1, reversed(group));
                BigInteger linear = BigInteger.valueOf(words[limb] >>> 3);
                BigInteger square = BigInteger.valueOf(words[5 + limb] >>> 3);
                share.putLong(
                        Polynomials.at(List.of(constant, linear, square), x).longValueExact());
            }
            all.add(HexFormat.of().formatHex(share.array()));
        }
        return all;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[bytes.length - 1 - i] = bytes[i];
        }
        return reversed;
    }

    @Test
    void aCoefficientOfAllOnesIsDrawnAgain() {
        SecretSeed secret = SecretSeed.copyOf(new byte[SecretSeed.SIZE_BYTES], ACCESS);
        long allOnes = -1;
        long largest = -1 - 8; // the upper 61 bits: p - 1

        List<SecretShare> shares = new SecretSharing(2, 2)
                .deal(secret, new ScriptedRandom(allOnes, largest, allOnes, allOnes, 8, 16, 24, 32));

        assertArrayEquals(
                new long[] {MersenneField.P - 1, 1, 2, 3, 4}, values(shares.get(0)), "p - 1 stays, p does not");
    }

    // What recovers.

    @Property(tries = 300, seed = "20261124")
    void anyThresholdOfHoldersRecovers(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int holders, @ForAll @IntRange(max = 38) int spare)
            throws InconsistentSharesException {
        Random order = new Random(seed);
        int threshold = Math.max(2, holders - spare);
        SecretSharing sharing = new SecretSharing(threshold, holders);
        DeterministicRandom random = new DeterministicRandom(seed);
        SecretSeed secret = SecretSeed.random(random);
        List<SecretShare> shares = new ArrayList<>(sharing.deal(secret, random));
        Collections.shuffle(shares, order);
        int present = threshold + order.nextInt(holders - threshold + 1);

        SecretSeed recovered = sharing.recover(shares.subList(0, present));

        assertEquals(secret, recovered);
    }

    @Test
    void everySubsetOfASmallSharingRecovers() throws InconsistentSharesException {
        SecretSharing sharing = new SecretSharing(3, 6);
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretSeed secret = SecretSeed.random(random);
        List<SecretShare> shares = sharing.deal(secret, random);
        for (int subset = 0; subset < 1 << 6; subset++) {
            List<SecretShare> some = new ArrayList<>();
            for (SecretShare share : shares) {
                if ((subset >> share.holder() & 1) == 1) {
                    some.add(share);
                }
            }
            if (some.size() >= 3) {
                assertEquals(secret, sharing.recover(some));
            } else {
                assertThrows(IllegalArgumentException.class, () -> sharing.recover(some));
            }
        }
    }

    @Test
    void extremeSecretsComeBack() throws InconsistentSharesException {
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretSharing sharing = new SecretSharing(2, 3);
        for (int fill : new int[] {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
            byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
            Arrays.fill(bytes, (byte) fill);
            SecretSeed secret = SecretSeed.copyOf(bytes, ACCESS);

            SecretSeed recovered = sharing.recover(sharing.deal(secret, random));

            assertArrayEquals(bytes, recovered.copyBytes(ACCESS));
        }
    }

    @Test
    void oneSetOfHoldersRecoversManySecrets() throws InconsistentSharesException {
        SecretSharing sharing = new SecretSharing(51, 100);
        DeterministicRandom random = new DeterministicRandom(SEED);
        int[] holders = random.ints(0, 100).distinct().limit(60).toArray();
        SharedRecovery recovery = sharing.forHolders(holders);
        for (int i = 0; i < 50; i++) {
            SecretSeed secret = SecretSeed.random(random);
            List<SecretShare> shares = sharing.deal(secret, random);
            List<SecretShare> present =
                    Arrays.stream(holders).mapToObj(shares::get).toList();

            SecretSeed recovered = recovery.recover(present);

            assertEquals(secret, recovered);
            assertEquals(secret, sharing.recover(present));
        }
    }

    @Test
    void theLargestSharingRecoversFromItsLastHolders() throws InconsistentSharesException {
        SecretSharing sharing = new SecretSharing(3, SecretSharing.MOST_HOLDERS);
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretSeed secret = SecretSeed.random(random);
        List<SecretShare> shares = sharing.deal(secret, random);

        SecretSeed recovered = sharing.recover(shares.subList(shares.size() - 3, shares.size()));

        assertEquals(secret, recovered);
    }

    // What tells nothing.

    /**
     * The view of t - 1 holders has, for each secret, exactly one draw of coefficients that leads to it. Coefficients
     * are drawn uniformly, so each view is equally likely under every secret.
     */
    @Property(tries = 100, seed = "20261124")
    void fewerThanTheThresholdFitEverySecretInExactlyOneWay(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int threshold) {
        SecretSharing sharing = new SecretSharing(threshold, 7);
        DeterministicRandom random = new DeterministicRandom(seed);
        List<SecretShare> shares = new ArrayList<>(sharing.deal(SecretSeed.random(random), random));
        Collections.shuffle(shares, new Random(seed));
        List<SecretShare> view = shares.subList(0, threshold - 1);
        SecretSeed candidate = SecretSeed.random(random);

        long[] words = coefficientsLeadingTo(view, candidate);
        List<SecretShare> redealt = sharing.deal(candidate, new ScriptedRandom(words));

        for (SecretShare seen : view) {
            assertEquals(seen, redealt.get(seen.holder()));
        }
    }

    /** The unique ones: t points determine a polynomial of degree t - 1. In the order in which they are drawn. */
    private static long[] coefficientsLeadingTo(List<SecretShare> view, SecretSeed candidate) {
        int threshold = view.size() + 1;
        long[] xs = new long[threshold];
        long[] words = new long[view.size() * SecretLimbs.COUNT];
        for (int limb = 0; limb < SecretLimbs.COUNT; limb++) {
            BigInteger[] ys = new BigInteger[threshold];
            ys[0] = BigInteger.valueOf(SecretLimbs.of(candidate)[limb]);
            for (int i = 1; i < threshold; i++) {
                xs[i] = view.get(i - 1).holder() + 1;
                ys[i] = BigInteger.valueOf(values(view.get(i - 1))[limb]);
            }
            List<BigInteger> coefficients = Polynomials.through(xs, ys);
            for (int power = 1; power < threshold; power++) {
                words[(power - 1) * SecretLimbs.COUNT + limb] =
                        coefficients.get(power).longValueExact() << 3;
            }
        }
        return words;
    }

    @Test
    void twoDealingsOfOneSecretShareNothing() {
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretSharing sharing = new SecretSharing(3, 5);
        SecretSeed secret = SecretSeed.random(random);

        List<SecretShare> first = sharing.deal(secret, random);
        List<SecretShare> second = sharing.deal(secret, random);

        for (int i = 0; i < 5; i++) {
            assertNotEquals(first.get(i), second.get(i));
        }
    }

    /** One share alone: its top bits over many dealings of one secret, against chance at five standard deviations. */
    @Test
    void aShareIsSpreadEvenly() {
        int dealings = 20_000;
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretSharing sharing = new SecretSharing(2, 2);
        SecretSeed secret = SecretSeed.copyOf(new byte[SecretSeed.SIZE_BYTES], ACCESS);
        int[] bins = new int[16];
        for (int i = 0; i < dealings; i++) {
            bins[(int) (values(sharing.deal(secret, random).get(0))[i % 5] >>> 57)]++;
        }
        double expected = dealings / 16.0;
        for (int count : bins) {
            assertEquals(expected, count, 5 * Math.sqrt(expected), () -> "bins " + Arrays.toString(bins));
        }
    }

    // What is refused.

    @Test
    void aForgedShareIsNoticedUnlessChosenWithCare() {
        SecretSharing sharing = new SecretSharing(3, 5);
        DeterministicRandom random = new DeterministicRandom(SEED);
        List<SecretShare> shares = new ArrayList<>(sharing.deal(SecretSeed.random(random), random));
        long[] forged = values(shares.get(1));
        forged[2] = MersenneField.add(forged[2], random.nextLong() >>> 4);
        shares.set(1, SecretShare.adopting(1, forged));

        assertThrows(InconsistentSharesException.class, () -> sharing.recover(shares.subList(0, 3)));
    }

    /** Said plainly in the class: a holder can move the secret by a small amount of its choice, and recovery agrees. */
    @Test
    void aShareForgedWithCareMovesTheSecret() throws InconsistentSharesException {
        SecretSharing sharing = new SecretSharing(2, 2);
        DeterministicRandom random = new DeterministicRandom(SEED);
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        List<SecretShare> shares = new ArrayList<>(sharing.deal(SecretSeed.copyOf(bytes, ACCESS), random));
        long[] forged = values(shares.get(0));
        forged[0] = MersenneField.add(forged[0], 1); // x = 1 has weight 2 beside x = 2
        shares.set(0, SecretShare.adopting(0, forged));

        SecretSeed recovered = sharing.recover(shares);

        bytes[0] = 2;
        assertArrayEquals(bytes, recovered.copyBytes(ACCESS));
    }

    @Test
    void sharesOfDifferentSecretsAreInconsistent() {
        SecretSharing sharing = new SecretSharing(2, 3);
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretShare one = sharing.deal(SecretSeed.random(random), random).get(0);
        SecretShare other = sharing.deal(SecretSeed.random(random), random).get(1);

        assertThrows(InconsistentSharesException.class, () -> sharing.recover(List.of(one, other)));
    }

    @Test
    void duplicateForeignAndMissingHoldersAreRefused() {
        SecretSharing sharing = new SecretSharing(2, 4);
        DeterministicRandom random = new DeterministicRandom(SEED);
        SecretSeed secret = SecretSeed.random(random);
        List<SecretShare> shares = sharing.deal(secret, random);
        SecretShare fifth = new SecretSharing(2, 5).deal(secret, random).get(4);
        SharedRecovery ofFirstThree = sharing.forHolders(new int[] {2, 0, 1});

        refused("occurs twice", () -> sharing.recover(List.of(shares.get(1), shares.get(1))));
        refused("occurs twice", () -> sharing.forHolders(new int[] {1, 2, 1}));
        refused("is none of them", () -> sharing.recover(List.of(shares.get(1), fifth)));
        refused("is none of them", () -> sharing.forHolders(new int[] {-1, 2}));
        refused("takes 2 holders, got 1", () -> sharing.recover(shares.subList(0, 1)));
        refused("takes 2 holders, got 0", () -> sharing.recover(List.of()));
        refused("not in the set", () -> ofFirstThree.recover(List.of(shares.get(0), shares.get(3))));
        refused("not in the set", () -> ofFirstThree.recover(List.of(shares.get(0), shares.get(1), fifth)));
        refused("occurs twice", () -> ofFirstThree.recover(List.of(shares.get(0), shares.get(0))));
        refused("got 1 of them", () -> ofFirstThree.recover(List.of(shares.get(0), shares.get(2))));
    }

    private static void refused(String because, org.junit.jupiter.api.function.Executable executable) {
        String message =
                assertThrows(IllegalArgumentException.class, executable).getMessage();
        assertTrue(message.contains(because), message);
    }

    @Test
    void parametersAreValidated() {
        assertThrows(IllegalArgumentException.class, () -> new SecretSharing(1, 3));
        assertThrows(IllegalArgumentException.class, () -> new SecretSharing(4, 3));
        assertThrows(IllegalArgumentException.class, () -> new SecretSharing(2, SecretSharing.MOST_HOLDERS + 1));
    }

    private static long[] values(SecretShare share) {
        long[] values = new long[SecretLimbs.COUNT];
        ByteBuffer.wrap(share.toBytes(ACCESS))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(values);
        return values;
    }
}
