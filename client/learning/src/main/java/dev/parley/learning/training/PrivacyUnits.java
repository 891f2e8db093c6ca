package dev.parley.learning.training;

import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.noise.PoissonDraws;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A site's records by unit of privacy. */
final class PrivacyUnits {
    private final List<int[]> rows;
    private final int most;

    private PrivacyUnits(List<int[]> rows, int most) {
        this.rows = rows;
        this.most = most;
    }

    static PrivacyUnits of(List<SiteRecord> records, DpSgd privacy) {
        List<int[]> rows = new ArrayList<>();
        if (privacy.unit() == PrivacyUnit.RECORD) {
            for (int row = 0; row < records.size(); row++) {
                rows.add(new int[] {row});
            }
            return new PrivacyUnits(rows, 1);
        }
        Map<String, List<Integer>> bySubject = new LinkedHashMap<>();
        for (int row = 0; row < records.size(); row++) {
            bySubject
                    .computeIfAbsent(records.get(row).subjectId(), subject -> new ArrayList<>())
                    .add(row);
        }
        bySubject
                .values()
                .forEach(
                        own -> rows.add(own.stream().mapToInt(Integer::intValue).toArray()));
        return new PrivacyUnits(rows, privacy.recordsPerSubject());
    }

    int count() {
        return rows.size();
    }

    /** The rows of one unit that enter a step: all of them, or a random choice of as many as are allowed. */
    int[] drawn(int unit, PoissonDraws draws) {
        int[] own = rows.get(unit);
        if (own.length <= most) {
            return own;
        }
        int[] chosen = draws.choose(most, own.length);
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = own[chosen[i]];
        }
        return chosen;
    }
}
