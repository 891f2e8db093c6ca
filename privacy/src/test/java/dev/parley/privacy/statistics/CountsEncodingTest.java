package dev.parley.privacy.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingSum;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Counts come out of the ring as they went in, summed; whatever else is there is refused. */
class CountsEncodingTest {
    @Property(tries = 50, seed = "20261125")
    void theDecodedSumIsTheCountsOfAllRecords(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int sites,
            @ForAll @IntRange(min = 2, max = 5) int classes) {
        Random random = new Random(seed);
        CountsEncoding encoding = new CountsEncoding(classes, sites + random.nextInt(5));
        EvaluationCounts all = EvaluationCounts.none(classes);
        int[] sum = new int[encoding.length()];
        for (int s = 0; s < sites; s++) {
            EvaluationCounts counts = counts(random, random.nextInt(400), classes);
            all = all.plus(counts);
            add(sum, encoding.encodedElements(counts), 1);
        }

        assertEquals(all, encoding.decode(sum, sites));
    }

    /** Every limb of every site at its greatest: the sums come within 2^16 of 2^32. */
    @Test
    void theGreatestCohortDoesNotWrap() {
        CountsEncoding encoding = new CountsEncoding(2, 65_536);
        // 2^24 - 1 records have a limb full of ones in most counts; 2^16 such sites stay below 2^40 records.
        EvaluationCounts site = ofOneKind((1 << 24) - 1);
        int[] sum = new int[encoding.length()];
        add(sum, encoding.encodedElements(site), 65_536);

        EvaluationCounts all = encoding.decode(sum, 65_536);

        assertEquals(65_536L * ((1 << 24) - 1), all.n());
        long[] one = site.toLongs();
        long[] many = all.toLongs();
        for (int i = 0; i < one.length; i++) {
            assertEquals(65_536 * one[i], many[i], "number " + i);
        }
    }

    @Test
    void theMostRecordsOfOneSitePass() {
        CountsEncoding encoding = new CountsEncoding(2, 3);
        EvaluationCounts most = ofOneKind(EvaluationCounts.MAX_RECORDS);

        assertEquals(most, encoding.decode(encoding.encodedElements(most), 1));

        int[] twice = encoding.encodedElements(most);
        add(twice, encoding.encodedElements(most), 1);
        assertRefused(encoding, twice, 2, "no usable sum: these are not evaluation counts: n is 2199023255552");
    }

    @Property(tries = 20, seed = "20261125")
    void underMasksTheSumIsTheSame(@ForAll long seed) {
        Random random = new Random(seed);
        CountsEncoding encoding = new CountsEncoding(3, 2);
        EvaluationCounts a = counts(random, 50, 3);
        EvaluationCounts b = counts(random, 70, 3);
        RingSum sum = new RingSum(encoding.length(), CountsEncoding.MODULUS);
        MaskTerm pair = new MaskTerm(secret(seed), true);

        MaskedCounts maskedA = encoding.mask(a, OneTimeMask.of(secret(seed + 1), List.of(pair)));
        MaskedCounts maskedB = encoding.mask(b, OneTimeMask.of(secret(seed + 2), List.of(pair.negated())));

        assertEquals(4 * encoding.length(), maskedA.toBytes().length);
        sum.add(maskedA.ring());
        RingSum.Addition addition = sum.begin();
        addition.feed(ByteBuffer.wrap(maskedB.toBytes()));
        addition.finish();
        assertThrows(IllegalStateException.class, () -> encoding.decode(sum.centred(), 2));
        sum.addMasks(List.of(new MaskTerm(secret(seed + 1), false), new MaskTerm(secret(seed + 2), false)), 1);
        assertEquals(a.plus(b), encoding.decode(sum.centred(), 2));
        assertEquals(
                "MaskedCounts[3 classes, MaskedRing[" + encoding.length() + " elements of 32 bits]]",
                maskedA.toString());
    }

