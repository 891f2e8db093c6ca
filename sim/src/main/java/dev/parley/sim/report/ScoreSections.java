package dev.parley.sim.report;

import dev.parley.learning.evaluation.MetricIntervals.Interval;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.sim.report.RunReport.LocalBaseline;
import dev.parley.sim.report.RunReport.MissingModality;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.report.RunReport.Scored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** The first half of the page: how good the model is, and for whom. */
final class ScoreSections {
    private static final OptionalDouble NONE = OptionalDouble.empty();

    private final RunReport report;
    private final Markup page;
    private final Measure leading;
    private final Metrics federated;

    ScoreSections(RunReport report, Markup page) {
        this.report = report;
        this.page = page;
        this.leading = Measure.leading(report);
        this.federated = report.finalScores().overall();
    }

    void write() {
        header();
        headline();
        overRounds();
        bySite();
        page.open("div", "class", "pair");
        bySubset();
        missing();
        page.close();
        calibration();
        report.eval().ifPresent(this::elsewhere);
    }

    private void header() {
        page.open("header")
                .leaf("p", "Parley \u00b7 federated learning", "class", "brand")
                .leaf("h1", report.title());
        page.open("p", "class", "lead")
                .text("One model of " + Numerals.count(report.parameters()) + " numbers, learned in "
                        + Numerals.count(report.rounds().size(), "round", "rounds") + " over "
                        + Numerals.count(report.sites().size(), "site", "sites")
                        + " without moving their records, and scored on "
                        + Numerals.count(federated.n(), "record", "records") + " of "
                        + report.finalScores().on() + ".")
                .close()
                .close();
    }

    private void headline() {
        page.open("section", "aria-labelledby", "headline").leaf("h2", "The result", "id", "headline");
        page.open("dl", "class", "tiles");
        tile(
                "Federated " + leading.label(),
                Numerals.score(leading.of(federated)),
                leading.of(report.finalScores().intervals())
                        .map(interval -> "95% interval " + Numerals.interval(interval))
                        .orElse("no interval"));
        report.local()
                .ifPresent(local -> versus(
                        "Against the mean of single sites",
                        report.federatedBesideMean(),
                        local.mean(),
                        "a site alone reaches "));
        report.central()
                .ifPresent(central ->
                        versus("Against pooled training", federated, central.overall(), "all records in one place: "));
        page.close();
        page.open("div", "class", "figures");
        for (Measure measure : List.of(Measure.AUROC, Measure.ACCURACY)) {
            if (measure.of(federated).isPresent()) {
                new Figure(
                                measure.title() + ", with 95% interval",
                                comparisonInWords(measure),
                                List.of(),
                                Optional.empty(),
                                new DotPlot(comparison(measure), NONE),
                                comparisonTable(measure))
                        .write(page);
            }
        }
        page.close();
        page.leaf(
                "p",
                "Intervals say what other subjects of the same sites could have given (bootstrap over whole"
                        + " subjects within their sites). "
                        + (report.local().isPresent()
                                ? "Small dots are the sites' own models, " + ownModelsOn() + "."
                                : "This run trained no site on its own."),
                "class",
                "note");
        page.close();
    }

    private void tile(String name, String value, String detail) {
        page.open("div", "class", "tile")
                .leaf("dt", name)
                .leaf("dd", value, "class", "big")
                .leaf("dd", detail)
                .close();
    }

    private void versus(String name, Metrics model, Metrics other, String detail) {
        OptionalDouble ours = leading.of(model);
        OptionalDouble theirs = leading.of(other);
        if (ours.isPresent() && theirs.isPresent()) {
            tile(name, Numerals.difference(ours.getAsDouble() - theirs.getAsDouble()), detail + Numerals.score(theirs));
        }
    }

    private String ownModelsOn() {
        return report.ownModelsSawAllSites()
                ? "scored on the held-out records of all sites"
                : "each scored on the held-out records of its own site";
    }

    private List<DotPlot.Row> comparison(Measure measure) {
        List<DotPlot.Row> rows = new ArrayList<>();
        rows.add(row("Federated", Ink.BLUE, measure, report.finalScores()));
        report.central().ifPresent(central -> rows.add(row("Pooled training", Ink.GREEN, measure, central)));
        report.bestSite()
                .ifPresent(best -> rows.add(row("Best single site", Ink.ORANGE, measure, best.getValue(), List.of())));
        report.local().ifPresent(local -> {
            List<Double> each = local.perSite().values().stream()
                    .flatMapToDouble(metrics -> measure.of(metrics).stream())
                    .boxed()
                    .toList();
            rows.add(row("Mean of single sites", Ink.ORANGE, measure, local.mean(), each));
        });
        return rows;
    }

