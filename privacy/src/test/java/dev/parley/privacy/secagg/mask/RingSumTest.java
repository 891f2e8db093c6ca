package dev.parley.privacy.secagg.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.privacy.secagg.DeterministicRandom;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Laws of masking: what is masked and summed, less the masks, is the sum; and what may be done once is done once. */
class RingSumTest {
    @Property(tries = 60, seed = "20261125")
    void theSumOfTheMaskedLessTheMasksIsTheSum(
            @ForAll long seed,
            @ForAll @IntRange(min = 12, max = 32) int bits,
            @ForAll @IntRange(min = 2, max = 8) int sites,
            @ForAll @IntRange(min = 1, max = 6000) int length,
            @ForAll @IntRange(min = 1, max = 7) int threads) {
        DeterministicRandom random = new DeterministicRandom(seed);
        RingModulus modulus = new RingModulus(bits);
        int[] plain = new int[length];
        List<MaskTerm> masks = new ArrayList<>();
        RingSum sum = new RingSum(length, modulus);
        for (int s = 0; s < sites; s++) {
            int[] elements = random.ints(length).toArray();
            Arrays.setAll(plain, i -> plain[i] + elements[i]);
            SecretSeed self = SecretSeed.random(random);
            List<MaskTerm> pairs = MaskStreamTest.terms(sites, random.nextLong());
            masks.add(new MaskTerm(self, true));
            masks.addAll(pairs);
            sum.add(EncodedRing.adopting(elements.clone(), modulus).mask(OneTimeMask.of(self, pairs)));
        }

        sum.addMasks(masks.stream().map(MaskTerm::negated).toList(), threads);

        assertArrayEquals(Arrays.stream(plain).map(modulus::centred).toArray(), sum.centred());
    }

    @Test
    void thePairMasksOfAWholeCohortCancel() {
        DeterministicRandom random = new DeterministicRandom(11);
        RingModulus modulus = new RingModulus(20);
        int sites = 5;
        List<SecretSeed> selves = new ArrayList<>();
        List<List<MaskTerm>> pairs = new ArrayList<>();
        for (int i = 0; i < sites; i++) {
            selves.add(SecretSeed.random(random));
            pairs.add(new ArrayList<>());
            for (int j = 0; j < i; j++) {
                MaskTerm term = new MaskTerm(SecretSeed.random(random), true);
                pairs.get(i).add(term);
                pairs.get(j).add(term.negated());
            }
        }
        RingSum sum = new RingSum(1_000, modulus);
        for (int i = 0; i < sites; i++) {
            int[] elements = new int[1_000];
            Arrays.fill(elements, i - 3);
            sum.add(EncodedRing.adopting(elements, modulus).mask(OneTimeMask.of(selves.get(i), pairs.get(i))));
        }

        sum.addMasks(selves.stream().map(self -> new MaskTerm(self, false)).toList(), 2);

        int[] expected = new int[1_000];
        Arrays.fill(expected, -5);
        assertArrayEquals(expected, sum.centred());
    }

    @Test
    void slicesTakenOffOneByOneAreTheWhole() {
        RingModulus modulus = new RingModulus(24);
        List<MaskTerm> terms = MaskStreamTest.terms(19, 12);
        RingSum whole = new RingSum(10_007, modulus);
        RingSum inSlices = new RingSum(10_007, modulus);

        whole.addMasks(terms, 1);
        inSlices.addMasks(terms, 5_004, 10_007);
        inSlices.addMasks(terms, 0, 12);
        inSlices.addMasks(terms, 12, 5_004);

        assertArrayEquals(whole.centred(), inSlices.centred());
    }

    @Test
    void aMaskIsUsedOnceAndAVectorIsMaskedOnce() {
        DeterministicRandom random = new DeterministicRandom(13);
        RingModulus modulus = new RingModulus(16);
        OneTimeMask mask = OneTimeMask.of(SecretSeed.random(random), MaskStreamTest.terms(2, 14));
        OneTimeMask another = OneTimeMask.of(SecretSeed.random(random), MaskStreamTest.terms(2, 15));
        EncodedRing ring = EncodedRing.adopting(new int[10], modulus);
        ring.mask(mask);

        assertThrows(IllegalStateException.class, () -> ring.mask(another));
        EncodedRing second = EncodedRing.adopting(new int[10], modulus);
        assertThrows(IllegalStateException.class, () -> second.mask(mask));
        // The refusal has used the vector up: it cannot be tried with mask after mask.
        assertThrows(IllegalStateException.class, () -> second.mask(another));
    }

    @Test
    void aMaskWithoutAPairIsRefused() {
        SecretSeed self = SecretSeed.random(new DeterministicRandom(16));

        assertThrows(IllegalArgumentException.class, () -> OneTimeMask.of(self, List.of()));
    }

    @Test
    void whatIsPrintedTellsNothing() {
        DeterministicRandom random = new DeterministicRandom(17);
        int[] elements = {123_456, 123_456};
        EncodedRing ring = EncodedRing.adopting(elements, new RingModulus(20));
        OneTimeMask mask = OneTimeMask.of(SecretSeed.random(random), MaskStreamTest.terms(1, 18));

        assertFalse((ring + " " + mask + " " + ring.mask(mask)).contains("123456"));
    }

    @Test
    void aSumWithAnUnfinishedContributionIsNotRead() {
        RingSum sum = new RingSum(100, new RingModulus(20));
        RingSum.Addition addition = sum.begin();
        addition.feed(ByteBuffer.allocate(100));

        assertThrows(IllegalStateException.class, sum::centred);
        addition.feed(ByteBuffer.allocate(150));
        addition.finish();
        assertArrayEquals(new int[100], sum.centred());
        assertThrows(IllegalStateException.class, addition::finish);
        assertThrows(IllegalStateException.class, () -> addition.feed(ByteBuffer.allocate(1)));
    }

    @Test
    void aContributionOfWhichNothingCameLeavesTheSumReadable() {
        RingSum sum = new RingSum(100, new RingModulus(20));

        RingSum.Addition addition = sum.begin();

        assertThrows(IllegalArgumentException.class, addition::finish);
        assertThrows(IllegalArgumentException.class, () -> sum.addMasks(List.of(), 2, 8));
        assertArrayEquals(new int[100], sum.centred());
    }

    @Test
    void aWipedSeedLeavesASumThatIsNotRead() {
        RingSum sum = new RingSum(5_000, new RingModulus(20));
        List<MaskTerm> terms = MaskStreamTest.terms(40, 19);
        terms.getLast().seed().close();

        assertThrows(IllegalStateException.class, () -> sum.addMasks(terms, 2));
        assertThrows(IllegalStateException.class, sum::centred);
    }
}
