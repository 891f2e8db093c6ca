package dev.parley.sim.world;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Six vital signs over 48 hours, measured at irregular times. Systemic illness drives temperature, heart rate, blood
 * pressure and lactate; poor oxygenation drives respiratory rate, saturation and the number of desaturation episodes.
 * Both build up over the window, and each subject has levels of their own.
 *
 * @param strength change of each sign for a unit of evidence, as a multiple of what {@link Sign} says
 * @param personal deviation of a subject's own levels, likewise
 */
record VitalSigns(double strength, double personal) {
    static final int HOURS = 48;
    /** Time constant, in hours, of the wandering around the course. */
    private static final double MEMORY = 5;

    /**
     * One vital sign.
     *
     * @param name channel in the manifest
     * @param code its name at sites that code their measurements
     * @param factor which evidence moves it: 0 systemic, 1 oxygenation
     * @param effect change for each unit of evidence at the end of the window
     * @param spread deviation of a subject's own level
     * @param wander deviation of the wandering around the course
     * @param frequency how often it is taken, relative to the site's rate
     */
    record Sign(
            String name,
            String code,
            String unit,
            double minimum,
            double maximum,
            int decimals,
            double level,
            int factor,
            double effect,
            double spread,
            double wander,
            double frequency) {}

    static final List<Sign> SIGNS = List.of(
            new Sign("heart_rate", "HR", "1/min", 20, 250, 0, 82, 0, 5, 8, 4, 1),
            new Sign("resp_rate", "RR", "1/min", 4, 70, 0, 18, 1, 1.3, 1.6, 1.3, 1),
            new Sign("spo2", "SPO2", "%", 50, 100, 0, 95, 1, -0.8, 1.2, 0.8, 1),
            new Sign("temperature", "TEMP", "degC", 30, 44, 1, 37.2, 0, 0.26, 0.25, 0.2, 0.6),
            new Sign("systolic_bp", "SBP", "mmHg", 40, 270, 0, 126, 0, -4, 10, 6, 0.8),
            new Sign("lactate", "LAC", "mmol/L", 0.1, 25, 1, 1.9, 0, 0.25, 0.4, 0.2, 0.3));

    /** One measurement: when, of what, and its value in the sign's unit, inside its range. */
    record Measurement(double hours, Sign sign, double value) {}

    /** Receives measurements sign by sign, each in order of time. */
    @FunctionalInterface
    interface Chart {
        void take(Measurement measurement);
    }

    /**
     * Measures for one window; at least once, as {@code rate} is above 1 in 47 hours.
     *
     * @param rate measurements an hour of the signs that are taken most often
     */
    void measure(
            double systemic,
            double oxygenation,
            double rate,
            SplittableRandom subject,
            SplittableRandom random,
            Chart chart) {
        double onset = random.nextDouble(-12, 24);
        double[] episodes = drawEpisodes(oxygenation, random);
        for (Sign sign : SIGNS) {
            double evidence = sign.factor() == 0 ? systemic : oxygenation;
            double own = sign.level() + personal * sign.spread() * subject.nextGaussian();
            double wander = random.nextGaussian();
            double before = 0;
            double hours = random.nextDouble() / (rate * sign.frequency());
            for (; hours < HOURS - 1; hours += random.nextDouble(0.4, 1.6) / (rate * sign.frequency())) {
                double kept = StrictMath.exp((before - hours) / MEMORY);
                wander = kept * wander + StrictMath.sqrt(1 - kept * kept) * random.nextGaussian();
                before = hours;
                double built = 0.35 + 0.65 * GreyCanvas.step((hours - onset) / 24);
                double value = own + strength * sign.effect() * evidence * built + sign.wander() * wander;
                value -= sign.name().equals("spo2") ? desaturation(episodes, hours) : 0;
                chart.take(new Measurement(hours, sign, within(sign, value)));
            }
        }
    }

    /** Middles, in hours, of the episodes. */
    private double[] drawEpisodes(double oxygenation, SplittableRandom random) {
        double expected = StrictMath.exp(0.3 + 0.35 * strength * oxygenation);
        int count = (int) Math.min(6, Math.floor(expected * random.nextDouble(0.5, 1.5) + random.nextDouble()));
        return random.doubles(count, 0, HOURS).toArray();
    }

    /** Percentage points lost at a time: six in the middle of an episode, none two hours from it. */
    private static double desaturation(double[] episodes, double hours) {
        double lost = 0;
        for (double middle : episodes) {
            lost = Math.max(lost, 6 * GreyCanvas.bump(GreyCanvas.square((hours - middle) / 2)));
        }
        return lost;
    }

    private static double within(Sign sign, double value) {
        double margin = 0.02 * (sign.maximum() - sign.minimum());
        double highest = sign.name().equals("spo2") ? sign.maximum() : sign.maximum() - margin;
        return Math.clamp(value, sign.minimum() + margin, highest);
    }
}
