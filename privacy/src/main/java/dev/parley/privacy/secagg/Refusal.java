package dev.parley.privacy.secagg;

/**
 * Why an honest end does not go on. Nothing is revealed with it or after it in the same session.
 *
 * @param reason which rule spoke
 * @param detail for people: what was expected, what came, what to do; never a secret
 */
public record Refusal(Reason reason, String detail) {
    /** The rules. Each stands for an attack or a fault that it stops; docs/SECURE_AGGREGATION.md lists them with both. */
    public enum Reason {
        /** The roster is not ascending, names a site twice, or has a site of another federation. */
        ROSTER_MALFORMED,
        /** A member's announcement does not carry that member's signatures. */
        ANNOUNCEMENT_FORGED,
        /** A site is presented under another identity than the one known for its name. */
        IDENTITY_CHANGED,
        /** The owner has listed the sites that it trusts, and this is not one of them. */
        IDENTITY_NOT_TRUSTED,
        /** A member's keys are of an earlier epoch than ones that were seen. */
        EPOCH_TOO_OLD,
        /** A member has two sets of keys in one epoch. */
        EPOCH_REUSED,
        /** Not every member of the roster has been checked. */
        ROSTER_UNCHECKED,
        /** The roster does not have this site, or has it with keys that are not its own. */
        NOT_IN_ROSTER,
        /** The plan's roster hash or cohort is not that of the roster. */
        ROSTER_NOT_THE_PLANS,
        /** Fewer members than this site asks for. */
        COHORT_BELOW_FLOOR,
        /** A graph in which not all are peers, which this site's owner does not allow. */
        SPARSE_NOT_ALLOWED,
        /** Sums over groups of the cohort, which this site's owner does not allow. */
        GROUPS_NOT_ALLOWED,
        /** A threshold at which two disjoint groups could both be told a different story. */
        THRESHOLD_TOO_LOW,
        /** A threshold that the holders of shares cannot reach. */
        THRESHOLD_UNREACHABLE,
        /** Fewer colluding members are provided for than this site's owner demands. */
        COLLUSION_BELOW_FLOOR,
        /** This session was taken part in before. */
        SESSION_REPEATED,
        /** A key of low order, zero, or not a key. */
        KEY_WEAK,
        /** No key is agreed with a member yet. */
        KEY_MISSING,
        /** A message belongs to another session. */
        SESSION_UNKNOWN,
        /** The cohort leaves this site out. */
        NOT_IN_COHORT,
        /** Another cohort was named in this session. */
        COHORT_CHANGED,
        /** The cohort has members that are not in the roster. */
        COHORT_NOT_OF_ROSTER,
        /** A member's sealed shares are missing, or there are some of a site that is no peer. */
        SHARES_INCOMPLETE,
        /** A sealed share does not open: it is another member's or another session's, or keys do not match. */
        SHARE_NOT_OPENED,
        /** A share has the wrong length or is not a share. */
        SHARE_MALFORMED,
        /** A share is not the one that its dealer committed to. */
        SHARE_NOT_COMMITTED,
        /** The vectors are said to be made from another model than this site's. */
        SUBJECT_NOT_OURS,
        /** The survivors leave this site out. */
        NOT_A_SURVIVOR,
        /** The survivors have members that are not in the cohort. */
        SURVIVORS_NOT_OF_COHORT,
        /** Fewer survivors than this site asks for, or than the threshold. */
        SURVIVORS_BELOW_FLOOR,
        /** A sum over nearly the same sites of the same model was opened before: the difference would show a few. */
        SURVIVORS_TOO_SIMILAR,
        /** Another set of survivors was signed in this session. */
        SURVIVORS_CHANGED,
        /** The same model was summed as often as this site allows. */
        SUBJECT_EXHAUSTED,
        /** A confirmation is not signed by the member that it names, or confirms something else. */
        CONFIRMATION_FORGED,
        /** Fewer members than the threshold have confirmed the set. */
        CONFIRMATIONS_TOO_FEW,
        /** Shares were revealed in this session already. */
        ALREADY_REVEALED
    }

    @Override
    public String toString() {
        return reason + ": " + detail;
    }
}
