package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals;
import dev.parley.learning.evaluation.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that one run leaves to be read. Immutable.
 *
 * @param scenario name or file of the scenario
 * @param title what was learned, in a few words for people
 * @param parameters numbers in the model
 * @param sites in the order in which they are shown
 * @param rounds in order; at least none
 * @param finalScores of the released model on held-out subjects
 * @param eval of the same model on a second folder
 * @param local each site's own model, trained without the others
 * @param central one model trained on all records in one place
 * @param missing for each modality, what losing it costs
 * @param sums how the coordinator was kept from seeing single updates
 * @param privacy what training promised about single records or subjects; empty if nothing
 * @param command what repeats the run
 * @param settings flat or nested; values are strings, numbers, booleans, lists and maps of these
 */
public record RunReport(
        String scenario,
        String title,
        long seed,
        int parameters,
        List<SiteSummary> sites,
        List<RoundEntry> rounds,
        Scored finalScores,
        Optional<Scored> eval,
        Optional<LocalBaseline> local,
        Optional<Scored> central,
        List<MissingModality> missing,
        SecureSums sums,
        Optional<PrivacyClaim> privacy,
        Bytes bytes,
        Seconds seconds,
        Data data,
        String command,
        SortedMap<String, Object> settings) {

    public RunReport {
        sites = List.copyOf(sites);
        rounds = List.copyOf(rounds);
        missing = List.copyOf(missing);
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
        for (SiteSummary site : sites) {
            if (site.perClass().size() != data.classes().size()) {
                throw new IllegalArgumentException("site " + site.site() + " counts records of "
                        + site.perClass().size() + " classes, expected "
                        + data.classes().size());
            }
        }
        ReportJson.requireSettings(settings);
    }

    /**
     * What a site brought.
     *
     * @param training records trained on
     * @param heldOut records scored and never trained on
     * @param subjects people or machines behind both
     * @param withheld records whose subject does not agree to this use
     * @param quarantined rows that broke a rule and were left out
     * @param perClass records of both kinds, by class in the schema's order
     * @param modalityShare by modality: share of both kinds of records that have it, 0 to 1
     */
    public record SiteSummary(
            String site,
            int training,
            int heldOut,
            int subjects,
            int withheld,
            int quarantined,
            List<Integer> perClass,
            SortedMap<String, Double> modalityShare) {
        public SiteSummary {
            perClass = List.copyOf(perClass);
            modalityShare = Collections.unmodifiableSortedMap(new TreeMap<>(modalityShare));
            modalityShare.forEach((modality, share) -> {
                if (!(share >= 0 && share <= 1)) {
                    throw new IllegalArgumentException("site " + site + " has " + modality + " in a share of " + share
                            + " of its records, expected 0 to 1");
                }
            });
        }

        /** Held-out records included. */
        public int records() {
            return training + heldOut;
        }
    }

    /**
     * A round that ended.
     *
     * @param round its number as people are shown it
     * @param task such as {@code train} or {@code statistics}
     * @param contributors sites whose update is in the sum
     * @param smallestSum updates in the smallest of the sums that were opened; all contributors' where there was one sum, 0 if
     *     none was opened
     * @param pooled scores of the round's model over all sites' held-out records; empty if the round scored nothing
     */
    public record RoundEntry(
            int round,
            String task,
            int contributors,
            int smallestSum,
            Optional<Metrics> pooled,
            double seconds,
            long upBytes,
            long downBytes) {
        public RoundEntry {
            requireDuration("seconds of round " + round, seconds);
            if (smallestSum < 0 || smallestSum > contributors) {
                throw new IllegalArgumentException("round " + round + " opened a sum over " + smallestSum + " of "
                        + contributors + " contributors");
            }
        }
    }

    /**
     * One model's scores.
     *
     * @param on {@code "held-out subjects"}, or the folder
     * @param perSubset by the modalities that the model was allowed to use, such as {@code image+note}, in schema
     *     order; all records are scored in each. Kept in the order given
     */
    public record Scored(
            String on,
            Metrics overall,
            MetricIntervals intervals,
            SortedMap<String, Metrics> perSite,
            SortedMap<String, Metrics> perSubset) {
        public Scored {
            perSite = Collections.unmodifiableSortedMap(new TreeMap<>(perSite));
            perSubset = Collections.unmodifiableSortedMap(new TreeMap<>(perSubset));
        }
    }

    /**
     * What sites reach alone.
     *
     * @param mean over the sites, each counted once
     * @param perSite the model of that site, scored on the same records as the federated model
     */
    public record LocalBaseline(Metrics mean, SortedMap<String, Metrics> perSite) {
        public LocalBaseline {
            perSite = Collections.unmodifiableSortedMap(new TreeMap<>(perSite));
        }
    }

    /**
     * The released model on all held-out records, of which every second one has lost a modality.
     *
     * @param masked the modality is said to be missing, wherever it is
     * @param zeroFilled zeros stand in its place as if they had been measured
     */
    public record MissingModality(String modality, Metrics masked, Metrics zeroFilled) {}

    /**
     * The terms of secure aggregation in training rounds.
     *
     * @param bits of the ring in which updates were added
     * @param colluding sites that could work with the coordinator and still not read another's update
     * @param groups sums that were compared with each other; 1 for one sum over everyone
     * @param combination how the groups' means became one, such as {@code median}; {@code none} for one sum
     */
    public record SecureSums(int bits, int colluding, int groups, String combination) {
        public boolean isGrouped() {
            return groups > 1;
        }
    }

    /** Over all sites and rounds. */
    public record Bytes(long up, long down) {}

    /**
     * Of a clock on the wall.
     *
     * @param training inside the sites' training, summed over sites
     * @param aggregation adding and releasing
     */
    public record Seconds(double total, double training, double aggregation) {
        public Seconds {
            requireDuration("total", total);
            requireDuration("training", training);
            requireDuration("aggregation", aggregation);
        }
    }

    /**
     * What was learned from.
     *
     * @param classes in the schema's order
     * @param modalities in the schema's order
     * @param quarantined rows that broke a rule, over all sites
     * @param notes sentences for people
     */
    public record Data(List<String> classes, List<String> modalities, int quarantined, List<String> notes) {
        public Data {
            classes = List.copyOf(classes);
            modalities = List.copyOf(modalities);
            notes = List.copyOf(notes);
        }
    }

    private static void requireDuration(String what, double seconds) {
        if (!(seconds >= 0) || !Double.isFinite(seconds)) {
            throw new IllegalArgumentException(what + " is a finite duration of at least 0, got " + seconds);
        }
    }

    /** Whether updates were added at all: one site that trains alone has nothing to be added to. */
    boolean isSummed() {
        return sites.size() > 1 || smallestSum().isPresent();
    }

    /** Updates in the smallest sum that any round opened; empty if none was opened. */
    OptionalInt smallestSum() {
        return rounds.stream()
                .mapToInt(RoundEntry::smallestSum)
                .filter(size -> size > 0)
                .min();
    }

    /** The site whose own model is best by the report's leading measure; the first by name of equals. */
    Optional<Map.Entry<String, Metrics>> bestSite() {
        Measure measure = Measure.leading(this);
        return local.flatMap(baseline -> baseline.perSite().entrySet().stream()
                .filter(entry -> measure.of(entry.getValue()).isPresent())
                .reduce((best, next) -> measure.of(next.getValue()).getAsDouble()
                                > measure.of(best.getValue()).getAsDouble()
                        ? next
                        : best));
    }

    /**
     * Whether the sites' own models were scored on the held-out records of all sites, and not each on those of its own.
     * Only then do they compare with the federated model as a whole.
     */
    boolean ownModelsSawAllSites() {
        return local.isPresent()
                && local.get().perSite().values().stream()
                        .allMatch(
                                metrics -> metrics.n() == finalScores.overall().n());
    }

    /** The federated model on the same records as the site's own model; empty if they were not scored. */
    Optional<Metrics> federatedBeside(String site) {
        return ownModelsSawAllSites()
                ? Optional.of(finalScores.overall())
                : Optional.ofNullable(finalScores.perSite().get(site));
    }

    /**
     * The federated model beside the mean of the sites' own models: on all records, or as the mean over the same sites.
     */
    Metrics federatedBesideMean() {
        List<Metrics> beside = local.stream()
                .flatMap(baseline -> baseline.perSite().keySet().stream())
                .flatMap(site -> federatedBeside(site).stream())
                .toList();
        return ownModelsSawAllSites() || beside.isEmpty() ? finalScores.overall() : Metrics.mean(beside);
    }

    /** Scores by subset of modalities: fewest first, then in the schema's order. */
    SequencedMap<String, Metrics> subsets(Scored scored) {
        SequencedMap<String, Metrics> ordered = new LinkedHashMap<>();
        scored.perSubset().entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Metrics> e) ->
                                names(e.getKey()).size())
                        .thenComparing(e -> positions(e.getKey())))
                .forEach(e -> ordered.put(e.getKey(), e.getValue()));
        return Collections.unmodifiableSequencedMap(ordered);
    }

    private static List<String> names(String subset) {
        return List.of(subset.split("\\+", -1));
    }

    private String positions(String subset) {
        StringBuilder positions = new StringBuilder();
        for (String name : names(subset)) {
            positions.append(
                    String.format(Locale.ROOT, "%04d", data.modalities().indexOf(name) + 1));
        }
        return positions.toString();
    }

    /**
     * Writes report.json, report.html and rounds.csv. Each appears whole or not at all, also when the program is
     * killed; what was there under that name is replaced.
     *
     * @param folder made if it is missing
     */
    public void writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        place(folder, "report.json", ReportJson.text(this));
        place(folder, "rounds.csv", RoundsCsv.text(rounds));
        place(folder, "report.html", ReportPage.html(this));
    }

    private static void place(Path folder, String name, String text) throws IOException {
        // Not a private temporary file: the report gets the permissions that this user's files have.
        Path unfinished = folder.resolve("." + name + ".part");
        try {
            Files.writeString(unfinished, text, StandardCharsets.UTF_8);
            Files.move(
                    unfinished,
                    folder.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
