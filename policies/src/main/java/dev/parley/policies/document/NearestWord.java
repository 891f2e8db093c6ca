package dev.parley.policies.document;

import java.util.Collection;
import java.util.Locale;

/** The allowed word that a slip of the hand could have been meant for. */
public final class NearestWord {
    /** Longer words are no slips of the hand, and comparing them would take time. */
    private static final int MOST_CHARACTERS = 64;

    private NearestWord() {}

    /** {@code " (did you mean 'x'?)"}, or nothing if no candidate is near. */
    public static String hint(String word, Collection<String> candidates) {
        if (word.length() > MOST_CHARACTERS) {
            return "";
        }
        String best = "";
        int bestDistance = Math.max(2, word.length() / 3) + 1;
        for (String candidate : candidates) {
            if (candidate.length() <= MOST_CHARACTERS && !candidate.equals(word)) {
                int distance = distance(folded(word), folded(candidate));
                if (distance < bestDistance) {
                    bestDistance = distance;
                    best = candidate;
                }
            }
        }
        return best.isEmpty() ? "" : " (did you mean '" + best + "'?)";
    }

    /** Neither case nor the kind of dash makes another word. */
    private static String folded(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substituted, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
