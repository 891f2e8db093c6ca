package dev.parley.policies.trial;

import dev.parley.policies.document.Place;
import dev.parley.policies.document.Yaml;
import dev.parley.policies.request.GovernedRequest;
import java.util.Optional;

/**
 * One case of a test.
 *
 * @param policy under test with {@code params}, or empty for all bindings of the set
 * @param verdict {@code Allow}, {@code Deny} or {@code Inconclusive}
 * @param rule that must be among those that speak against the request, if given
 * @param message that this rule must give, if given
 */
record TrialCase(
        String name,
        Place place,
        Optional<Yaml.Scalar> policy,
        Optional<Yaml> params,
        GovernedRequest request,
        String verdict,
        Optional<String> rule,
        Optional<String> message) {}
