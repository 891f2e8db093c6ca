package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner.RoundPosition;
import dev.parley.learning.training.Learner.StepListener;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.BudgetLedger;
import dev.parley.privacy.dp.ledger.Decision;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.ledger.Spending;
import dev.parley.privacy.update.ParameterVector;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Private training is paid for first, once, or not done. */
class PaidLearnerTest {
    private static final LearningConfiguration CONFIGURATION = LearningConfiguration.of(
            TinyRecords.SCHEMA,
            Map.of(
                    "architecture", Map.of("width", 16, "heads", 2, "feedForward", 24, "layers", 2, "textEmbedding", 8),
                    "privacy",
                            Map.of(
                                    "clipNorm", 0.5,
                                    "noiseMultiplier", 2.0,
                                    "samplingRate", 0.25,
                                    "expectedBatch", 8,
                                    "stepsPerRound", 2,
                                    "delta", 1e-5)));
    private static final List<SiteRecord> RECORDS = TinyRecords.draw(TinyRecords.SCHEMA, 30, 0.2, 1);

    private static BudgetLedger ledger(double epsilon, PrivacyUnit unit) {
        return BudgetLedger.inMemory(
                new Budget(unit, NeighbouringRelation.ADD_OR_REMOVE_ONE, new Epsilon(epsilon), new Delta(1e-5)));
    }

    private static void train(Learner learner, ParameterVector model, int round) {
        Learner.Trained trained =
                learner.train(model, RECORDS, new RoundPosition(round, 1000), 7 + round, StepListener.NONE);
        assertEquals(2, trained.steps());
    }

    @Test
    void trainsAsLongAsTheBudgetLastsAndNoFurther() {
        BudgetLedger ledger = ledger(1.5, PrivacyUnit.RECORD);
        Learner learner = CONFIGURATION.learner(ledger);
        ParameterVector model = learner.initialise(1);
        long rounds = ledger.spending().affordable(((DpSgd) CONFIGURATION.privacy()).release("a round"));

        assertTrue(rounds >= 2, rounds + " rounds");
        for (int round = 0; round < rounds; round++) {
            assertTrue(learner.objection().isEmpty());
            train(learner, model, round);
        }

        assertTrue(learner.objection().orElseThrow().contains("the budget is epsilon 1.5"));
        BudgetRefusedException refused =
                assertThrows(BudgetRefusedException.class, () -> train(learner, model, (int) rounds));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("training round " + rounds + " would bring"));
        assertEquals(rounds, ledger.spending().releases());
        assertTrue(ledger.spending().epsilon().value() <= 1.5);
    }

    /** An attempt that is repeated gives what it gave, which is paid for. */
    @Test
    void theSameRoundAgainCostsNothing() {
        BudgetLedger ledger = ledger(3, PrivacyUnit.RECORD);
        Learner learner = CONFIGURATION.learner(ledger);
        ParameterVector model = learner.initialise(1);

        train(learner, model, 0);
        train(learner, model, 0);

        assertEquals(1, ledger.spending().releases());
    }

    @Test
    void recordsDoNotPayForSubjects() {
        Learner learner = CONFIGURATION.learner(ledger(100, PrivacyUnit.SUBJECT));

        assertTrue(learner.objection().orElseThrow().contains("protects each record"));
    }

    /** No debit, no look at a record. */
    @Test
    void aDebitThatIsNotDurableEndsTheRoundBeforeItBegins() {
        Spending spending = ledger(3, PrivacyUnit.RECORD).spending();
        Learner learner = CONFIGURATION.learner(new BudgetLedger() {
            @Override
            public Decision debit(Release release) throws IOException {
                throw new IOException("no space left on device");
            }

            @Override
            public Spending spending() {
                return spending;
            }
        });

        BudgetRefusedException refused = assertThrows(
                BudgetRefusedException.class,
                () -> learner.train(learner.initialise(1), RECORDS, new RoundPosition(0, 1), 1, (step, steps) -> {
                    throw new AssertionError("trained without a debit");
                }));

        assertTrue(String.valueOf(refused.getMessage()).contains("no space left"));
    }
}
