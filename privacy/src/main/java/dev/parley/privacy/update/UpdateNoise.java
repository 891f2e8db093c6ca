package dev.parley.privacy.update;

/**
 * The noise that a federation's plan declares for an update. It is part of the signed plan, so every site sees it and
 * may refuse.
 */
public sealed interface UpdateNoise {
    /** No noise: the federation makes no differential-privacy claim, and reports a null epsilon. */
    record None() implements UpdateNoise {}
}
