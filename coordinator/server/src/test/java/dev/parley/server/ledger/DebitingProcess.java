package dev.parley.server.ledger;

import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.server.database.Database;
import dev.parley.server.database.DatabaseSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** A program that pays for one release after another, from the first, says each when it is granted, and is killed. */
public final class DebitingProcess {
    private DebitingProcess() {}

    /** @param arguments the folder of PostgreSQL's programs, the folder of the database */
    public static void main(String[] arguments) throws Exception {
        try (Database database =
                Database.open(new DatabaseSettings.Embedded(Path.of(arguments[0])), Path.of(arguments[1]))) {
            var budgets = new DatabaseBudgets(database.dataSource(), InstantSource.system());
            BudgetKey key = DatabaseBudgetsTest.federation("killed");
            budgets.declare(key, DatabaseBudgetsTest.SITES);
            for (int number = 0; ; number++) {
                if (budgets.debit(
                                new ReleaseId("killed/" + number),
                                DatabaseBudgetsTest.release(PrivacyUnit.SITE, 10),
                                List.of(key))
                        instanceof Debit.Granted) {
                    System.out.println(number);
                }
            }
        }
    }
}
