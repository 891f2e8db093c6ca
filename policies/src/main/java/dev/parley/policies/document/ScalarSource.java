package dev.parley.policies.document;

import java.util.Arrays;

/**
 * Where the characters of a scalar stand in its file. YAML folds lines and takes off quotes, so an index into the value is not
 * an index into the file: both are walked along in step, white space being the only thing that folding changes.
 */
public final class ScalarSource {
    private final SourceText source;
    private final int startCodePoint;
    private final int endCodePoint;
    private final String value;

    /**
     * @param startCodePoint code points of the text before the scalar, quotes or block mark being part of it
     * @param endCodePoint code points before what is behind it
     */
    ScalarSource(SourceText source, int startCodePoint, int endCodePoint, String value) {
        this.source = source;
        this.startCodePoint = startCodePoint;
        this.endCodePoint = endCodePoint;
        this.value = value;
    }

    Place at(int index) {
        int start = source.indexOfCodePoint(startCodePoint);
        int end = source.indexOfCodePoint(endCodePoint);
        int[] indices = align(source.text(), start, end);
        if (indices.length == 0) {
            return source.place(start);
        }
        int last = indices.length - 1;
        return source.place(index <= last ? indices[Math.max(0, index)] : Math.min(end, indices[last] + 1));
    }

    /** For each character of the value its index in the text; the start where the two cannot be brought together. */
    private int[] align(String text, int start, int end) {
        int[] indices = new int[value.length()];
        int at = start;
        char first = start < end ? text.charAt(start) : ' ';
        boolean quoted = first == '"' || first == '\'';
        if (first == '|' || first == '>') {
            while (at < end && text.charAt(at) != '\n') {
                at++;
            }
        } else if (quoted) {
            at++;
        }
        for (int i = 0; i < indices.length; i++) {
            char wanted = value.charAt(i);
            if (Character.isWhitespace(wanted)) {
                indices[i] = Math.min(at, end);
                continue;
            }
            while (at < end && text.charAt(at) != wanted && skippable(text.charAt(at), quoted)) {
                at++;
            }
            if (at >= end || text.charAt(at) != wanted) {
                Arrays.fill(indices, i, indices.length, start);
                return indices;
            }
            indices[i] = at++;
            if (quoted && (wanted == first || wanted == '\\') && at < end && text.charAt(at) == wanted) {
                at++; // a quote or backslash that is written twice
            }
        }
        return indices;
    }

    private static boolean skippable(char character, boolean quoted) {
        return Character.isWhitespace(character) || (quoted && character == '\\');
    }
}
