package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.event.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a verification found, sentence by sentence. */
public record Report(List<Finding> findings) {
    public Report {
        findings = List.copyOf(findings);
    }

    /** How a sentence stands. */
    public enum Verdict {
        /** It was computed from the files and the given keys. */
        PROVED,
        /** The files contradict what they must show: they were changed, or the log is not honest. */
        REFUTED,
        /** It was not checked, or cannot be. */
        NOT_PROVED
    }

    /**
     * One sentence.
     *
     * @param about one word for programs
     */
    public record Finding(Verdict verdict, String about, String sentence) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%-11s %s", verdict.name().replace('_', ' '), sentence);
        }
    }

    /** Whether nothing was refuted. */
    public boolean holds() {
        return findings.stream().noneMatch(finding -> finding.verdict() == Verdict.REFUTED);
    }

    /** For programs. */
    public JsonValue toJson() {
        return object(Map.of(
                "holds",
                new JsonValue.Truth(holds()),
                "findings",
                new JsonValue.ListOf(findings.stream()
                        .<JsonValue>map(finding -> object(Map.of(
                                "verdict",
                                new JsonValue.Text(finding.verdict().name().toLowerCase(Locale.ROOT)),
                                "about",
                                new JsonValue.Text(finding.about()),
                                "sentence",
                                new JsonValue.Text(finding.sentence()))))
                        .toList())));
    }

    private static JsonValue object(Map<String, JsonValue> members) {
        return new JsonValue.Fields(new TreeMap<>(members));
    }
}
