package dev.parley.learning.record;

/**
 * The sizes at which loading stops, so that a wrong or hostile file costs a message and not the machine. All are far
 * above what a site's extract has.
 */
final class Limits {
    /** A manifest, in bytes. */
    static final long MANIFEST_BYTES = 1L << 20;
    /** One CSV file, in bytes. */
    static final long CSV_BYTES = 4L << 30;
    /** The header and each row of a CSV file. */
    static final int CSV_COLUMNS = 4096;
    /** Characters in one cell; a longer one fails the file, because the rows after it cannot be trusted. */
    static final int CELL_CHARACTERS = 1 << 20;
    /** Characters in one row. */
    static final int ROW_CHARACTERS = 4 << 20;
    /** Rows of records in one data set. */
    static final int RECORDS = 5_000_000;
    /** Characters of one text of a record. */
    static final int TEXT_CHARACTERS = 200_000;
    /** One image file, in bytes. */
    static final long IMAGE_BYTES = 64L << 20;
    /** The longer side of a stored image, in pixels. */
    static final long IMAGE_SIDE = 65_535;
    /** Width times height of a stored image. */
    static final long IMAGE_PIXELS = 64L << 20;
    /** One binary file of windows, in bytes. */
    static final long BINARY_BYTES = 64L << 30;
    /** Pixels in one IDX file, and so bytes after unpacking. */
    static final long IDX_PIXELS = 1L << 30;
    /** Cells of all step grids of one series modality that is read from CSV. */
    static final long GRID_CELLS = 1L << 30;

    private Limits() {}
}
