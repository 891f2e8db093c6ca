package dev.parley.learning.evaluation;

import dev.parley.learning.evaluation.MetricIntervals.Interval;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.statistics.EvaluationCounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What one model said about records: scores, labels, and whose records they are. Immutable; keeps no record.
 *
 * <p><b>Guarantees</b>: every result is the same bits whatever the order in which the records came, and on every
 * machine.
 */
public final class ScoredRecords {
    private static final double TAIL = 0.025;

    /** By position: the records are kept sorted by site, subject and record id. */
    private final String[] sites;

    /** By position: number of the record's subject, rising; subjects of different sites are different subjects. */
    private final int[] subjects;

    private final float[] probabilities;
    private final int[] labels;
    private final int classes;
    private final ScoreArrays scores;

    private ScoredRecords(String[] sites, int[] subjects, float[] probabilities, int[] labels, int classes) {
        this.sites = sites;
        this.subjects = subjects;
        this.probabilities = probabilities;
        this.labels = labels;
        this.classes = classes;
        this.scores = new ScoreArrays(probabilities, labels, classes);
    }

    /**
     * @param records at least one
     * @param probabilities row-major {@code records.size() x classes}, each in [0, 1], each row summing to 1 within
     *     0.001
     * @throws IllegalArgumentException if there is no record, or a length, label or probability breaks these rules
     */
    public static ScoredRecords of(List<SiteRecord> records, float[] probabilities, int classes) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("no record to score: expected at least one held-out record, got 0;"
                    + " hold more subjects out, or leave this score out");
        }
        int[] given = records.stream().mapToInt(SiteRecord::label).toArray();
        EvaluationCounts.requireScores(probabilities, given, classes);
        int n = records.size();
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparing(
                        records::get,
                        Comparator.comparing(SiteRecord::siteId)
                                .thenComparing(SiteRecord::subjectId)
                                .thenComparing(SiteRecord::recordId)))
                .mapToInt(Integer::intValue)
                .toArray();
        String[] sites = new String[n];
        int[] subjects = new int[n];
        float[] sorted = new float[n * classes];
        int[] labels = new int[n];
        for (int at = 0; at < n; at++) {
            SiteRecord record = records.get(order[at]);
            sites[at] = record.siteId();
            labels[at] = record.label();
            System.arraycopy(probabilities, order[at] * classes, sorted, at * classes, classes);
            subjects[at] = at == 0 ? 0 : subjects[at - 1] + (sameSubject(records.get(order[at - 1]), record) ? 0 : 1);
        }
        return new ScoredRecords(sites, subjects, sorted, labels, classes);
    }

    private static boolean sameSubject(SiteRecord a, SiteRecord b) {
        return a.siteId().equals(b.siteId()) && a.subjectId().equals(b.subjectId());
    }

    /** Exact, over all records. */
    public Metrics metrics() {
        int[] once = new int[labels.length];
        Arrays.fill(once, 1);
        return scores.metrics(once);
    }

    /** The same scores, site by site, sites ascending by name. */
    public SortedMap<String, ScoredRecords> bySite() {
        SortedMap<String, ScoredRecords> parts = new TreeMap<>();
        int from = 0;
        for (int to = 1; to <= sites.length; to++) {
            if (to == sites.length || !sites[to].equals(sites[from])) {
                int first = subjects[from];
                parts.put(
                        sites[from],
                        new ScoredRecords(
                                Arrays.copyOfRange(sites, from, to),
                                Arrays.stream(subjects, from, to)
                                        .map(s -> s - first)
                                        .toArray(),
                                Arrays.copyOfRange(probabilities, from * classes, to * classes),
                                Arrays.copyOfRange(labels, from, to),
                                classes));
                from = to;
            }
        }
        return Collections.unmodifiableSortedMap(parts);
    }

    /**
     * 95 % percentile bootstrap intervals (Efron 1979): what the metrics would be with other subjects of the same
     * sites. A resample draws as many subjects as each site has, from that site, with replacement, and each with all
     * its records, because records of one subject are not independent. Sites with one subject are drawn from together,
     * since nothing could vary within them.
     *
     * <p>AUROC's interval is over the resamples that have one. With a single subject in all, nothing is known about
     * others, and each interval is [0, 1].
     *
     * @param resamples at least 1; 1,000 is usual
     * @param seed the same seed, the same bits
     */
    public MetricIntervals bootstrap(int resamples, long seed) {
        if (resamples < 1) {
            throw new IllegalArgumentException("a bootstrap needs at least 1 resample, got " + resamples);
        }
        int subjectCount = subjects[subjects.length - 1] + 1;
        if (subjectCount == 1) {
            Interval unknown = new Interval(0, 1);
            return new MetricIntervals(
                    metrics().auroc().isPresent() ? Optional.of(unknown) : Optional.empty(), unknown, unknown, unknown);
        }
        List<int[]> strata = strata();
        SplittableRandom random = new SplittableRandom(seed);
        int[] drawn = new int[subjectCount];
        int[] times = new int[labels.length];
        List<Metrics> metrics = new ArrayList<>(resamples);
        for (int resample = 0; resample < resamples; resample++) {
            Arrays.fill(drawn, 0);
            for (int[] stratum : strata) {
                for (int draw = 0; draw < stratum.length; draw++) {
                    drawn[stratum[random.nextInt(stratum.length)]]++;
                }
            }
            for (int at = 0; at < times.length; at++) {
                times[at] = drawn[subjects[at]];
            }
            metrics.add(scores.metrics(times));
        }
        return new MetricIntervals(
                interval(metrics.stream()
                        .flatMapToDouble(m -> m.auroc().stream())
                        .toArray()),
                required(metrics, Metrics::accuracy),
                required(metrics, Metrics::macroF1),
                required(metrics, Metrics::ece));
    }

    /** Subjects that stand for each other: those of one site, and those that are alone at theirs. */
    private List<int[]> strata() {
        List<int[]> strata = new ArrayList<>();
        List<Integer> alone = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= sites.length; to++) {
            if (to == sites.length || !sites[to].equals(sites[from])) {
                int first = subjects[from];
                int end = subjects[to - 1] + 1;
                if (end - first == 1) {
                    alone.add(first);
                } else {
                    strata.add(IntStream.range(first, end).toArray());
                }
                from = to;
            }
        }
        if (!alone.isEmpty()) {
            strata.add(alone.stream().mapToInt(Integer::intValue).toArray());
        }
        return strata;
    }

    private static Interval required(List<Metrics> metrics, ToDoubleFunction<Metrics> part) {
        return interval(metrics.stream().mapToDouble(part).toArray()).orElseThrow();
    }

    private static Optional<Interval> interval(double[] values) {
        if (values.length == 0) {
            return Optional.empty();
        }
        Arrays.sort(values);
        return Optional.of(new Interval(quantile(values, TAIL), quantile(values, 1 - TAIL)));
    }

    /** Linear between order statistics (type 7 of Hyndman and Fan 1996). */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /** Never the scores: they are about records. */
    @Override
    public String toString() {
        return "ScoredRecords[" + classes + " classes]";
    }
}
