package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals;
import dev.parley.learning.evaluation.MetricIntervals.Interval;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.sim.report.RunReport.Bytes;
import dev.parley.sim.report.RunReport.Data;
import dev.parley.sim.report.RunReport.LocalBaseline;
import dev.parley.sim.report.RunReport.MissingModality;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.report.RunReport.Scored;
import dev.parley.sim.report.RunReport.Seconds;
import dev.parley.sim.report.RunReport.SecureSums;
import dev.parley.sim.report.RunReport.SiteSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Reports with invented numbers, the same on every call. */
final class SampleReports {
    private static final List<String> HOSPITALS = List.of(
            "aachen", "bern", "coimbra", "dresden", "esbjerg", "firenze", "gdansk", "universitair-ziekenhuis-heerlen");

    private SampleReports() {}

    /** Everything that a report can have. */
    static RunReport hospital() {
        return of(HOSPITALS, 20, true);
    }

    /** The same trained under differential privacy. */
    static RunReport withPrivacy(RunReport report, PrivacyClaim privacy) {
        return changed(report, report.rounds(), report.local(), report.sums(), Optional.of(privacy));
    }

    private static RunReport changed(
            RunReport report,
            List<RoundEntry> rounds,
            Optional<LocalBaseline> local,
            SecureSums sums,
            Optional<PrivacyClaim> privacy) {
        return new RunReport(
                report.scenario(),
                report.title(),
                report.seed(),
                report.parameters(),
                report.sites(),
                rounds,
                report.finalScores(),
                report.eval(),
                local,
                report.central(),
                report.missing(),
                sums,
                privacy,
                report.bytes(),
                report.seconds(),
                report.data(),
                report.command(),
                report.settings());
    }

    /** Two sites, of which one missed a round. */
    static PrivacyClaim privacy() {
        return new PrivacyClaim(
                "record",
                1e-5,
                new PrivacyClaim.Mechanism.NoisySteps(1.1),
                List.of(
                        new PrivacyClaim.Site("aachen", new PrivacyClaim.Spent(3, 2.3451)),
                        new PrivacyClaim.Site("bern", new PrivacyClaim.Spent(2, 1.9))),
                List.of(
                        new PrivacyClaim.Spent(1, 1.2),
                        new PrivacyClaim.Spent(2, 1.9),
                        new PrivacyClaim.Spent(3, 2.3451)),
                List.of("the counts of scores"),
                true);
    }

    static RunReport of(List<String> sites, int rounds, boolean baselines) {
        Random random = new Random(sites.size());
        SortedMap<String, Metrics> perSite = new TreeMap<>();
        SortedMap<String, Metrics> alone = new TreeMap<>();
        for (String site : sites) {
            perSite.put(site, metrics(52, 0.86 + 0.08 * random.nextDouble()));
            alone.put(site, metrics(52L * sites.size(), 0.74 + 0.12 * random.nextDouble()));
        }
        SortedMap<String, Metrics> subsets = new TreeMap<>();
        Map.of(
                        "scan",
                        0.801,
                        "note",
                        0.842,
                        "vitals",
                        0.744,
                        "scan+note",
                        0.889,
                        "scan+vitals",
                        0.851,
                        "note+vitals",
                        0.878)
                .forEach((subset, auroc) -> subsets.put(subset, metrics(52L * sites.size(), auroc)));
        subsets.put("scan+note+vitals", metrics(52L * sites.size(), 0.912));
        Scored federated = scored("held-out subjects", 52L * sites.size(), 0.912, perSite, subsets);
        return new RunReport(
                "hospital",
                "Pneumonia from a scan, a note and two days of vital signs",
                1,
                476_123,
                siteSummaries(sites, random),
                rounds(rounds, sites.size()),
                federated,
                baselines
                        ? Optional.of(scored("/data/other-hospitals", 230, 0.884, new TreeMap<>(), subsets))
                        : Optional.empty(),
                baselines ? Optional.of(new LocalBaseline(Metrics.mean(alone.values()), alone)) : Optional.empty(),
                baselines
                        ? Optional.of(scored("held-out subjects", 52L * sites.size(), 0.921, perSite, new TreeMap<>()))
                        : Optional.empty(),
                baselines
                        ? List.of(
                                new MissingModality("scan", metrics(416, 0.878), metrics(416, 0.811)),
                                new MissingModality("note", metrics(416, 0.851), metrics(416, 0.797)),
                                new MissingModality("vitals", metrics(416, 0.889), metrics(416, 0.862)))
                        : List.of(),
                new SecureSums(24, 1, 1, "none"),
                Optional.empty(),
                new Bytes(612_345_678, 1_234_567_890),
                new Seconds(187.4, 341.25, 1.375),
                new Data(
                        List.of("no-finding", "pneumonia"),
                        List.of("scan", "note", "vitals"),
                        7,
                        List.of("Invented patients: a hidden condition drives scan, note and vital signs.")),
                "./parley sim hospital --seed 1 --rounds " + rounds,
                new TreeMap<>(Map.of(
                        "rounds",
                        rounds,
                        "training",
                        Map.of("learning-rate", 0.001, "batch", 16, "clip", Double.POSITIVE_INFINITY),
                        "modalities",
                        List.of("scan", "note", "vitals"))));
    }

