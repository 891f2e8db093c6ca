package dev.parley.server.ledger;

import dev.parley.privacy.dp.Epsilon;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whether a release may be made, as far as the coordinator's budgets go. */
public sealed interface Debit {
    /**
     * It may: it is paid for, in every budget that was asked, and that is committed.
     *
     * @param spent of each budget, this release included
     * @param repeated whether it had been paid for before, so that nothing was debited now
     */
    record Granted(SortedMap<BudgetKey, Epsilon> spent, boolean repeated) implements Debit {
        public Granted {
            spent = Collections.unmodifiableSortedMap(new TreeMap<>(spent));
        }
    }

    /**
     * It may not; nothing was debited anywhere.
     *
     * @param budget the first that speaks against it
     */
    record Refused(BudgetKey budget, Reason reason, String message) implements Debit {}

    /** The rule that speaks against it. */
    enum Reason {
        /** Nobody has set such a budget. */
        NO_BUDGET,
        /** The budget would be exceeded. */
        OVER_BUDGET,
        /** The mechanism protects smaller units than the budget is for. */
        UNIT_TOO_SMALL,
        /** Nobody knows what the mechanism costs under the budget's relation. */
        NO_ANALYSIS,
        /** The release's id was used for another release, or with other budgets. */
        OTHER_RELEASE
    }
}