    private static DotPlot.Row row(String name, Ink ink, Measure measure, Scored scored) {
        OptionalDouble value = measure.of(scored.overall());
        Optional<Interval> interval = measure.of(scored.intervals());
        return new DotPlot.Row(
                name,
                Numerals.score(value)
                        + interval.map(i -> " (" + Numerals.interval(i) + ")").orElse(""),
                value.isPresent() ? List.of(new DotPlot.Mark(ink, value.getAsDouble(), interval)) : List.of(),
                List.of());
    }

    private static DotPlot.Row row(String name, Ink ink, Measure measure, Metrics metrics, List<Double> each) {
        OptionalDouble value = measure.of(metrics);
        return new DotPlot.Row(
                name,
                Numerals.score(value),
                value.isPresent() ? List.of(new DotPlot.Mark(ink, value.getAsDouble(), Optional.empty())) : List.of(),
                each);
    }

    private String comparisonInWords(Measure measure) {
        return comparison(measure).stream()
                .map(row -> row.label() + ": " + row.value())
                .collect(Collectors.joining("; "));
    }

    private Table comparisonTable(Measure measure) {
        Table table = new Table("who learned from what, by " + measure.label(), "model", measure.label(), "from", "to");
        addComparison(table, measure, "federated", report.finalScores());
        report.central().ifPresent(central -> addComparison(table, measure, "pooled training", central));
        report.bestSite()
                .ifPresent(best -> table.row(List.of(
                        Table.Cell.of("best single site (" + best.getKey() + ")"),
                        Table.Cell.score(measure.of(best.getValue())),
                        Table.Cell.of(Numerals.ABSENT),
                        Table.Cell.of(Numerals.ABSENT))));
        report.local()
                .ifPresent(local -> table.row(List.of(
                        Table.Cell.of("mean of single sites"),
                        Table.Cell.score(measure.of(local.mean())),
                        Table.Cell.of(Numerals.ABSENT),
                        Table.Cell.of(Numerals.ABSENT))));
        return table;
    }

    private static void addComparison(Table table, Measure measure, String name, Scored scored) {
        Optional<Interval> interval = measure.of(scored.intervals());
        table.row(List.of(
                Table.Cell.of(name),
                Table.Cell.score(measure.of(scored.overall())),
                Table.Cell.score(interval.map(i -> OptionalDouble.of(i.low())).orElse(NONE)),
                Table.Cell.score(interval.map(i -> OptionalDouble.of(i.high())).orElse(NONE))));
    }

    private void overRounds() {
        List<RoundEntry> scored = report.rounds().stream()
                .filter(round -> round.pooled().isPresent())
                .toList();
        if (scored.isEmpty()) {
            return;
        }
        page.open("section", "aria-labelledby", "rounds").leaf("h2", "Over the rounds", "id", "rounds");
        page.open("div", "class", "figures");
        for (Measure measure : List.of(Measure.AUROC, Measure.ACCURACY)) {
            overRounds(measure, scored);
        }
        page.close().close();
    }

    private void overRounds(Measure measure, List<RoundEntry> scored) {
        List<OptionalDouble> values = scored.stream()
                .map(round -> round.pooled().map(measure::of).orElse(NONE))
                .toList();
        if (values.stream().allMatch(OptionalDouble::isEmpty)) {
            return;
        }
        OptionalDouble pooled =
                report.central().map(central -> measure.of(central.overall())).orElse(NONE);
        Table table = new Table(measure.label() + " over the rounds", "round", "sites", "records", measure.label());
        for (RoundEntry round : scored) {
            Metrics metrics = round.pooled().orElseThrow();
            table.row(List.of(
                    Table.Cell.of(Integer.toString(round.round())),
                    Table.Cell.of(round.contributors()),
                    Table.Cell.of(metrics.n()),
                    Table.Cell.score(measure.of(metrics))));
        }
        new Figure(
                        measure.title() + " of each round's model on all sites' held-out records",
                        "From " + Numerals.score(values.getFirst()) + " to " + Numerals.score(values.getLast())
                                + " over " + Numerals.count(scored.size(), "round", "rounds"),
                        List.of(new Ink.Key(Ink.BLUE, "federated, at last " + Numerals.score(values.getLast()))),
                        pooled.isPresent()
                                ? Optional.of("pooled training, " + Numerals.score(pooled))
                                : Optional.empty(),
                        LinePlot.ofScores(scored.stream().map(RoundEntry::round).toList(), values, Ink.BLUE, pooled),
                        table)
                .write(page);
    }

