package dev.parley.privacy.dp.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.DeterministicRandom;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The stream, block by block. */
class NoiseSourceTest {
    private static final int KEY_LIFE_BYTES = 1 << 20;
    private static final int KEYS = 3;

    /** The stream as the class's essay has it, written once more: a mebibyte of words, then 32 bytes of key. */
    private static byte[] expected(byte[] firstKey) throws GeneralSecurityException {
        byte[] all = new byte[KEYS * KEY_LIFE_BYTES];
        byte[] key = firstKey.clone();
        for (int i = 0; i < KEYS; i++) {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
            byte[] stream = cipher.doFinal(new byte[KEY_LIFE_BYTES + 32]);
            System.arraycopy(stream, 0, all, i * KEY_LIFE_BYTES, KEY_LIFE_BYTES);
            key = Arrays.copyOfRange(stream, KEY_LIFE_BYTES, KEY_LIFE_BYTES + 32);
        }
        return all;
    }

    @Test
    void wordsAreTheStreamsAndNeverAKeys() throws GeneralSecurityException {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 7);
        ByteBuffer expected = ByteBuffer.wrap(expected(key)).order(ByteOrder.LITTLE_ENDIAN);

        NoiseSource source = NoiseSource.wiping(key);

        for (int i = 0; i < KEYS * KEY_LIFE_BYTES / 8; i++) {
            assertEquals(expected.getLong(), source.nextWord(), "word " + i);
        }
        assertEquals(0, key[0], "the caller's key is wiped");
    }

    @Test
    void noBlockIsGivenTwice() {
        NoiseSource source = InsecureNoiseSource.replaying(1);
        int blocks = KEYS * KEY_LIFE_BYTES / 16;
        Set<Block> seen = HashSet.newHashSet(blocks);

        for (int i = 0; i < blocks; i++) {
            assertTrue(seen.add(new Block(source.nextWord(), source.nextWord())), "block " + i);
        }
    }

    private record Block(long high, long low) {}

    @Test
    void sourcesAreReplayedBySeedAndByGeneratorAndElseDiffer() {
        long first = InsecureNoiseSource.replaying(1).nextWord();

        assertEquals(first, InsecureNoiseSource.replaying(1).nextWord());
        assertNotEquals(first, InsecureNoiseSource.replaying(2).nextWord());
        assertEquals(
                NoiseSource.keyedFrom(new DeterministicRandom(3)).nextWord(),
                NoiseSource.keyedFrom(new DeterministicRandom(3)).nextWord());
        assertNotEquals(
                NoiseSource.keyedFrom(new SecureRandom()).nextWord(),
                NoiseSource.keyedFrom(new SecureRandom()).nextWord());
    }

    @Test
    void aShortKeyIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> NoiseSource.wiping(new byte[16]));
    }

    @Test
    void nothingIsPrinted() {
        assertEquals("NoiseSource[redacted]", InsecureNoiseSource.replaying(1).toString());
    }
}
