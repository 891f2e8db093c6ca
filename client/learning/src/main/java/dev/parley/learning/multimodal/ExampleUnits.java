package dev.parley.learning.multimodal;

import java.util.Arrays;

/**
 * Which rows of a batch belong to one unit of privacy. The gradient of a unit is the mean over its rows, taken before
 * anything is clipped, so a subject with many records weighs as much as one with a single record.
 */
public final class ExampleUnits {
    private final int[] unitOfRow;
    private final int[] size;

    private ExampleUnits(int[] unitOfRow, int units) {
        this.unitOfRow = unitOfRow;
        this.size = new int[units];
        for (int unit : unitOfRow) {
            if (unit < 0 || unit >= units) {
                throw new IllegalArgumentException("a row belongs to one of " + units + " units, got " + unit);
            }
            size[unit]++;
        }
    }

    /** Every row is a unit by itself. */
    public static ExampleUnits rows(int rows) {
        int[] own = new int[rows];
        Arrays.setAll(own, row -> row);
        return new ExampleUnits(own, rows);
    }

    /**
     * @param unitOfRow for each row its unit, in [0, units)
     * @param units how many there are; none may be without a row
     */
    public static ExampleUnits of(int[] unitOfRow, int units) {
        var grouped = new ExampleUnits(unitOfRow.clone(), units);
        for (int unit = 0; unit < units; unit++) {
            if (grouped.size[unit] == 0) {
                throw new IllegalArgumentException("unit " + unit + " of " + units + " has no row");
            }
        }
        return grouped;
    }

    public int rows() {
        return unitOfRow.length;
    }

    public int count() {
        return size.length;
    }

    int unitOf(int row) {
        return unitOfRow[row];
    }

    /** Rows of a unit. */
    int size(int unit) {
        return size[unit];
    }

    /** Whether every unit is one row, in order. */
    boolean single() {
        return size.length == unitOfRow.length;
    }
}
