package dev.parley.learning.record;

/**
 * One measured quantity of a series or a table, with the unit and the plausible range that every site has agreed to.
 *
 * @param name column or channel name, unique within its modality
 * @param unit unit after harmonisation, such as {@code degC}; free text, compared by equality
 * @param minimum smallest plausible value in that unit
 * @param maximum largest plausible value in that unit, above {@code minimum}
 */
public record Channel(String name, String unit, double minimum, double maximum) {
    public Channel {
        if (!(minimum < maximum) || !Double.isFinite(minimum) || !Double.isFinite(maximum)) {
            throw new IllegalArgumentException(
                    "channel " + name + ": expected finite minimum < maximum, got [" + minimum + ", " + maximum + "]");
        }
    }

    /** Maps the plausible range to [-1, 1]; the scale in which all sites compute statistics and train. */
    public float scaled(double value) {
        return (float) ((value - minimum) / (maximum - minimum) * 2 - 1);
    }
}
