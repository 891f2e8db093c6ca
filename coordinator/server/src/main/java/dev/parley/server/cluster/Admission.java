package dev.parley.server.cluster;

import dev.parley.rounds.RoundPlan;

/** Whether a submission may be sent, and what became of it. */
public sealed interface Admission {
    /** The round is open for it. The gateway still compares the hash of the plan that the site was shown. */
    record Open(RoundPlan plan) implements Admission {}

    /** This very submission has been counted already; there is nothing to do. */
    record Counted() implements Admission {}

    /** The site has no part in this round. */
    record NotMember(String reason) implements Admission {}

    /** The round is over, not begun, or another attempt; or the site has handed in something else. */
    record NotOpen(String reason) implements Admission {}

    /** The size is not the one the model needs. */
    record WrongSize(long expectedBytes) implements Admission {}

    /** The bytes are no update of this round; the same bytes never will be. */
    record Malformed(String reason) implements Admission {}
}