    /** One site, one round that scored nothing, one class among the held-out records, nothing to compare with. */
    static RunReport bare() {
        Metrics flat = new Metrics(3, OptionalDouble.empty(), 1, 1, 0.25, 0.125);
        Interval unknown = new Interval(0, 1);
        return new RunReport(
                "mine.yaml",
                "One ward",
                7,
                10,
                List.of(new SiteSummary("ward", 9, 3, 4, 0, 0, List.of(12, 0), new TreeMap<>(Map.of("scan", 1.0)))),
                List.of(new RoundEntry(1, "train", 2, 2, Optional.empty(), 0.5, 10, 20)),
                new Scored(
                        "held-out subjects",
                        flat,
                        new MetricIntervals(Optional.empty(), unknown, unknown, unknown),
                        new TreeMap<>(Map.of("ward", flat)),
                        new TreeMap<>(Map.of("scan", flat))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                new SecureSums(24, 0, 1, "none"),
                Optional.empty(),
                new Bytes(10, 20),
                new Seconds(0.5, 0.25, 0),
                new Data(List.of("well", "ill"), List.of("scan"), 0, List.of()),
                "./parley sim mine.yaml",
                new TreeMap<>());
    }

    /** Eight sites whose updates were summed in three groups; one round's smallest group came down to two. */
    static RunReport grouped() {
        RunReport report = hospital();
        List<RoundEntry> rounds = new ArrayList<>(report.rounds());
        rounds.set(1, new RoundEntry(1, "train", 8, 2, rounds.get(1).pooled(), 8.125, 15_232_000, 15_300_000));
        return changed(report, rounds, report.local(), new SecureSums(24, 0, 3, "median"), report.privacy());
    }

    static RunReport withLocal(RunReport report, LocalBaseline local) {
        return changed(report, report.rounds(), Optional.of(local), report.sums(), report.privacy());
    }

    static List<String> siteNames(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.format("client-%03d", i))
                .toList();
    }

    private static List<SiteSummary> siteSummaries(List<String> sites, Random random) {
        return sites.stream()
                .map(site -> {
                    int ill = 20 + random.nextInt(120);
                    return new SiteSummary(
                            site,
                            156,
                            52,
                            90 + random.nextInt(30),
                            random.nextInt(4),
                            random.nextInt(3),
                            List.of(208 - ill, ill),
                            new TreeMap<>(Map.of(
                                    "scan",
                                    1 - 0.2 * random.nextDouble(),
                                    "note",
                                    random.nextDouble(),
                                    "vitals",
                                    0.4 + 0.6 * random.nextDouble())));
                })
                .toList();
    }

    private static List<RoundEntry> rounds(int count, int sites) {
        List<RoundEntry> rounds = new ArrayList<>();
        rounds.add(new RoundEntry(0, "statistics", sites, sites, Optional.empty(), 0.75, 8_000, 4_000));
        Random random = new Random(3);
        for (int round = 1; round <= count; round++) {
            double auroc = 0.912 - 0.35 * Math.exp(-round / 4.0) + 0.008 * random.nextGaussian();
            rounds.add(new RoundEntry(
                    round, "train", sites, sites, Optional.of(metrics(416, auroc)), 8.125, 15_232_000, 15_300_000));
        }
        return rounds;
    }

    private static Scored scored(
            String on, long n, double auroc, SortedMap<String, Metrics> perSite, SortedMap<String, Metrics> perSubset) {
        Metrics metrics = metrics(n, auroc);
        return new Scored(
                on,
                metrics,
                new MetricIntervals(
                        Optional.of(new Interval(auroc - 0.023, auroc + 0.019)),
                        new Interval(metrics.accuracy() - 0.03, metrics.accuracy() + 0.028),
                        new Interval(metrics.macroF1() - 0.034, metrics.macroF1() + 0.03),
                        new Interval(0.021, 0.052)),
                perSite,
                perSubset);
    }

    private static Metrics metrics(long n, double auroc) {
        return new Metrics(n, OptionalDouble.of(auroc), auroc - 0.061, auroc - 0.083, 0.031, 1.1 - auroc);
    }
}