    private void bySite() {
        if (report.finalScores().perSite().isEmpty() && report.local().isEmpty()) {
            return;
        }
        page.open("section", "aria-labelledby", "sites").leaf("h2", "Site by site", "id", "sites");
        page.open("div", "class", "figures");
        if (report.local().isPresent() && !report.ownModelsSawAllSites()) {
            sideBySide(report.local().get());
        } else {
            bars(
                    "The federated model at each site: " + leading.label() + " on its own held-out records",
                    "federated model by site",
                    report.finalScores().perSite(),
                    Ink.BLUE,
                    leading.of(federated),
                    "all sites together");
            report.local()
                    .ifPresent(local -> bars(
                            "Each site's own model: " + leading.label() + " on the held-out records of all sites",
                            "each site's own model",
                            local.perSite(),
                            Ink.ORANGE,
                            leading.of(federated),
                            "the federated model on the same records"));
        }
        page.close().close();
    }

    private void sideBySide(LocalBaseline local) {
        List<BarPlot.Row> rows = new ArrayList<>();
        Table table = new Table("federated and own model by site", "site", "federated", "own model", "difference");
        for (Map.Entry<String, Metrics> site : local.perSite().entrySet()) {
            OptionalDouble ours =
                    report.federatedBeside(site.getKey()).map(leading::of).orElse(NONE);
            OptionalDouble own = leading.of(site.getValue());
            rows.add(new BarPlot.Row(
                    site.getKey(),
                    Numerals.score(ours) + " | " + Numerals.score(own),
                    List.of(new BarPlot.Bar(Ink.BLUE, ours), new BarPlot.Bar(Ink.ORANGE, own))));
            table.row(List.of(
                    Table.Cell.of(site.getKey()),
                    Table.Cell.score(ours),
                    Table.Cell.score(own),
                    ours.isPresent() && own.isPresent()
                            ? Table.Cell.difference(ours.getAsDouble() - own.getAsDouble())
                            : Table.Cell.of(Numerals.ABSENT)));
        }
        new Figure(
                        leading.title() + " on each site's own held-out records",
                        "Two bars for each of " + rows.size() + " sites; the numbers are in the table",
                        List.of(
                                new Ink.Key(Ink.BLUE, "federated model"),
                                new Ink.Key(Ink.ORANGE, "the site's own model")),
                        Optional.empty(),
                        plot(rows, NONE),
                        table)
                .write(page);
        new Figure(
                        "All measures of the federated model at each site",
                        leading.label() + " of the federated model at each site; all measures are in the table",
                        List.of(),
                        Optional.of("all sites together, " + Numerals.score(leading.of(federated))),
                        plot(rows(report.finalScores().perSite(), Ink.BLUE), leading.of(federated)),
                        table("federated model by site", report.finalScores().perSite()))
                .write(page);
    }

    private void bars(
            String name,
            String caption,
            Map<String, Metrics> scores,
            Ink ink,
            OptionalDouble reference,
            String referenceMeaning) {
        if (scores.isEmpty()) {
            return;
        }
        new Figure(
                        name,
                        "One bar for each of " + scores.size() + "; the numbers are in the table",
                        List.of(),
                        reference.isPresent()
                                ? Optional.of(referenceMeaning + ", " + Numerals.score(reference))
                                : Optional.empty(),
                        plot(rows(scores, ink), reference),
                        table(caption, scores))
                .write(page);
    }

    private List<BarPlot.Row> rows(Map<String, Metrics> scores, Ink ink) {
        return scores.entrySet().stream()
                .map(entry -> new BarPlot.Row(
                        entry.getKey().replace("+", " + "),
                        leading.of(entry.getValue()).isPresent()
                                ? Numerals.score(leading.of(entry.getValue()))
                                : "one class only",
                        List.of(new BarPlot.Bar(ink, leading.of(entry.getValue())))))
                .toList();
    }

    private static Plot plot(List<BarPlot.Row> rows, OptionalDouble reference) {
        return rows.size() <= Plot.MOST_ROWS ? new BarPlot(rows, reference) : new StripPlot(rows, reference);
    }

    private static Table table(String caption, Map<String, Metrics> scores) {
        Table table = new Table(caption, "").columns(Table.metricColumns());
        scores.forEach(table::metrics);
        return table;
    }

    private void bySubset() {
        Map<String, Metrics> subsets = report.subsets(report.finalScores());
        if (subsets.isEmpty()) {
            return;
        }
        page.open("section", "aria-labelledby", "subsets").leaf("h2", "With fewer modalities", "id", "subsets");
        page.leaf("p", "The same model on the same records, allowed to use only the modalities named.");
        bars(
                leading.title() + " by the modalities used",
                "by modalities used",
                subsets,
                Ink.BLUE,
                leading.of(federated),
                "everything that a record has");
        page.close();
    }

