package dev.parley.policies.rule;

import java.util.List;

/**
 * What would have to change for a rule to hold.
 *
 * @param sentences at least one
 */
public record Change(String binding, String policy, String rule, List<String> sentences) {
    public Change {
        sentences = List.copyOf(sentences);
    }
}
