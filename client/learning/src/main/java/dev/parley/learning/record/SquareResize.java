package dev.parley.learning.record;

import java.util.Arrays;

/**
 * The centre square of a picture, brought to a declared side by area averaging: each pixel of the result is the mean of
 * the stored area that it covers, with exact shares of the pixels at the border. A picture that has the side already
 * keeps every bit; an evenly lit one stays evenly lit.
 */
final class SquareResize {
    private final PixelRows picture;
    private final int size;
    private final int channels;
    private final int side;
    private final float[] stored;
    /** One stored row after averaging along x, channel-major; the row is {@link #averagedY}. */
    private final double[] averaged;

    private int averagedY = -1;

    private SquareResize(PixelRows picture, int size) {
        this.picture = picture;
        this.size = size;
        this.channels = picture.channels();
        this.side = Math.min(picture.width(), picture.height());
        this.stored = new float[side * channels];
        this.averaged = new double[size * channels];
    }

    /** @return channel-major, {@code channels x size x size} */
    static float[] apply(PixelRows picture, int size) {
        return new SquareResize(picture, size).resized();
    }

    private float[] resized() {
        float[] pixels = new float[channels * size * size];
        double[] sums = new double[averaged.length];
        for (int y = 0; y < size; y++) {
            Arrays.fill(sums, 0);
            long from = (long) y * side;
            long to = from + side;
            for (long row = from / size; row * size < to; row++) {
                average((int) row);
                double share = overlap(from, to, row) / (double) side;
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += share * averaged[i];
                }
            }
            for (int c = 0; c < channels; c++) {
                for (int x = 0; x < size; x++) {
                    pixels[(c * size + y) * size + x] = (float) Math.min(1, sums[c * size + x]);
                }
            }
        }
        return pixels;
    }

    /** How much of stored pixel {@code at} lies in [from, to), in units of 1/size of a pixel. */
    private long overlap(long from, long to, long at) {
        return Math.min(to, (at + 1) * size) - Math.max(from, at * size);
    }

    private void average(int row) {
        if (row == averagedY) {
            return;
        }
        averagedY = row;
        picture.read((picture.height() - side) / 2 + row, (picture.width() - side) / 2, side, stored);
        for (int x = 0; x < size; x++) {
            long from = (long) x * side;
            long to = from + side;
            for (int c = 0; c < channels; c++) {
                double sum = 0;
                for (long column = from / size; column * size < to; column++) {
                    sum += overlap(from, to, column) * (double) stored[(int) column * channels + c];
                }
                averaged[c * size + x] = sum / side;
            }
        }
    }
}
