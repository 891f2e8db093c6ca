package dev.parley.rounds;

/** What a round asks of a site. */
public sealed interface Task {
    /** {@code statistics} or {@code train}: what people and records are told. */
    default String word() {
        return switch (this) {
            case AgreeStatistics statistics -> "statistics";
            case Train train -> "train";
        };
    }

    /** Send normalisation moments; their weighted mean becomes the model's statistics blocks. */
    record AgreeStatistics() implements Task {}

    /**
     * Train the model on local records and send the difference.
     *
     * @param round 0-based position among the training rounds
     * @param totalRounds training rounds of the federation
     */
    record Train(int round, int totalRounds) implements Task {
        public Train {
            if (round < 0 || totalRounds < 1 || round >= totalRounds) {
                throw new IllegalArgumentException(
                        "expected 0 <= round < totalRounds, got " + round + " of " + totalRounds);
            }
        }
    }
}
