package dev.parley.privacy.dp.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.noise.StatisticalDistance;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BudgetLedgerTest {
    private static final Budget BUDGET =
            new Budget(PrivacyUnit.RECORD, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(2), new Delta(1e-5));
    private static final Release COUNT = new Release(
            "a count",
            PrivacyUnit.RECORD,
            new Mechanism.Gaussian(new NoiseMultiplier(40)),
            1,
            StatisticalDistance.ZERO);

    /** A thousand ask at once; as many are granted as one after the other would be. */
    @Test
    void aThousandDebitsAtOnceNeverOverspendAndNoneIsLost() throws Exception {
        BudgetLedger ledger = BudgetLedger.inMemory(BUDGET);
        long affordable = Spending.none(BUDGET).affordable(COUNT);
        AtomicInteger granted = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1000; i++) {
                threads.submit(() -> {
                    start.await();
                    if (ledger.debit(COUNT) instanceof Decision.Granted) {
                        granted.incrementAndGet();
                    }
                    return null;
                });
            }
            start.countDown();
        }

        assertEquals(affordable, granted.get());
        assertEquals(granted.get(), ledger.spending().releases());
    }
}
