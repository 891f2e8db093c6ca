package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedTokenizerTest {
    private static final Modality.Text NOTE = new Modality.Text("note", 4096, 6, 8192);

    /** Published vectors of MurmurHash3 x86 32. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            '', 0, 0
            '', 1, 514e28b7
            '', -1, 81f16f39
            a, 2538058380, 7fa09ea6
            aa, 2538058380, 5d211726
            aaa, 2538058380, 283e0130
            aaaa, 2538058380, 5a97808a
            abc, 0, b3dd93fa
            'Hello, world!', 2538058380, 24884cba
            The quick brown fox jumps over the lazy dog, 2538058380, 2fa826cd
            """)
    void hashesAsPublished(String text, long seed, String hash) {
        assertEquals(Long.parseLong(hash, 16), MurmurHash3.hash(text, (int) seed));
    }

    /** What every site must compute alike; a change here is a new manifest format. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            fever, 3696, 3739
            <num>, 648, 4127
            [dx], 1944, 6380
            größe, 266, 3730
            no fever, 1556, 163
            """)
    void hashesWordsAlikeForEver(String feature, int token, int wide) {
        assertEquals(token, SharedTokenizer.token(feature, 4096));
        assertEquals(wide, SharedTokenizer.wideBucket(feature, 8192));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            No fever; SpO2 was 93.5%, then 1,200 ml.     | no fever spo <num> was <num> then <num> ml
            [DX] positive, seen by <sensitive>           | [dx] positive seen by <sensitive>
            patient's X-ray (AP/supine)                  | patient's x ray ap supine
            ＦＥＶＥＲ ３８．５                               | fever <num>
            GRÖSSE Größe                                 | grösse größe
            fe\u200Bver                                  | fever
            write to Jane.Doe@example.org or see www.example.org/p?id=7 | write to <email> or see <url>
            born 31.01.1950, seen on 3 March 2020        | born <date> seen on <date>
            case 1234567, MRN A12-34567, call +49 511 532 0  | case <id> mrn <id> call <phone>
            [not a placeholder] <3                       | not a placeholder <num>
            """)
    void readsWords(String text, String words) {
        assertEquals(List.of(words.split(" ")), SharedTokenizer.words(text));
    }

    @Test
    void aTextWithoutWordsHasNone() {
        assertEquals(List.of(), SharedTokenizer.words(" \n .,;:!?-- "));
        assertEquals(0, SharedTokenizer.encode(NOTE, "").tokens().length);
    }

    @Test
    void keepsTheFirstTokensAndAllWideFeatures() {
        ModalityValue.Text text = SharedTokenizer.encode(NOTE, "a b c d e f g h");

        assertEquals(6, text.tokens().length);
        assertEquals(SharedTokenizer.token("a", 4096), text.tokens()[0]);
        assertEquals(8 + 7, text.wide().length);
        assertTrue(Arrays.stream(text.wide()).anyMatch(w -> w == SharedTokenizer.wideBucket("g h", 8192)));
        assertEquals(
                0,
                SharedTokenizer.encode(new Modality.Text("note", 4096, 6, 0), "a b")
                        .wide()
                        .length);
    }

    @Property(tries = 500, seed = "20261125")
    void staysInItsRanges(@ForAll @StringLength(max = 300) String text) {
        ModalityValue.Text encoded = SharedTokenizer.encode(NOTE, text);

        assertTrue(Arrays.stream(encoded.tokens()).allMatch(token -> token >= 1 && token < 4096));
        assertTrue(Arrays.stream(encoded.wide()).allMatch(bucket -> bucket >= 0 && bucket < 8192));
        assertArrayEquals(Arrays.stream(encoded.wide()).sorted().distinct().toArray(), encoded.wide());
        assertEquals(SharedTokenizer.words(text), SharedTokenizer.words(String.join(" ", SharedTokenizer.words(text))));
    }

    @Test
    void spreadsWordsOverTheVocabulary() {
        long distinct = java.util.stream.IntStream.range(0, 4095)
                .map(i -> SharedTokenizer.token("word" + i, 4096))
                .distinct()
                .count();

        // 4095 balls in 4095 urns leave 1/e of them empty; 3 % is more than six standard deviations.
        assertEquals(4095 * (1 - 1 / Math.E), (double) distinct, 4095 * 0.03);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a
            a@
            a.
            1
            1-
            +1
            www.
            jan 1
            (1
            '
            <a
            """)
    void takesTimeLinearInTheText(String repeated) {
        String text = repeated.repeat(Limits.TEXT_CHARACTERS / repeated.length());

        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> SharedTokenizer.words(text));
    }
}
