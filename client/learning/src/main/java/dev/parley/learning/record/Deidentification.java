package dev.parley.learning.record;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces what looks like a direct identifier by a placeholder, before a text is tokenised.
 *
 * <p><b>Does</b>: e-mail addresses ({@code <email>}), web addresses ({@code <url>}), dates with a day or a month and a
 * year in digits or with English month names ({@code <date>}), telephone numbers with a leading + or 00 or in groups
 * ({@code <phone>}), runs of six or more digits and words that mix letters with five or more digits ({@code <id>}).
 *
 * <p><b>Does not</b>: names of people, places and institutions; addresses; ages; rare conditions; dates in words of
 * other languages; telephone numbers of fewer than nine digits. Whoever could be recognised by what remains must be
 * masked before the extract is made. What is left after this class is words hashed to numbers, and the numbers of
 * common words can be guessed back: this is data minimisation, not anonymisation.
 *
 * <p>Runs in time linear in the text: every pattern starts where a word starts and is bounded or possessive.
 */
public final class Deidentification {
    private static final String WORD_START = "(?<![\\p{L}\\p{N}])";
    private static final String MONTH =
            "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
                    + "|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
    private static final String DAY = "\\d{1,2}(?:st|nd|rd|th)?";

    private static final Pattern EMAIL =
            pattern("(?<![\\p{L}\\p{N}._%+-])[\\p{L}\\p{N}._%+-]{1,64}+@[\\p{L}\\p{N}.-]++");
    private static final Pattern URL = pattern(WORD_START + "(?:https?://|ftp://|www\\.)[^\\s<>\"]++");
    private static final Pattern DATE = pattern(WORD_START
            + "(?:\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}(?:T[0-9:.]{4,15}+Z?)?"
            + "|\\d{1,2}[-/.]\\d{1,2}[-/.](?:\\d{4}|\\d{2})"
            + "|" + DAY + "[ -](?:of )?" + MONTH + ",?[ -]\\d{4}"
            + "|" + DAY + "[ -](?:of )?" + MONTH + "(?![\\p{L}\\p{N}])"
            + "|" + MONTH + "[ -]" + DAY + "(?:,? \\d{4})?"
            + "|" + MONTH + ",?[ -]\\d{4})(?![\\p{L}\\p{N}])");
    private static final Pattern PHONE = pattern("(?<![\\p{L}\\p{N}+])(?:(?:\\+|00)\\d(?:[ ().\\-/]{0,2}\\d){6,14}"
            + "|(?:\\(\\d{2,5}\\)[ ]?|0\\d{1,4}[ \\-/]|\\d{3}[ \\-.])\\d{3,4}[ \\-.]?\\d{3,6})(?!\\d)");
    private static final Pattern LONG_NUMBER = pattern("\\d{6,}+");
    private static final Pattern MIXED_WORD = pattern(WORD_START + "[\\p{L}\\p{N}][\\p{L}\\p{N}_-]{5,}+");
    private static final int DIGITS_OF_AN_ID = 5;

    private Deidentification() {}

    private static Pattern pattern(String expression) {
        return Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
    }

    /** The text with placeholders. A text that is already masked stays as it is. */
    public static String apply(String text) {
        String masked = EMAIL.matcher(text).replaceAll("<email>");
        masked = URL.matcher(masked).replaceAll("<url>");
        masked = DATE.matcher(masked).replaceAll("<date>");
        masked = PHONE.matcher(masked).replaceAll("<phone>");
        masked = MIXED_WORD
                .matcher(masked)
                .replaceAll(found -> Matcher.quoteReplacement(identifies(found.group()) ? "<id>" : found.group()));
        return LONG_NUMBER.matcher(masked).replaceAll("<id>");
    }

    private static boolean identifies(String word) {
        return word.chars().filter(Character::isDigit).count() >= DIGITS_OF_AN_ID;
    }
}
