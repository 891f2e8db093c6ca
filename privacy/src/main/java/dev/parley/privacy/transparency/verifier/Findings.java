package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.verifier.Report.Finding;
import dev.parley.privacy.transparency.verifier.Report.Verdict;
import java.util.ArrayList;
import java.util.List;

/** A report that is being written. */
final class Findings {
    private final List<Finding> findings = new ArrayList<>();

    void proved(String about, String sentence) {
        findings.add(new Finding(Verdict.PROVED, about, sentence));
    }

    void refuted(String about, String sentence) {
        findings.add(new Finding(Verdict.REFUTED, about, sentence));
    }

    void notProved(String about, String sentence) {
        findings.add(new Finding(Verdict.NOT_PROVED, about, sentence));
    }

    Report done() {
        return new Report(findings);
    }
}
