package dev.parley.learning.record;

/** A picture that is read row by row. */
interface PixelRows {
    int width();

    int height();

    /** 1 (grey) or 3 (RGB). */
    int channels();

    /**
     * Reads part of a row.
     *
     * @param into receives {@code count} pixels from its start, channels together, each in [0, 1]
     */
    void read(int y, int x, int count, float[] into);
}
