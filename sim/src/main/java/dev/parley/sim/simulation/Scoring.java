package dev.parley.sim.simulation;

import dev.parley.learning.evaluation.Metrics;
import dev.parley.learning.evaluation.ScoredRecords;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.Learner;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.sim.report.RunReport.MissingModality;
import dev.parley.sim.report.RunReport.Scored;
import dev.parley.sim.scenario.ScenarioRecords.Evaluation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Scores models on records that none of them was trained on. */
final class Scoring {
    private static final int RESAMPLES = 1000;
    /** Up to so many modalities every subset is scored; beyond, single ones, all but one, and all. */
    private static final int EVERY_SUBSET = 4;

    private final Learner learner;
    private final Evaluation evaluation;
    private final List<SiteRecord> records;
    private final Workers workers;
    private final long seed;

    Scoring(Learner learner, Evaluation evaluation, Workers workers, long seed) {
        this.learner = learner;
        this.evaluation = evaluation;
        this.records = List.copyOf(evaluation.records());
        this.workers = workers;
        this.seed = seed;
    }

    private RecordSchema schema() {
        return learner.schema();
    }

    private ScoredRecords score(ParameterVector model, List<SiteRecord> scored, Set<String> present) {
        return ScoredRecords.of(
                scored,
                learner.predict(model, scored, present),
                schema().classes().size());
    }

    /** Overall, per site and per subset of modalities. */
    Scored scored(ParameterVector model) throws SimulationException, InterruptedException {
        List<Set<String>> subsets = subsets();
        List<Callable<ScoredRecords>> passes = new ArrayList<>();
        for (Set<String> subset : subsets) {
            passes.add(() -> score(model, records, subset));
        }
        List<ScoredRecords> results = workers.all(passes);
        ScoredRecords overall = results.getLast();
        SortedMap<String, Metrics> perSite = new TreeMap<>();
        overall.bySite().forEach((site, own) -> perSite.put(site, own.metrics()));
        SortedMap<String, Metrics> perSubset = new TreeMap<>(subsetOrder(subsets));
        for (int i = 0; i < subsets.size(); i++) {
            perSubset.put(String.join("+", subsets.get(i)), results.get(i).metrics());
        }
        return new Scored(evaluation.on(), overall.metrics(), overall.bootstrap(RESAMPLES, seed), perSite, perSubset);
    }

    /** In schema order, smaller ones first; the last has every modality. */
    private List<Set<String>> subsets() {
        List<String> names = schema().modalityNames();
        int count = names.size();
        List<Set<String>> subsets = new ArrayList<>();
        for (int size = 1; size <= count; size++) {
            if (count > EVERY_SUBSET && size > 1 && size < count - 1) {
                continue;
            }
            for (int bits = 1; bits < 1 << count; bits++) {
                if (Integer.bitCount(bits) == size) {
                    Set<String> subset = new LinkedHashSet<>();
                    for (int i = 0; i < count; i++) {
                        if ((bits >> i & 1) == 1) {
                            subset.add(names.get(i));
                        }
                    }
                    subsets.add(Collections.unmodifiableSet(subset));
                }
            }
        }
        return subsets;
    }

    private static java.util.Comparator<String> subsetOrder(List<Set<String>> subsets) {
        List<String> keys =
                subsets.stream().map(subset -> String.join("+", subset)).toList();
        return java.util.Comparator.comparingInt(keys::indexOf);
    }

    /** Metrics of several models, in order. */
    List<Metrics> metrics(List<ParameterVector> models) throws SimulationException, InterruptedException {
        Set<String> all = Set.copyOf(schema().modalityNames());
        return workers.all(models.stream()
                .<Callable<Metrics>>map(
                        model -> () -> score(model, records, all).metrics())
                .toList());
    }

    /**
     * For each modality, what it costs that every second record loses it: when those without it are masked, and when zeros
     * stand in as if they had been measured. Were it lost at every record, zeros would move all scores alike, which a ranking
     * does not show.
     */
    List<MissingModality> missing(ParameterVector model) throws SimulationException, InterruptedException {
        if (schema().modalities().size() < 2) {
            return List.of();
        }
        List<Callable<MissingModality>> passes = new ArrayList<>();
        for (Modality modality : schema().modalities()) {
            passes.add(() -> {
                Set<String> all = Set.copyOf(schema().modalityNames());
                List<SiteRecord> masked = new ArrayList<>();
                List<SiteRecord> zeroFilled = new ArrayList<>();
                for (int i = 0; i < records.size(); i++) {
                    SiteRecord record = records.get(i);
                    boolean kept = i % 2 == 0 && record.values().containsKey(modality.name());
                    masked.add(kept ? record : with(record, modality, null));
                    zeroFilled.add(kept ? record : with(record, modality, zeros(modality)));
                }
                return new MissingModality(
                        modality.name(),
                        score(model, masked, all).metrics(),
                        score(model, zeroFilled, all).metrics());
            });
        }
        return workers.all(passes);
    }

    private static SiteRecord with(SiteRecord record, Modality modality, @Nullable ModalityValue value) {
        Map<String, ModalityValue> values = new HashMap<>(record.values());
        if (value == null) {
            values.remove(modality.name());
        } else {
            values.put(modality.name(), value);
        }
        return new SiteRecord(
                record.recordId(),
                record.subjectId(),
                record.siteId(),
                record.clock(),
                values,
                record.label(),
                record.consent(),
                record.provenance(),
                record.excerpt());
    }

    private static ModalityValue zeros(Modality modality) {
        return switch (modality) {
            case Modality.Image image ->
                new ModalityValue.Image(new float[image.channels() * image.size() * image.size()]);
            case Modality.Text text -> new ModalityValue.Text(new int[0], new int[0]);
            case Modality.Series series -> {
                int size = series.channels().size() * series.steps();
                yield new ModalityValue.Series(new float[size], everyOne(size));
            }
            case Modality.Table table -> {
                int size = table.columns().size();
                yield new ModalityValue.Table(new float[size], everyOne(size));
            }
        };
    }

    private static boolean[] everyOne(int size) {
        boolean[] observed = new boolean[size];
        Arrays.fill(observed, true);
        return observed;
    }
}
