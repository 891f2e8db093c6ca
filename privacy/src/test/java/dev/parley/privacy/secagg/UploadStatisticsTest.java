package dev.parley.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.MaskedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the coordinator sees of one member, whatever its vector: uniform ring elements. Statistics are Pearson's, over the
 * 4,096 values of the elements' lowest and highest 12 bits, of mean 4,095 and standard deviation 90.5, and may be off by six
 * deviations, which happens about once in 10^8; seeds are fixed and printed. Each test has a counterpart that fails it.
 */
class UploadStatisticsTest {
    private static final long SEED = 20261125;
    private static final int ELEMENTS = 409_600;
    private static final int CELLS = 4096;
    private static final double DEVIATION = Math.sqrt(2.0 * (CELLS - 1));
    private static final int MEMBERS = 4;

    private final SitesUnderAttack sites = SitesUnderAttack.agreed(MEMBERS, SitesUnderAttack.floors(2, 2, 0));

    @ParameterizedTest
    @ValueSource(ints = {12, 20, 32})
    void uploadOfAConstantVectorIsUniform(int bits) {
        RingModulus modulus = new RingModulus(bits);
        int[] constant = constant(77);

        int[] seen = upload(0, "plan", constant, modulus);

        assertTrue(isUniform(histogram(seen, 0)), "lowest bits of " + bits + ", seed " + SEED);
        assertTrue(isUniform(histogram(seen, bits - 12)), "highest bits of " + bits + ", seed " + SEED);
        assertFalse(isUniform(histogram(constant, 0)), "the test sees what is not masked");
    }

    /** Two members, two vectors each: no upload tells which it was, nor the two together. */
    @ParameterizedTest
    @ValueSource(ints = {12, 20, 32})
    void uploadsOfZerosAndOfAPatternAreDistributedAlike(int bits) {
        RingModulus modulus = new RingModulus(bits);
        int[] zeros = constant(0);
        int[] pattern = pattern(bits);

        for (int member = 0; member < 2; member++) {
            int[] ofZeros = upload(member, "zeros " + member, zeros, modulus);
            int[] ofPattern = upload(member, "pattern " + member, pattern, modulus);

            for (int shift : new int[] {0, bits - 12}) {
                String where = "member " + member + ", bits from " + shift + " of " + bits + ", seed " + SEED;
                assertTrue(areAlike(histogram(ofZeros, shift), histogram(ofPattern, shift)), where);
            }
        }
        assertFalse(areAlike(histogram(zeros, 0), histogram(pattern, 0)), "the test sees what is not masked");
    }

    /** Position by position, what two members upload of one pattern is as far apart as uniform vectors are. */
    @Test
    void uploadsOfTwoMembersAreIndependentOfEachOther() {
        RingModulus modulus = new RingModulus(12);
        int[] pattern = pattern(12);
        LyingCoordinator coordinator = dealt("plan");
        int[] first = upload(coordinator, 0, pattern, modulus);
        int[] second = upload(coordinator, 1, pattern, modulus);
        int[] difference = new int[ELEMENTS];
        int[] sum = new int[ELEMENTS];

        for (int i = 0; i < ELEMENTS; i++) {
            difference[i] = first[i] - second[i];
            sum[i] = first[i] + second[i];
        }

        assertTrue(isUniform(histogram(difference, 0)), "seed " + SEED);
        assertTrue(isUniform(histogram(sum, 0)), "seed " + SEED);
    }

    /**
     * Masks of six pairs in four sessions, 2^17 blocks each: three million blocks of 16 bytes, of which no two have even their
     * first eight bytes in common. By chance that would be so once in four million runs.
     */
    @Test
    void masksOfSessionsAndPeersShareNoBlock() {
        List<SecretSeed> seeds = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            SumSession session = sites.session("round " + round, SecureSumTerms.full(MEMBERS, 0));
            for (int a = 0; a < MEMBERS; a++) {
                for (int b = a + 1; b < MEMBERS; b++) {
                    PairKey key = sites.keys[a].pairKey(session.roster(), b).orElseThrow();
                    seeds.add(key.maskSeed(session.idBytes()).forSubject(SitesUnderAttack.MODEL.bytes()));
                }
            }
        }

