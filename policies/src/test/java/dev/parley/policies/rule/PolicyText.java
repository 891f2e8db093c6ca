package dev.parley.policies.rule;

import dev.parley.policies.PolicySet;
import dev.parley.policies.document.RefusedException;
import dev.parley.policies.document.YamlReader;
import dev.parley.policies.request.GovernedRequest;
import dev.parley.policies.request.RequestReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small policies and requests as text. */
final class PolicyText {
    static final String QUERY = """
            kind: queryStatistics
            federation: sepsis
            now: 2026-11-24T10:00:00Z
            author: {name: ines, organisation: north}
            approvals: []
            statistic: mean
            sites: [{name: ward-1}, {name: ward-2, jurisdiction: DE}]
            records: 100
            """;

    private PolicyText() {}

    /** A policy about queries with one rule, bound under its own name. */
    static String rule(String name, String expression, String action) {
        return policy(
                        name,
                        "  validations: [{name: rule, message: no, expression: %s}]\n".formatted(quoted(expression)))
                + binding(name, action);
    }

    /** @param spec lines below {@code match}, indented by two */
    static String policy(String name, String spec) {
        return """
                apiVersion: policies.parley.dev/v1
                kind: Policy
                metadata: {name: %s}
                spec:
                  match: {requests: [queryStatistics]}
                %s---
                """.formatted(name, spec);
    }

    static String binding(String policy, String action) {
        return """
                apiVersion: policies.parley.dev/v1
                kind: PolicyBinding
                metadata: {name: %1$s}
                spec: {policyName: %1$s, validationActions: [%2$s]}
                ---
                """.formatted(policy, action);
    }

    static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** One file for each text. */
    static PolicyEngine engine(String... texts) throws RefusedException {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        for (String text : texts) {
            documents.put("p" + documents.size() + ".yaml", text.getBytes(StandardCharsets.UTF_8));
        }
        return PolicyEngine.load(PolicySet.of(documents));
    }

    static GovernedRequest request(String text) throws RefusedException {
        return RequestReader.read(YamlReader.read("request.yaml", 1, text).getFirst());
    }
}