    @Property(tries = 200, seed = "20261125")
    void garbageIsRefused(@ForAll long seed, @ForAll @IntRange(min = 1, max = 65_536) int sites) {
        CountsEncoding encoding = new CountsEncoding(2, 65_536);
        int[] uniform = new Random(seed).ints(encoding.length()).toArray();

        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> encoding.decode(uniform, sites));

        assertTrue(refused.getMessage().startsWith("no usable sum: "), refused.getMessage());
    }

    @Test
    void aSumThatNoHonestSitesCanHaveIsRefused() {
        CountsEncoding encoding = new CountsEncoding(2, 65_536);
        int[] valid = encoding.encodedElements(ofOneKind(10));
        int[] limbTooLarge = valid.clone();
        limbTooLarge[0] = 65_536;
        int[] tooManyBits = valid.clone();
        tooManyBits[3] = 0x8000;
        int[] carried = valid.clone();
        carried[3] = -1;
        int[] disagreeing = valid.clone();
        disagreeing[0]++;

        assertRefused(encoding, limbTooLarge, 1, "a limb has 65536, 1 sites give at most 65535");
        assertRefused(encoding, tooManyBits, 1, "a count exceeds 63 bits");
        assertRefused(encoding, carried, 65_536, "a limb has 4294967295, 65536 sites give at most 4294901760");
        carried[3] = 0xFFFF_0000;
        assertRefused(encoding, carried, 65_536, "a count exceeds 63 bits");
        assertRefused(encoding, disagreeing, 1, "these are not evaluation counts");
        assertRefused(encoding, valid, 0, "counts of 0 sites, the encoding holds 1 to 65536");
        assertRefused(encoding, valid, 65_537, "counts of 65537 sites");
    }

    private static void assertRefused(CountsEncoding encoding, int[] sum, int sites, String message) {
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> encoding.decode(sum, sites));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    @Test
    void whatIsNotOfTheTaskIsRefused() {
        CountsEncoding encoding = new CountsEncoding(3, 10);

        assertThrows(IllegalArgumentException.class, () -> encoding.encode(EvaluationCounts.none(2)));
        assertThrows(IllegalArgumentException.class, () -> encoding.decode(new int[7], 1));
        assertThrows(IllegalArgumentException.class, () -> new CountsEncoding(1, 10));
        assertThrows(IllegalArgumentException.class, () -> new CountsEncoding(2, 0));
        assertThrows(IllegalArgumentException.class, () -> new CountsEncoding(2, 65_537));
    }

    @Test
    void noRecordsAreFourZeroLimbsForEachCount() {
        CountsEncoding encoding = new CountsEncoding(2, 10);

        assertArrayEquals(new int[4 * EvaluationCounts.size(2)], encoding.encodedElements(EvaluationCounts.none(2)));
        assertEquals(EvaluationCounts.none(2), encoding.decode(new int[encoding.length()], 10));
    }

    /** So many records of class 0 that were each scored (1, 0). */
    private static EvaluationCounts ofOneKind(long records) {
        long[] counts =
                EvaluationCounts.of(new float[] {1, 0}, new int[] {0}, 2).toLongs();
        for (int i = 0; i < counts.length; i++) {
            counts[i] *= records;
        }
        return EvaluationCounts.fromLongs(counts, 2);
    }

    private static EvaluationCounts counts(Random random, int records, int classes) {
        float[] probabilities = new float[records * classes];
        for (int r = 0; r < records; r++) {
            double[] odds = new double[classes];
            double total = 0;
            for (int k = 0; k < classes; k++) {
                odds[k] = Math.exp(2 * random.nextGaussian());
                total += odds[k];
            }
            for (int k = 0; k < classes; k++) {
                probabilities[r * classes + k] = (float) (odds[k] / total);
            }
        }
        return EvaluationCounts.of(
                probabilities, random.ints(records, 0, classes).toArray(), classes);
    }

    private static void add(int[] sum, int[] ring, int times) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += times * ring[i];
        }
    }

    private static SecretSeed secret(long number) {
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        new Random(number).nextBytes(bytes);
        return SecretSeed.copyOf(bytes, SecretAccess.token());
    }
}
