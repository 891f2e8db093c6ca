package dev.parley.server.governance;

import dev.parley.policies.request.GovernedRequest;
import dev.parley.policies.rule.Decision;
import dev.parley.policies.rule.PolicyEngine;
import dev.parley.policies.rule.Verdict;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.server.status.GovernanceNote;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The policies in force decide. What is inconclusive is refused: there is nobody here who could be asked. */
public final class PolicyGovernance implements Governance {
    /** Newest notes that are kept. */
    private static final int MAX_NOTES = 50;

    private static final Logger LOG = LoggerFactory.getLogger(PolicyGovernance.class);

    private final PolicyEngine engine;
    private final FederationFacts facts;
    private final InstantSource clock;
    private final Deque<GovernanceNote> notes = new ArrayDeque<>();

    /** @param members who may attach; empty for every enrolled site */
    public PolicyGovernance(
            PolicyEngine engine,
            FederationSpec spec,
            List<SiteName> members,
            DeclaredUse declared,
            InstantSource clock) {
        this.engine = engine;
        this.facts = new FederationFacts(spec, members, declared);
        this.clock = clock;
    }

    @Override
    public Ruling startFederation() {
        return rule(facts.startFederation(clock.instant()), facts.spec().name().value());
    }

    @Override
    public Ruling joinSite(SiteName site, GovernedRequest.JoinSite.Step step) {
        return rule(facts.joinSite(site, step, clock.instant()), site.value());
    }

    @Override
    public Ruling runRound(RoundPlan plan) {
        return rule(facts.runRound(plan, clock.instant()), plan.id().toString());
    }

    /** Oldest first. */
    public List<GovernanceNote> notes() {
        synchronized (notes) {
            return List.copyOf(notes);
        }
    }

    private Ruling rule(GovernedRequest request, String about) {
        Decision decision = engine.decide(request);
        decision.warnings().forEach(finding -> note(request, about, "Warn", finding.line()));
        decision.audited().forEach(finding -> note(request, about, "Audit", finding.line()));
        return switch (decision.verdict()) {
            case Verdict.Allow allow -> new Ruling.Permitted();
            case Verdict.Deny deny -> refuse(request, about, decision, "denied by ");
            case Verdict.Inconclusive inconclusive -> refuse(request, about, decision, "needs a human's decision: ");
        };
    }

    private Ruling refuse(GovernedRequest request, String about, Decision decision, String how) {
        String reason = decision.verdict().reasons().stream()
                .map(Verdict.Finding::line)
                .collect(Collectors.joining("; ", how, ""));
        note(request, about, decision.verdict().word(), reason);
        return new Ruling.Refused(reason);
    }

    private void note(GovernedRequest request, String about, String verdict, String reason) {
        synchronized (notes) {
            if (notes.size() == MAX_NOTES) {
                notes.removeFirst();
            }
            notes.addLast(
                    new GovernanceNote(request.now().toString(), request.kind().word(), about, verdict, reason));
        }
        LOG.atWarn()
                .addKeyValue("request", request.kind().word())
                .addKeyValue("about", about)
                .addKeyValue("verdict", verdict)
                .addKeyValue("reason", reason)
                .log("the policies have something against it");
    }
}
