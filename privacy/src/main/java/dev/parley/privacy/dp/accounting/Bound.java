package dev.parley.privacy.dp.accounting;

/** Which side of the truth a discretisation stays on. */
enum Bound {
    /** Dominates the mechanism: its delta is never smaller at any epsilon. */
    UPPER,
    /** Is dominated by the mechanism: its delta is never larger at any epsilon. */
    LOWER
}
