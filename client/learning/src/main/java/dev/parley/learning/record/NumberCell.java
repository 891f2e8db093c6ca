package dev.parley.learning.record;

/** A cell that holds a number: digits with a decimal point, optionally a sign and an exponent. */
final class NumberCell {
    private NumberCell() {}

    /** Empty, {@code NA} or {@code NaN}, in any case. */
    static boolean missing(String cell) {
        return cell.isEmpty() || cell.equalsIgnoreCase("NA") || cell.equalsIgnoreCase("NaN");
    }

    static double read(CsvFile.Row row, CsvFile.Column column) throws RowFault {
        String cell = row.cell(column);
        try {
            // parseDouble would also take "1d", "0x1p3" and "Infinity".
            if (cell.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0)) {
                double value = Double.parseDouble(cell);
                if (Double.isFinite(value)) {
                    return value;
                }
            }
        } catch (NumberFormatException e) {
            throw notANumber(row.where(column), cell);
        }
        throw notANumber(row.where(column), cell);
    }

    /** @throws RowFault unless {@code value}, which comes from the cell, lies in the channel's plausible range */
    static void requireInRange(Channel channel, double value, CsvFile.Row row, CsvFile.Column column) throws RowFault {
        if (!inRange(channel, value)) {
            throw outOfRange(channel, value, row.where(column));
        }
    }

    static boolean inRange(Channel channel, double value) {
        return value >= channel.minimum() && value <= channel.maximum();
    }

    static RowFault outOfRange(Channel channel, double value, String where) {
        return new RowFault(
                RowFault.Rule.OUT_OF_RANGE,
                where,
                shown(channel.minimum()) + ".." + shown(channel.maximum()) + " " + channel.unit(),
                shown(value));
    }

    static String shown(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Float.toString((float) value);
    }

    private static RowFault notANumber(String where, String cell) {
        return new RowFault(RowFault.Rule.NOT_A_NUMBER, where, "a number with a decimal point", RowFault.shown(cell));
    }
}
