package dev.parley.learning.record;

/** {@code value = stored * scale + offset}, from what a file holds to the channel's unit. */
record UnitConversion(double scale, double offset) {
    double apply(double stored) {
        return stored * scale + offset;
    }
}