        long repeated = repeatedBlocks(seeds);

        assertEquals(24, seeds.size());
        assertEquals(0, repeated);
        assertEquals(
                BLOCKS, repeatedBlocks(List.of(seeds.get(0), seeds.get(0))), "the test sees a mask that is repeated");
    }

    private static final int BLOCKS = 1 << 17;

    private static long repeatedBlocks(List<SecretSeed> seeds) {
        long[] starts = new long[seeds.size() * BLOCKS];
        int at = 0;
        for (SecretSeed seed : seeds) {
            RingSum stream = new RingSum(4 * BLOCKS, new RingModulus(32));
            stream.addMasks(List.of(new MaskTerm(seed, true)), 1);
            int[] words = stream.centred();
            for (int block = 0; block < BLOCKS; block++) {
                starts[at++] = (long) words[4 * block] << 32 | words[4 * block + 1] & 0xFFFFFFFFL;
            }
        }
        Arrays.sort(starts);
        long repeated = 0;
        for (int i = 1; i < starts.length; i++) {
            repeated += starts[i] == starts[i - 1] ? 1 : 0;
        }
        return repeated;
    }

    private LyingCoordinator dealt(String plan) {
        LyingCoordinator coordinator =
                new LyingCoordinator(sites, sites.session(plan, SecureSumTerms.full(MEMBERS, 0)));
        coordinator.deal(MemberSet.first(MEMBERS));
        return coordinator;
    }

    private int[] upload(int member, String plan, int[] vector, RingModulus modulus) {
        return upload(dealt(plan), member, vector, modulus);
    }

    private static int[] upload(LyingCoordinator coordinator, int member, int[] vector, RingModulus modulus) {
        MemberState.Ready ready =
                Lie.believed(coordinator.dealt.get(member).join(coordinator.notice(member, MemberSet.first(MEMBERS))));
        EncodedRing encoded = EncodedRing.adopting(vector.clone(), modulus);
        MaskedRing upload =
                ready.contribute(SitesUnderAttack.MODEL, encoded::mask).result();
        RingSum sum = new RingSum(vector.length, modulus);
        sum.add(upload);
        return sum.centred();
    }

    private static int[] constant(int value) {
        int[] constant = new int[ELEMENTS];
        Arrays.fill(constant, value);
        return constant;
    }

    /** A ramp over the whole ring, in its low and in its high bits. */
    private static int[] pattern(int bits) {
        int[] pattern = new int[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            pattern[i] = (i % 100 << bits - 7) + i % 100;
        }
        return pattern;
    }

    private static int[] histogram(int[] elements, int shift) {
        int[] counts = new int[CELLS];
        for (int element : elements) {
            counts[element >>> shift & CELLS - 1]++;
        }
        return counts;
    }

    private static boolean isUniform(int[] counts) {
        double expected = (double) ELEMENTS / CELLS;
        double statistic = 0;
        for (int count : counts) {
            statistic += (count - expected) * (count - expected) / expected;
        }
        return Math.abs(statistic - (CELLS - 1)) < 6 * DEVIATION;
    }

    /** The two-sample form: samples of one size, from one distribution if the statistic is not large. */
    private static boolean areAlike(int[] first, int[] second) {
        double statistic = 0;
        for (int cell = 0; cell < CELLS; cell++) {
            int both = first[cell] + second[cell];
            int apart = first[cell] - second[cell];
            statistic += both == 0 ? 0 : (double) apart * apart / both;
        }
        return Math.abs(statistic - (CELLS - 1)) < 6 * DEVIATION;
    }
}
