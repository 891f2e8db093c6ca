package dev.parley.server.governance;

import dev.parley.policies.request.GovernedRequest.JoinSite;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;

/**
 * Whether something may be done. Safe from any thread; answers in milliseconds.
 *
 * <p><b>Guarantees</b>: what is refused is in the log and the status, with the policy, the rule and the values.
 */
public interface Governance {
    /** Whether the federation may begin, with what it was configured to do. */
    Ruling startFederation();

    /** Whether a site may enrol or attach. */
    Ruling joinSite(SiteName site, JoinSite.Step step);

    /** Whether a plan may go out. */
    Ruling runRound(RoundPlan plan);

    /** The answer. */
    sealed interface Ruling {
        record Permitted() implements Ruling {}

        /** @param reason one line: the policy, the rule, what it says, the values */
        record Refused(String reason) implements Ruling {}
    }

    /** Without policies everything is permitted, and the sites' own rules decide. */
    static Governance none() {
        return new Governance() {
            @Override
            public Ruling startFederation() {
                return new Ruling.Permitted();
            }

            @Override
            public Ruling joinSite(SiteName site, JoinSite.Step step) {
                return new Ruling.Permitted();
            }

            @Override
            public Ruling runRound(RoundPlan plan) {
                return new Ruling.Permitted();
            }
        };
    }
}
