package dev.parley.sim.simulation;

/** A run broke off. The message is one line that says where, why, and what to do. */
public final class SimulationException extends Exception {
    private static final long serialVersionUID = 1;

    public SimulationException(String message) {
        super(message);
    }

    public SimulationException(String message, Throwable cause) {
        super(message, cause);
    }
}
