package dev.parley.learning.record;

import java.util.Locale;

/** A rule that one row breaks. Its message never has a text value of the row: numbers are shown, text is described. */
final class RowFault extends Exception {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_NUMBER = 6;

    /** The rules that a row may break; their labels are counted in a {@link Quarantine}. */
    enum Rule {
        CELL_COUNT,
        MISSING_ID,
        DUPLICATE_ID,
        MISSING_SUBJECT,
        SITE_NAME,
        UNKNOWN_LABEL,
        TIME_FORMAT,
        CONSENT_FORMAT,
        NOT_A_NUMBER,
        OUT_OF_RANGE,
        UNKNOWN_VALUE,
        TEXT_LENGTH,
        UNSAFE_PATH,
        MISSING_FILE,
        FILE_SIZE,
        IMAGE_FORMAT,
        IMAGE_DIMENSIONS,
        UNREADABLE_IMAGE,
        WINDOW_INDEX,
        NAN_IN_SERIES,
        NOTHING_MEASURED;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Rule rule;

    /**
     * @param where file, row and column
     * @param expected what the rule wants
     * @param got what is there; never a text value
     */
    RowFault(Rule rule, String where, String expected, String got) {
        super(where + ": expected " + expected + ", got " + got, null, false, false);
        this.rule = rule;
    }

    Rule rule() {
        return rule;
    }

    /** One line: file, row, column, rule, expected, got. */
    String reason() {
        return getMessage() + " [" + rule.label() + "]";
    }

    /**
     * A cell as a message may show it: a short number as it stands; anything else, also a long number, which may be an
     * id, as the length of a text.
     */
    static String shown(String cell) {
        if (cell.isEmpty()) {
            return "an empty cell";
        }
        if (cell.length() <= LONGEST_NUMBER && cell.chars().allMatch(c -> "0123456789-.".indexOf(c) >= 0)) {
            return cell;
        }
        return "a text of " + cell.length() + " characters (not shown)";
    }
}
