package dev.parley.agent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.agent.configuration.AgentConfiguration;
import dev.parley.agent.storage.BudgetFile;
import dev.parley.privacy.dp.ledger.Budget;
import dev.parley.privacy.dp.ledger.Spending;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a site's records have told, for its owner.
 *
 * @param entries every debit, oldest first
 * @param left how many more releases like the last one fit; 0 if there was none
 */
record BudgetStatement(Budget budget, Spending spending, List<BudgetFile.Entry> entries, long left) {
    /** @throws StartFailure if there is no budget, or its ledger cannot be read */
    static BudgetStatement of(AgentConfiguration configuration) throws StartFailure {
        Budget budget = configuration
                .rules()
                .budget()
                .orElseThrow(() -> new StartFailure(
                        ExitCode.INPUT,
                        "this site's owner has set no budget; 'budget: {unit: record, epsilon: 8, delta: 1e-5}' in the"
                                + " rules would be one"));
        try {
            BudgetFile ledger = BudgetFile.reading(configuration.budgetFile(), budget);
            List<BudgetFile.Entry> entries = ledger.entries();
            Spending spending = ledger.spending();
            long left = entries.isEmpty()
                    ? 0
                    : spending.affordable(entries.getLast().release());
            return new BudgetStatement(budget, spending, entries, left);
        } catch (IOException e) {
            throw new StartFailure(ExitCode.STATE_FOLDER, String.valueOf(e.getMessage()));
        }
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("budget  " + budget);
        if (entries.isEmpty()) {
            lines.add("spent   nothing yet");
            return lines;
        }
        BudgetFile.Entry last = entries.getLast();
        lines.add(String.format(
                Locale.ROOT,
                "spent   %s, in %d %s; the last was %s on %s",
                spent(),
                entries.size(),
                entries.size() == 1 ? "release" : "releases",
                last.release().what(),
                last.at()));
        lines.add("left    " + left + " more like the last one");
        return lines;
    }

    private String spent() {
        return spending.epsilon().isBounded()
                ? String.format(Locale.ROOT, "epsilon %.4g", spending.epsilon().value())
                : "more than any epsilon: an earlier release protected smaller units than the budget is for";
    }

    String json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("unit", budget.unit().name().toLowerCase(Locale.ROOT));
        json.put("epsilon", budget.epsilon().value());
        json.put("delta", budget.delta().value());
        if (spending.epsilon().isBounded()) {
            json.put("spent", spending.epsilon().value());
        } else {
            json.putNull("spent");
        }
        json.put("releases", entries.size());
        json.put("left", left);
        if (entries.isEmpty()) {
            json.putNull("last");
        } else {
            json.putObject("last")
                    .put("what", entries.getLast().release().what())
                    .put("at", entries.getLast().at());
        }
        return json.toString();
    }
}
