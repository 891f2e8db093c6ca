package dev.parley.agent.participation;

import dev.parley.learning.training.NoiseOrigin;
import dev.parley.privacy.dp.ledger.BudgetLedger;
import dev.parley.privacy.dp.ledger.Release;
import java.io.IOException;
import java.util.Optional;

/**
 * A site's part in the noise that sites make together: where its share is drawn from, and what pays for a sum in which the
 * site is. Every attempt at a round draws a new share, so every attempt is paid for.
 *
 * @param origin {@link NoiseOrigin#SECURE} wherever something is to be protected
 * @param ledger the site's own; empty where the owner has set no budget
 */
public record NoiseShare(NoiseOrigin origin, Optional<BudgetLedger> ledger) {
    /** From the platform's strong generator, without a budget. */
    static final NoiseShare SECURE = new NoiseShare(NoiseOrigin.SECURE, Optional.empty());

    /** Why such a release could not be paid for now, if so. */
    Optional<String> objection(Release release) {
        return ledger.flatMap(paying -> paying.spending().judge(release).objection());
    }

    /**
     * Pays, durably, before a record is looked at.
     *
     * @return why nothing was paid, if so; then nothing may be sent
     */
    Optional<String> pay(Release release) {
        try {
            return ledger.isEmpty()
                    ? Optional.empty()
                    : ledger.get().debit(release).objection();
        } catch (IOException e) {
            return Optional.of("the debit could not be made durable: " + e.getMessage());
        }
    }
}
