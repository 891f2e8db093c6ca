package dev.parley.sim.world;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Half a second of vibration and 48 minutes of temperatures of one machine. A damaged bearing adds harmonics of the
 * frequency at which its balls pass the fault, modulated by the shaft's turning; heat shows as a drift of the bearing
 * against the housing. Speed, load, ambient temperature and the cooler's cycle say nothing of the label.
 *
 * @param fault how much the logarithm of the fault's amplitude grows for each unit of evidence
 * @param drift degrees gained over the window for each unit of evidence
 */
record MachineSignals(double fault, double drift) {
    static final List<String> AXES = List.of("accel_x", "accel_y");
    static final List<String> PROBES = List.of("bearing", "motor", "housing");
    static final int MILLISECONDS = 500;
    static final int MINUTES = 48;
    /** Passes of the fault for each turn of the shaft. */
    private static final double PASSES = 3.57;
    /** Largest amplitude of a fault, in m/s2; keeps every value inside the declared range. */
    private static final double STRONGEST = 10;

    /** Receives the values of all channels at one time, times ascending. */
    @FunctionalInterface
    interface Log {
        void take(double time, double[] values);
    }

    /**
     * Accelerations in m/s2 along {@link #AXES}; times in milliseconds from the start.
     *
     * @param hertz rate of the logger
     */
    void vibrate(double rotation, double hertz, SplittableRandom machine, SplittableRandom random, Log log) {
        double shaft = random.nextDouble(11, 15);
        double unbalance = machine.nextDouble(0.5, 1.0);
        double amplitude = Math.min(STRONGEST, 0.3 * StrictMath.exp(fault * rotation));
        double noise = random.nextDouble(0.25, 0.45);
        double turn = random.nextDouble(2 * Math.PI);
        double pass = random.nextDouble(2 * Math.PI);
        double coupling = random.nextDouble(0.5, 0.9);
        double period = 1000 / hertz;
        for (double time = random.nextDouble(period / 4); time < MILLISECONDS; time += period) {
            double turned = turn + 2 * Math.PI * shaft * time / 1000;
            double passed = pass + 2 * Math.PI * PASSES * shaft * time / 1000;
            double ring = amplitude
                    * (1 + 0.5 * StrictMath.cos(turned))
                    * (StrictMath.sin(passed) + 0.4 * StrictMath.sin(2 * passed));
            double x = unbalance * (StrictMath.sin(turned) + 0.3 * StrictMath.sin(2 * turned)) + ring;
            double y = unbalance * 0.8 * StrictMath.cos(turned) + coupling * ring;
            log.take(time, new double[] {x + noise * random.nextGaussian(), y + noise * random.nextGaussian()});
        }
    }

    /** Temperatures in degC at {@link #PROBES}, about {@code ratio} a minute; times in minutes from the start. */
    void warm(double heat, double ratio, SplittableRandom machine, SplittableRandom random, Log log) {
        double ambient = random.nextDouble(14, 30);
        double load = random.nextDouble(8, 16) + machine.nextDouble(-2, 2);
        double gained = drift * heat;
        double phase = random.nextDouble(2 * Math.PI);
        double cycle = machine.nextDouble(9, 15);
        double bearing = 0;
        for (double time = random.nextDouble(0.5 / ratio); time < MINUTES - 0.5; ) {
            double cooling = 0.6 * StrictMath.sin(phase + 2 * Math.PI * time / cycle);
            bearing = 0.8 * bearing + 0.4 * random.nextGaussian();
            double built = 0.3 + 0.7 * time / MINUTES;
            log.take(time, new double[] {
                ambient + load + 18 + gained * built + cooling + bearing,
                ambient + 1.5 * load + 20 + 0.3 * gained * built + cooling + 0.4 * random.nextGaussian(),
                ambient + 0.5 * load + 8 + cooling + 0.4 * random.nextGaussian()
            });
            time += random.nextDouble(0.7, 1.3) / ratio;
        }
    }
}
