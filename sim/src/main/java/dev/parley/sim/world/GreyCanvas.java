package dev.parley.sim.world;

/**
 * A square scene in shades of grey, painted in coordinates from -1 to 1 (x to the right, y down), so that it looks the
 * same at every resolution. Only additions and multiplications: equal on every platform.
 */
final class GreyCanvas {
    private final int side;
    private final double[] light;

    /** Black. */
    GreyCanvas(int side) {
        this.side = side;
        this.light = new double[side * side];
    }

    /** A value for every point of the scene. */
    @FunctionalInterface
    interface Field {
        double at(double x, double y);
    }

    double light(int row, int column) {
        return light[row * side + column];
    }

    private double coordinate(int pixel) {
        return (2 * pixel + 1.0) / side - 1;
    }

    private int pixel(double coordinate) {
        return Math.clamp((long) Math.floor((coordinate + 1) / 2 * side), 0, side - 1);
    }

    void add(Field field) {
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                light[row * side + column] += field.at(coordinate(column), coordinate(row));
            }
        }
    }

    /** Adds another scene of the same size, weighted point by point. */
    void add(GreyCanvas other, GreyCanvas weight) {
        for (int i = 0; i < light.length; i++) {
            light[i] += other.light[i] * weight.light[i];
        }
    }

    /** A soft elliptical spot that is brightest in the middle and ends at its radii. */
    void addSpot(double x, double y, double radiusX, double radiusY, double amplitude) {
        addWithin(
                x - radiusX,
                y - radiusY,
                x + radiusX,
                y + radiusY,
                (px, py) -> amplitude * bump(square((px - x) / radiusX) + square((py - y) / radiusY)));
    }

    /** A soft line from one point to another that ends at {@code width} on both sides. */
    void addStroke(double x0, double y0, double x1, double y1, double width, double amplitude) {
        double squaredLength = square(x1 - x0) + square(y1 - y0);
        addWithin(
                Math.min(x0, x1) - width,
                Math.min(y0, y1) - width,
                Math.max(x0, x1) + width,
                Math.max(y0, y1) + width,
                (px, py) -> {
                    double along = squaredLength == 0
                            ? 0
                            : Math.clamp(((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / squaredLength, 0, 1);
                    double squaredDistance = square(px - x0 - along * (x1 - x0)) + square(py - y0 - along * (y1 - y0));
                    return amplitude * bump(squaredDistance / square(width));
                });
    }

    private void addWithin(double left, double top, double right, double bottom, Field field) {
        int lastRow = pixel(bottom);
        int lastColumn = pixel(right);
        for (int row = pixel(top); row <= lastRow; row++) {
            for (int column = pixel(left); column <= lastColumn; column++) {
                light[row * side + column] += field.at(coordinate(column), coordinate(row));
            }
        }
    }

    /** 1 at 0, falling smoothly to 0 at a squared distance of 1. */
    static double bump(double squaredDistance) {
        return squaredDistance >= 1 ? 0 : square(1 - squaredDistance);
    }

    /** 0 below 0, 1 above 1, smooth between. */
    static double step(double t) {
        double within = Math.clamp(t, 0, 1);
        return within * within * (3 - 2 * within);
    }

    static double square(double value) {
        return value * value;
    }
}
