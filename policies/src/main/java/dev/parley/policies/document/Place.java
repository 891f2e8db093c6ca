package dev.parley.policies.document;

/**
 * Where something stands in a file.
 *
 * @param file as errors name it
 * @param line from 1
 * @param column from 1, in characters
 * @param shown the line, or the part of a long one that is around the column
 * @param caret index into what is shown
 */
public record Place(String file, int line, int column, String shown, int caret) {
    /** A whole file, of which nothing need be shown. */
    public static Place ofFile(String file) {
        return new Place(file, 1, 1, "", 0);
    }

    /** {@code file:line:column: message}, the line itself, and a caret under the column. */
    public String show(String message) {
        if (shown.isEmpty()) {
            return this + ": " + message;
        }
        String margin = "%5d | ".formatted(line);
        return this + ": " + message + "\n" + margin + shown.replaceAll("\\p{Cntrl}", " ") + "\n"
                + " ".repeat(margin.length() - 2) + "| " + " ".repeat(caret) + "^";
    }

    @Override
    public String toString() {
        return file + ":" + line + ":" + column;
    }
}
