package dev.parley.privacy.secagg.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.DeterministicRandom;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** {@link MaskStream} against AES-256-CTR computed block by block, which is itself held against NIST's vectors. */
class MaskStreamTest {
    private static final byte[] NIST_KEY =
            HexFormat.of().parseHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");

    /** NIST SP 800-38A, F.5.5 CTR-AES256.Encrypt: plaintext xor key stream is the ciphertext. */
    @Test
    void theReferenceOfTheseTestsMeetsNistsVectors() throws GeneralSecurityException {
        byte[] counter = HexFormat.of().parseHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        byte[] plain = HexFormat.of()
                .parseHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                        + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        byte[] stream = reference(NIST_KEY, counter, plain.length);

        byte[] encrypted = new byte[plain.length];
        for (int i = 0; i < plain.length; i++) {
            encrypted[i] = (byte) (plain[i] ^ stream[i]);
        }

        assertEquals(
                "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
                        + "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
                HexFormat.of().formatHex(encrypted));
    }

    /** The same vectors entered by way of the product: F.5.5's first key-stream block is AES of its counter block. */
    @Test
    void theFirstElementsAreAesOfTheZeroCounterBlock() throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(NIST_KEY, "AES"));
        ByteBuffer block = ByteBuffer.wrap(aes.doFinal(new byte[16])).order(ByteOrder.LITTLE_ENDIAN);
        int[] ring = new int[4];

        MaskStream.addAll(List.of(new MaskTerm(seedOf(NIST_KEY), true)), ring, 0, 4);

        assertArrayEquals(new int[] {block.getInt(), block.getInt(), block.getInt(), block.getInt()}, ring);
    }

    @Property(tries = 60, seed = "20261125")
    void termsAddUpToTheReferenceFromAnyOffset(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 37) int terms,
            @ForAll @IntRange(min = 0, max = 1500) int fromBlock,
            @ForAll @IntRange(min = 0, max = 5000) int length)
            throws GeneralSecurityException {
        DeterministicRandom random = new DeterministicRandom(seed);
        int from = fromBlock * MaskStream.BLOCK_ELEMENTS;
        int[] before = random.ints(from + length + 3).toArray();
        int[] expected = before.clone();
        List<MaskTerm> drawn = new ArrayList<>();
        for (int t = 0; t < terms; t++) {
            byte[] key = new byte[SecretSeed.SIZE_BYTES];
            random.nextBytes(key);
            drawn.add(new MaskTerm(seedOf(key), random.nextBoolean()));
            ByteBuffer stream = ByteBuffer.wrap(reference(key, new byte[16], 4 * (from + length)))
                    .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = from; i < from + length; i++) {
                expected[i] += drawn.getLast().added() ? stream.getInt(4 * i) : -stream.getInt(4 * i);
            }
        }

        int[] ring = before.clone();
        MaskStream.addAll(drawn, ring, from, from + length);

        assertArrayEquals(expected, ring);
    }

    /** Longer than the first, small chunks and than the later ones, so that both are walked over. */
    @Test
    void aLongStreamEnteredInTheMiddleIsTheTailOfTheWhole() {
        int length = 200_003;
        List<MaskTerm> terms = terms(33, 5);
        int[] whole = new int[length];
        MaskStream.addAll(terms, whole, 0, length);

        for (int from : new int[] {4, 2044, 2048, 2052, 100_000, 199_996, 200_000}) {
            int[] tail = new int[length];
            MaskStream.addAll(terms, tail, from, length);
            assertArrayEquals(
                    Arrays.copyOfRange(whole, from, length), Arrays.copyOfRange(tail, from, length), "from " + from);
            assertTrue(Arrays.stream(tail, 0, from).allMatch(element -> element == 0), "before " + from);
        }
    }

    @Test
    void aTermAndItsNegationCancel() {
        List<MaskTerm> terms = new ArrayList<>(terms(20, 6));
        terms.addAll(terms.stream().map(MaskTerm::negated).toList());
        int[] ring = new int[10_001];

        MaskStream.addAll(terms, ring, 0, ring.length);

        assertArrayEquals(new int[ring.length], ring);
    }

    @Test
    void masksOfDifferentSeedsShareNoBlock() {
        int blocks = 100_000;
        int seeds = 4;
        Set<Block> seen = new HashSet<>();
        for (MaskTerm term : terms(seeds, 7)) {
            int[] mask = new int[blocks * MaskStream.BLOCK_ELEMENTS];
            MaskStream.addAll(List.of(new MaskTerm(term.seed(), true)), mask, 0, mask.length);
            for (int i = 0; i < mask.length; i += MaskStream.BLOCK_ELEMENTS) {
                seen.add(new Block(mask[i], mask[i + 1], mask[i + 2], mask[i + 3]));
            }
        }

        assertEquals(blocks * seeds, seen.size());
    }

    @Test
    void refusesRangesThatCannotBeEntered() {
        int[] ring = new int[16];
        List<MaskTerm> terms = terms(1, 8);

        assertThrows(IllegalArgumentException.class, () -> MaskStream.addAll(terms, ring, 2, 8));
        assertThrows(IllegalArgumentException.class, () -> MaskStream.addAll(terms, ring, -4, 8));
        assertThrows(IllegalArgumentException.class, () -> MaskStream.addAll(terms, ring, 8, 4));
        assertThrows(IllegalArgumentException.class, () -> MaskStream.addAll(terms, ring, 0, 17));
        assertArrayEquals(new int[16], ring);
    }

    private record Block(int first, int second, int third, int fourth) {}

    static List<MaskTerm> terms(int count, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        List<MaskTerm> terms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            terms.add(new MaskTerm(SecretSeed.random(random), random.nextBoolean()));
        }
        return terms;
    }

    private static SecretSeed seedOf(byte[] key) {
        return SecretSeed.copyOf(key, SecretAccess.token());
    }

    /** AES-256-CTR by its definition: AES of each counter block, the counter going up as one big-endian number. */
    private static byte[] reference(byte[] key, byte[] start, int length) throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        byte[] counter = start.clone();
        byte[] stream = new byte[length];
        for (int at = 0; at < length; at += 16) {
            byte[] block = aes.update(counter);
            System.arraycopy(block, 0, stream, at, Math.min(16, length - at));
            for (int i = 15; i >= 0 && ++counter[i] == 0; i--) {
                continue;
            }
        }
        return stream;
    }
}
