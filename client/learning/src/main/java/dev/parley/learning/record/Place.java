package dev.parley.learning.record;

/**
 * Where a row lies, for people.
 *
 * @param file as the manifest names it
 * @param row data rows count from 1, without the header
 * @param line the line of the file on which the row starts, from 1; 0 where the file has no lines
 */
record Place(String file, long row, long line) {
    String inColumn(String column) {
        return this + ", column " + column;
    }

    @Override
    public String toString() {
        return file + " row " + row + (line == 0 ? "" : " (line " + line + ")");
    }
}
