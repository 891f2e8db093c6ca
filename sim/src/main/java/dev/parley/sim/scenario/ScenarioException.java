package dev.parley.sim.scenario;

/** A scenario, its settings or its records cannot be used. The message is one line that says what to do. */
public final class ScenarioException extends Exception {
    private static final long serialVersionUID = 1;

    public ScenarioException(String message) {
        super(message);
    }

    public ScenarioException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @throws ScenarioException with the message unless {@code holds} */
    public static void require(boolean holds, String message) throws ScenarioException {
        if (!holds) {
            throw new ScenarioException(message);
        }
    }
}
