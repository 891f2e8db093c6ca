package dev.parley.privacy.dp.ledger;

import dev.parley.privacy.dp.Epsilon;
import java.util.Optional;

/** Whether a release may be made. */
public sealed interface Decision {
    /**
     * It may, and is paid for.
     *
     * @param spent everything so far, this release included
     */
    record Granted(Epsilon spent) implements Decision {}

    /** It may not; nothing was debited. */
    record Refused(Reason reason, String message) implements Decision {}

    /** Why it may not, if so. */
    default Optional<String> objection() {
        return switch (this) {
            case Granted granted -> Optional.empty();
            case Refused refused -> Optional.of(refused.message());
        };
    }

    /** The rule that speaks against it. */
    enum Reason {
        /** The budget would be exceeded. */
        OVER_BUDGET,
        /** The mechanism protects smaller units than the budget is for, such as records of subjects who have many. */
        UNIT_TOO_SMALL,
        /** Nobody knows what the mechanism costs under the budget's relation. */
        NO_ANALYSIS
    }
}
