package dev.parley.policies.document;

import java.util.ArrayList;
import java.util.List;

/**
 * A file's text with its lines. Finding a place costs the same however long the lines are.
 *
 * @param firstLine the number of the first line, which is not 1 for a part of a longer file
 * @param lineStarts index of each line's first character
 */
record SourceText(String file, int firstLine, String text, List<Integer> lineStarts) {
    /** Of a long line so much is shown. */
    private static final int SHOWN_CHARACTERS = 110;

    static SourceText of(String file, int firstLine, String text) {
        List<Integer> starts = new ArrayList<>();
        starts.add(0);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\n') {
                starts.add(i + 1);
            }
        }
        return new SourceText(file, firstLine, text, List.copyOf(starts));
    }

    /** The index of a character of which the number of code points before it is known. */
    int indexOfCodePoint(int codePoints) {
        return text.offsetByCodePoints(0, Math.min(codePoints, text.codePointCount(0, text.length())));
    }

    /** @param index of a character, or the text's length */
    Place place(int index) {
        int line = 0;
        int high = lineStarts.size() - 1;
        while (line < high) {
            int middle = (line + high + 1) >>> 1;
            if (lineStarts.get(middle) <= index) {
                line = middle;
            } else {
                high = middle - 1;
            }
        }
        return place(line, index - lineStarts.get(line));
    }

    /** @param line from 0 */
    Place place(int line, int column) {
        int known = Math.min(Math.max(line, 0), lineStarts.size() - 1);
        int start = lineStarts.get(known);
        int end = known + 1 < lineStarts.size() ? lineStarts.get(known + 1) - 1 : text.length();
        int at = Math.min(Math.max(column, 0), end - start);
        int from = at < SHOWN_CHARACTERS - 20 ? 0 : at - SHOWN_CHARACTERS / 2;
        String shown = text.substring(start + from, Math.min(end, start + from + SHOWN_CHARACTERS));
        return new Place(file, firstLine + known, at + 1, shown, at - from);
    }
}