    private void missing() {
        if (report.missing().isEmpty()) {
            return;
        }
        page.open("section", "aria-labelledby", "missing").leaf("h2", "What losing a modality costs", "id", "missing");
        page.leaf(
                "p",
                "Every second record loses a modality. The model is told that it is missing (masked), or is given zeros as if"
                        + " they had been measured (zero-filled). Masking should cost less.");
        List<DotPlot.Row> rows = new ArrayList<>();
        Table table = new Table(
                "cost of losing a modality, in " + leading.label(),
                "without",
                "masked",
                "zero-filled",
                "cost masked",
                "cost zero-filled");
        OptionalDouble all = leading.of(federated);
        for (MissingModality modality : report.missing()) {
            OptionalDouble masked = leading.of(modality.masked());
            OptionalDouble zero = leading.of(modality.zeroFilled());
            List<DotPlot.Mark> marks = new ArrayList<>();
            zero.ifPresent(value -> marks.add(new DotPlot.Mark(Ink.ORANGE, value, Optional.empty())));
            masked.ifPresent(value -> marks.add(new DotPlot.Mark(Ink.BLUE, value, Optional.empty())));
            rows.add(new DotPlot.Row(
                    "without " + modality.modality(),
                    Numerals.score(masked) + " | " + Numerals.score(zero),
                    marks,
                    List.of()));
            table.row(List.of(
                    Table.Cell.of(modality.modality()),
                    Table.Cell.score(masked),
                    Table.Cell.score(zero),
                    cost(all, masked),
                    cost(all, zero)));
        }
        new Figure(
                        leading.title() + " without a modality",
                        rows.stream()
                                .map(row -> row.label() + ", masked | zero-filled: " + row.value())
                                .collect(Collectors.joining("; ")),
                        List.of(new Ink.Key(Ink.BLUE, "masked"), new Ink.Key(Ink.ORANGE, "zero-filled")),
                        all.isPresent() ? Optional.of("with all, " + Numerals.score(all)) : Optional.empty(),
                        new DotPlot(rows, all),
                        table)
                .write(page);
        page.close();
    }

    private static Table.Cell cost(OptionalDouble all, OptionalDouble without) {
        return all.isPresent() && without.isPresent()
                ? Table.Cell.difference(all.getAsDouble() - without.getAsDouble())
                : Table.Cell.of(Numerals.ABSENT);
    }

    private void calibration() {
        page.open("section", "aria-labelledby", "calibration")
                .leaf("h2", "All measures, and whether probabilities can be believed", "id", "calibration");
        page.leaf(
                "p",
                "ECE is how far the model's confidence lies from the share of records that it gets right (15 bins; 0 is"
                        + " best). Brier is the mean squared distance of its probabilities from the truth (0 is best, 2"
                        + " is worst)."
                        + " AUROC counts the pairs of records that it ranks rightly"
                        + (report.data().classes().size() == 2
                                ? " (class " + report.data().classes().get(1) + " above "
                                        + report.data().classes().get(0) + "; 0.5 is chance)."
                                : " (mean of each class against the rest; 0.5 is chance)."));
        Table table = new Table("all measures", "model").columns(Table.metricColumns());
        table.metrics("federated", federated)
                .intervals("  95% interval", report.finalScores().intervals());
        report.central()
                .ifPresent(central -> table.metrics("pooled training", central.overall())
                        .intervals("  95% interval", central.intervals()));
        report.bestSite().ifPresent(best -> table.metrics("best single site (" + best.getKey() + ")", best.getValue()));
        report.local().ifPresent(local -> {
            // Records that several models were scored on would count more than once.
            List<Table.Cell> cells = Table.metrics(local.mean());
            cells.set(0, Table.Cell.of(Numerals.ABSENT));
            cells.addFirst(Table.Cell.of("mean of single sites"));
            table.row(cells);
        });
        table.write(page);
        page.close();
    }

    private void elsewhere(Scored eval) {
        page.open("section", "aria-labelledby", "elsewhere").leaf("h2", "On other records", "id", "elsewhere");
        page.leaf("p", "The same model on the records of " + eval.on() + ", of which it has seen none.");
        Table table = new Table("other records", "").columns(Table.metricColumns());
        table.metrics("all", eval.overall()).intervals("  95% interval", eval.intervals());
        table.write(page);
        page.open("div", "class", "figures");
        bars(
                leading.title() + " by site",
                "other records by site",
                eval.perSite(),
                Ink.BLUE,
                leading.of(eval.overall()),
                "all");
        bars(
                leading.title() + " by the modalities used",
                "other records by modalities used",
                report.subsets(eval),
                Ink.BLUE,
                leading.of(eval.overall()),
                "everything that a record has");
        page.close().close();
    }
}
