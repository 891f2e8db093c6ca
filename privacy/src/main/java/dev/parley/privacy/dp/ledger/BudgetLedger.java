package dev.parley.privacy.dp.ledger;

import java.io.IOException;

/**
 * Debits one budget. Safe for use by many threads.
 *
 * <p><b>Guarantees</b>: when {@link #debit} returns {@link Decision.Granted}, the debit survives whatever happens to the
 * process; the granted debits together never exceed the budget, however many ask at once; when it throws, nothing may be
 * released, and the debit may or may not count.
 */
public interface BudgetLedger {
    /**
     * Pays for a release, before it is computed.
     *
     * @throws IOException if the debit could not be made durable
     */
    Decision debit(Release release) throws IOException;

    /** What has been spent. */
    Spending spending();

    /** Debits that are forgotten with the process: for a simulation, whose records are forgotten with it too. */
    static BudgetLedger inMemory(Budget budget) {
        return new BudgetLedger() {
            private Spending spending = Spending.none(budget);

            @Override
            public synchronized Decision debit(Release release) {
                Decision decision = spending.judge(release);
                if (decision instanceof Decision.Granted) {
                    spending = spending.with(release);
                }
                return decision;
            }

            @Override
            public synchronized Spending spending() {
                return spending;
            }
        };
    }
}
