package dev.parley.privacy.opendp;

import static dev.parley.privacy.opendp.RustType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several threads on one session, on shared objects, on queryables, and against closing. */
@RequiresOpenDp
class OpenDpConcurrencyTest {
    private static final int THREADS = 8;
    private static final int TURNS = 500;

    @Test
    void sharedMeasurementsGiveEachThreadItsOwnAnswer() throws Exception {
        try (OpenDp dp = OpenDpTesting.open()) {
            Measurement exact = exact(dp);
            everywhere(thread -> {
                for (int turn = 0; turn < TURNS; turn++) {
                    assertEquals(
                            thread * TURNS + turn,
                            exact.invoke(Value.of(thread * TURNS + turn))
                                    .asValue()
                                    .asInt());
                }
            });
        }
    }

    @Test
    void aQueryableAnswersOneThreadAtATime() throws Exception {
        try (OpenDp dp = OpenDpTesting.open()) {
            Domain whole = dp.domains().atomDomain(null, Value.of(false), I32);
            Metric absolute = dp.metrics().absoluteDistance(I32);
            Odometer odometer = dp.combinators()
                    .makeFullyAdaptiveComposition(whole, absolute, dp.measures().maxDivergence());
            NativeObject queryable =
                    dp.core().odometerInvoke(odometer, Value.of(7)).asObject();
            Measurement noise = dp.measurements().makeLaplace(whole, absolute, 1000.0);
            everywhere(thread -> {
                for (int turn = 0; turn < TURNS / 10; turn++) {
                    dp.core()
                            .odometerQueryableInvoke(queryable, noise)
                            .asValue()
                            .asInt();
                }
            });

            double spent = dp.core()
                    .odometerQueryablePrivacyLoss(queryable, Value.of(1))
                    .asValue()
                    .asDouble();
            assertEquals(THREADS * (TURNS / 10) / 1000.0, spent, 1e-9);
        }
    }

    @Test
    void closingUnderOthersFeetIsSafe() throws Exception {
        for (int round = 0; round < 50; round++) {
            OpenDp dp = OpenDpTesting.open();
            Measurement exact = exact(dp);
            AtomicInteger answered = new AtomicInteger();
            everywhere(thread -> {
                if (thread == 0) {
                    while (answered.get() == 0) {
                        Thread.onSpinWait();
                    }
                    dp.close();
                    return;
                }
                try {
                    for (int turn = 0; turn < TURNS; turn++) {
                        assertEquals(
                                turn, exact.invoke(Value.of(turn)).asValue().asInt());
                        answered.incrementAndGet();
                    }
                } catch (IllegalStateException closed) {
                    assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
                }
            });
            assertEquals(0, dp.openObjects());
        }
    }

    private static Measurement exact(OpenDp dp) {
        return dp.measurements()
                .makeLaplace(
                        dp.domains().atomDomain(null, Value.of(false), I32),
                        dp.metrics().absoluteDistance(I32),
                        0.0);
    }

    private interface Work {
        void run(int thread);
    }

    private static void everywhere(Work work) throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                running.add(threads.submit(() -> work.run(number)));
            }
            for (Future<?> future : running) {
                future.get();
            }
        }
    }
}
