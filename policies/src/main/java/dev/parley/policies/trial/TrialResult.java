package dev.parley.policies.trial;

import dev.parley.policies.document.Place;
import java.util.Optional;

/**
 * How a case went.
 *
 * @param policy under test; empty for a whole set
 * @param failure what differs from what was expected; empty if nothing does
 */
public record TrialResult(String policy, String name, Place place, Optional<String> failure) {
    public boolean passed() {
        return failure.isEmpty();
    }
}
