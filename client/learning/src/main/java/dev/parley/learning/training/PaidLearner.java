package dev.parley.learning.training;

import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.dp.ledger.BudgetLedger;
import dev.parley.privacy.dp.ledger.Decision;
import dev.parley.privacy.update.ParameterVector;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Private training that is paid for from a site's budget.
 *
 * <p><b>Guarantees</b>: a round's debit is durable before a record is looked at for it; without one nothing is trained.
 * Training that breaks off has been paid for all the same. <b>Does not</b> pay for {@link #statistics}, which are not
 * private.
 */
final class PaidLearner extends ForwardingLearner {
    private final DpSgd privacy;
    private final BudgetLedger ledger;

    PaidLearner(Learner learner, DpSgd privacy, BudgetLedger ledger) {
        super(learner);
        this.privacy = privacy;
        this.ledger = ledger;
    }

    @Override
    public Trained train(
            ParameterVector model, List<SiteRecord> records, RoundPosition position, long seed, StepListener progress) {
        pay(position);
        return learner().train(model, records, position, seed, progress);
    }

    private void pay(RoundPosition position) {
        try {
            if (ledger.debit(privacy.release("training round " + position.round()))
                    instanceof Decision.Refused refused) {
                throw new BudgetRefusedException(refused.message());
            }
        } catch (IOException e) {
            throw new BudgetRefusedException("the debit could not be made durable: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<String> objection() {
        return ledger.spending()
                .judge(privacy.release("another training round"))
                .objection()
                .or(super::objection);
    }
}
