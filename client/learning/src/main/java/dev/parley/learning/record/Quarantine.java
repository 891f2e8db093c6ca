package dev.parley.learning.record;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The rows that were left out of a data set, one count for each row under the first rule that it breaks.
 *
 * @param byRule rows by the name of the rule, such as {@code out-of-range}
 * @param firstReasons at most {@value #MOST_REASONS}, in the order of the source; each one line with file, row, column,
 *     rule, what was expected and what was got. Numbers are shown, text never is. For people at the site: a row number
 *     points at a person
 */
public record Quarantine(SortedMap<String, Integer> byRule, List<String> firstReasons) {
    /** Nothing was left out. */
    public static final Quarantine NONE = new Quarantine(Collections.emptySortedMap(), List.of());

    static final int MOST_REASONS = 20;

    public Quarantine {
        byRule = Collections.unmodifiableSortedMap(new TreeMap<>(byRule));
        firstReasons = List.copyOf(firstReasons);
    }

    static Quarantine of(List<RowFault> faults) {
        SortedMap<String, Integer> byRule = new TreeMap<>();
        List<String> reasons = new ArrayList<>();
        for (RowFault fault : faults) {
            byRule.merge(fault.rule().label(), 1, Integer::sum);
            if (reasons.size() < MOST_REASONS) {
                reasons.add(fault.reason());
            }
        }
        return new Quarantine(byRule, reasons);
    }

    /** How many rows were left out. */
    public int count() {
        return byRule.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** In counts only. */
    @Override
    public String toString() {
        return "Quarantine" + byRule;
    }
}
