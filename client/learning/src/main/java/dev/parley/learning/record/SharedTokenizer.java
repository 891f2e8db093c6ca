package dev.parley.learning.record;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text to numbers, alike at every site without exchanging a vocabulary: words are hashed.
 *
 * <p>Normal form NFKC, format characters removed, {@link Deidentification}, lower case. A word is a run of letters with
 * inner apostrophes; a run of digits, also with inner points and commas, is the word {@value #NUMBER}; a placeholder
 * such as {@code [DX]} or {@code <id>} is one word. All else separates words. The token of a word is
 * {@code 1 + murmur3(word, 1) mod (vocabulary - 1)}; a wide feature is {@code murmur3(text, 2) mod wideVocabulary} of a
 * word or of two neighbours with one space between (murmur3: x86, 32 bits, unsigned, of UTF-8). Changing any of this
 * changes every model: it is a new manifest format.
 *
 * <p>Test vectors, with a vocabulary of 4096 and 8192 wide buckets, are in SharedTokenizerTest.
 */
public final class SharedTokenizer {
    /** The word that every number becomes. */
    public static final String NUMBER = "<num>";

    private static final int TOKEN_SEED = 1;
    private static final int WIDE_SEED = 2;
    private static final Pattern FORMAT_CHARACTERS = Pattern.compile("\\p{Cf}++");
    private static final Pattern WORD =
            Pattern.compile("(?<placeholder>\\[\\p{L}[\\p{L}_-]{0,30}\\]|<\\p{L}[\\p{L}_-]{0,30}>)"
                    + "|(?<number>\\p{N}++(?:[.,]\\p{N}++)*+)"
                    + "|[\\p{L}\\p{M}]++(?:['\u2019][\\p{L}\\p{M}]++)*+");

    private SharedTokenizer() {}

    /** The words of a text, in order. */
    public static List<String> words(String text) {
        String normal = FORMAT_CHARACTERS
                .matcher(Normalizer.normalize(text, Normalizer.Form.NFKC))
                .replaceAll("");
        String lower = Deidentification.apply(normal).toLowerCase(Locale.ROOT);
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(lower);
        while (matcher.find()) {
            words.add(matcher.group("number") == null ? matcher.group() : NUMBER);
        }
        return words;
    }

    /** @return in {@code [1, vocabulary)} */
    public static int token(String word, int vocabulary) {
        return 1 + (int) (MurmurHash3.hash(word, TOKEN_SEED) % (vocabulary - 1));
    }

    /**
     * @param feature a word, or two neighbours with one space between
     * @return in {@code [0, wideVocabulary)}
     */
    public static int wideBucket(String feature, int wideVocabulary) {
        return (int) (MurmurHash3.hash(feature, WIDE_SEED) % wideVocabulary);
    }

    /** The first {@code maxTokens} words as tokens; all words and pairs of neighbours as sorted distinct wide features. */
    public static ModalityValue.Text encode(Modality.Text modality, String text) {
        List<String> words = words(text);
        int[] tokens = new int[Math.min(words.size(), modality.maxTokens())];
        Arrays.setAll(tokens, i -> token(words.get(i), modality.vocabulary()));
        TreeSet<Integer> wide = new TreeSet<>();
        for (int i = 0; i < words.size() && modality.wideVocabulary() > 0; i++) {
            wide.add(wideBucket(words.get(i), modality.wideVocabulary()));
            if (i > 0) {
                wide.add(wideBucket(words.get(i - 1) + " " + words.get(i), modality.wideVocabulary()));
            }
        }
        return new ModalityValue.Text(
                tokens, wide.stream().mapToInt(Integer::intValue).toArray());
    }
}
