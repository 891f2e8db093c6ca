package dev.parley.policies.rule;

import dev.parley.policies.request.RequestKind;
import java.util.List;

/**
 * What a set of policies says to one request, and how it came to it.
 *
 * @param policyHash the set's
 * @param warnings findings of bindings that only warn
 * @param audited findings of bindings that only put them on record
 * @param traces one for each binding that speaks about such requests, ascending by the binding's name
 */
public record Decision(
        RequestKind kind,
        String policyHash,
        Verdict verdict,
        List<Verdict.Finding> warnings,
        List<Verdict.Finding> audited,
        List<PolicyTrace> traces) {
    public Decision {
        warnings = List.copyOf(warnings);
        audited = List.copyOf(audited);
        traces = List.copyOf(traces);
    }
}
