package dev.parley.policies.trial;

import dev.parley.policies.document.Fields;
import dev.parley.policies.document.Place;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.document.YamlReader;
import dev.parley.policies.request.GovernedRequest;
import dev.parley.policies.request.RequestReader;
import dev.parley.policies.rule.Decision;
import dev.parley.policies.rule.PolicyEngine;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a set of policies would have said to a request of the past.
 *
 * @param line of the file
 * @param recorded the verdict that was given then, if it is known
 */
public record Replay(int line, GovernedRequest request, Optional<String> recorded, Decision decision) {
    private static final Map<String, String> VERDICTS =
            Map.of("Allow", "Allow", "Deny", "Deny", "Inconclusive", "Inconclusive");

    /**
     * Decides one line: a request, or {@code {"request": {...}, "verdict": "Deny"}}. Other keys of such a line are looked
     * over, because a log holds more than this.
     *
     * @throws RefusedException if the line is neither
     */
    public static Replay of(PolicyEngine engine, String file, int line, String text) throws RefusedException {
        List<Yaml> documents = YamlReader.read(file, line, text);
        if (documents.size() != 1) {
            throw new RefusedException(Place.ofFile(file), "line " + line + " is not one request");
        }
        Fields fields = Fields.of(documents.getFirst(), "a line");
        Optional<Yaml> wrapped = fields.get("request");
        Optional<Yaml.Scalar> verdict = wrapped.isPresent() ? fields.scalar("verdict") : Optional.empty();
        Optional<String> recorded =
                verdict.isPresent() ? Optional.of(Fields.choice(verdict.get(), VERDICTS)) : Optional.empty();
        GovernedRequest request = RequestReader.read(wrapped.orElseGet(documents::getFirst));
        return new Replay(line, request, recorded, engine.decide(request));
    }

    /** Whether another verdict is on record. */
    public boolean differs() {
        return recorded.isPresent() && !recorded.get().equals(decision.verdict().word());
    }
}
