package dev.parley.privacy.update;

/**
 * How a federation's plan hides one site's update inside the sum. Part of the signed plan, so every site sees it and may
 * refuse.
 */
public sealed interface UpdateMasking {
    /**
     * No masks: the coordinator could read one site's update. Reported as {@code secureAggregation.enabled = false}.
     */
    record None() implements UpdateMasking {}
}
