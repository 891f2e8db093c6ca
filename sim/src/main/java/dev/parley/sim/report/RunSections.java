package dev.parley.sim.report;

import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.report.RunReport.SiteSummary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The second half of the page: what was learned from, what it took, what is not protected, and how to repeat it. */
final class RunSections {
    private final RunReport report;
    private final Markup page;

    RunSections(RunReport report, Markup page) {
        this.report = report;
        this.page = page;
    }

    void write() {
        records();
        cost();
        privacy();
        settings();
    }

    private void records() {
        page.open("section", "aria-labelledby", "records").leaf("h2", "What each site brought", "id", "records");
        report.data().notes().forEach(note -> page.leaf("p", note));
        int withheld = report.sites().stream().mapToInt(SiteSummary::withheld).sum();
        page.leaf(
                "p",
                Numerals.count(withheld, "record was", "records were")
                        + " withheld because the subject does not agree to this use, and "
                        + Numerals.count(report.data().quarantined(), "row was", "rows were")
                        + " left out because they break a rule of the data description. Shares of classes and of"
                        + " modalities are over a site's training and held-out records.",
                "class",
                "note");
        Table table = sites();
        if (table.size() <= Plot.MOST_ROWS) {
            table.write(page);
        } else {
            table.writeFolded(page);
        }
        page.close();
    }

    private Table sites() {
        List<String> classes = report.data().classes();
        List<String> modalities = report.data().modalities();
        Table table = new Table("sites", "site", "training", "held out", "subjects", "withheld", "left out")
                .columns(classes.stream().map(name -> "class " + name).toList())
                .columns(modalities.stream().map(name -> "has " + name).toList());
        for (SiteSummary site : report.sites()) {
            List<Table.Cell> cells = new ArrayList<>(List.of(
                    Table.Cell.of(site.site()),
                    Table.Cell.of(site.training()),
                    Table.Cell.of(site.heldOut()),
                    Table.Cell.of(site.subjects()),
                    Table.Cell.of(site.withheld()),
                    Table.Cell.of(site.quarantined())));
            int counted = site.perClass().stream().mapToInt(Integer::intValue).sum();
            site.perClass()
                    .forEach(count -> cells.add(
                            counted == 0
                                    ? Table.Cell.of(Numerals.ABSENT)
                                    : new Table.Cell.Heat((double) count / counted)));
            for (String modality : modalities) {
                Double share = site.modalityShare().get(modality);
                cells.add(share == null ? Table.Cell.of(Numerals.ABSENT) : new Table.Cell.Heat(share));
            }
            table.row(cells);
        }
        return table;
    }

    private void cost() {
        page.open("section", "aria-labelledby", "cost").leaf("h2", "Bytes and seconds", "id", "cost");
        page.open("dl", "class", "tiles");
        tile("Sites to coordinator", Numerals.bytes(report.bytes().up()), "all updates and scores");
        tile("Coordinator to sites", Numerals.bytes(report.bytes().down()), "all models and plans");
        tile("From start to end", Numerals.duration(report.seconds().total()), "on this computer");
        tile("Training at sites", Numerals.duration(report.seconds().training()), "summed over the sites");
        tile("Aggregation", Numerals.duration(report.seconds().aggregation()), "adding and releasing");
        page.close();
        rounds().writeFolded(page);
        page.close();
    }

    private Table rounds() {
        Table table = new Table("all rounds", "round", "task", "sites")
                .columns(Table.metricColumns())
                .columns(List.of("time", "up", "down"));
        for (RoundEntry round : report.rounds()) {
            List<Table.Cell> cells = new ArrayList<>(List.of(
                    Table.Cell.of(Integer.toString(round.round())),
                    Table.Cell.of(round.task()),
                    Table.Cell.of(round.contributors())));
            if (round.pooled().isPresent()) {
                cells.addAll(Table.metrics(round.pooled().get()));
            } else {
                Table.metricColumns().forEach(column -> cells.add(Table.Cell.of(Numerals.ABSENT)));
            }
            cells.add(new Table.Cell.Number(round.seconds(), Numerals.duration(round.seconds())));
            cells.add(new Table.Cell.Number(round.upBytes(), Numerals.bytes(round.upBytes())));
            cells.add(new Table.Cell.Number(round.downBytes(), Numerals.bytes(round.downBytes())));
            table.row(cells);
        }
        return table;
    }

    private void tile(String name, String value, String detail) {
        page.open("div", "class", "tile")
                .leaf("dt", name)
                .leaf("dd", value, "class", "big")
                .leaf("dd", detail)
                .close();
    }

    private void privacy() {
        page.open("section", "aria-labelledby", "privacy", "class", "plain")
                .leaf("h2", "Privacy, plainly", "id", "privacy");
        page.leaf(
                "p",
                report.isSummed()
                        ? "Records do not travel in the protocol that this run followed. Each site's update of the model"
                                + " and its counts of scores do, masked, so that the coordinator could read their sums"
                                + " only (secure aggregation): " + sums() + "."
                        : "One site trained alone. Its model left it without being added to any other's.");
        if (report.sums().isGrouped()) {
            page.leaf(
                    "p",
                    "Groups were summed one by one so that lies can be outvoted. That costs privacy: a site hides among"
                            + " its group instead of among all, and the coordinator saw "
                            + report.sums().groups()
                            + " sums for each version instead of one. Sites refuse it unless their owners allow it.");
        }
        report.privacy().ifPresentOrElse(this::claim, this::noClaim);
        page.close();
    }

    private void noClaim() {
        page.leaf(
                "p",
                "Differential privacy was not used. A sum, or the model, may give away something about the records behind"
                        + " it, the more so the fewer sites are in it.");
        page.leaf("p", "So no unit of protection, no epsilon and no delta is claimed.");
    }

    private String sums() {
        RunReport.SecureSums sums = report.sums();
        String least = report.smallestSum().isPresent()
                ? "the smallest sum that was opened had the updates of "
                        + Numerals.count(report.smallestSum().getAsInt(), "site", "sites")
                : "no sum was opened";
        String how = sums.isGrouped()
                ? ", combined by " + sums.combination() + " from " + sums.groups() + " groups"
                : ", always over all that took part";
        String colluding = sums.colluding() == 0
                ? ", provided that no site works together with the coordinator"
                : ", even if " + Numerals.count(sums.colluding(), "site", "sites")
                        + " had worked together with the coordinator";
        return least + how + colluding;
    }

    private void claim(PrivacyClaim claim) {
        page.leaf(
                "p",
                mechanism(claim)
                        + " Models that are shown for comparison were trained without noise. Whoever sees all models and all"
                        + " that is public tells with or without one " + claim.unit()
                        + (claim.unit().equals("site") ? "'s update" : " of a site") + " apart by at most epsilon "
                        + epsilon(claim.epsilon()) + " at delta " + claim.delta()
                        + ", in the words of differential privacy; the accountant is that of privacy loss distributions,"
                        + " upper bound.");
        page.leaf(
                "p",
                "That covers training and nothing else. Not covered, because it has not been paid for: "
                        + String.join("; ", claim.unpaid()) + ".");
        if (claim.foreseeable()) {
            page.leaf(
                    "p",
                    "This was a simulation: its noise and its samples can be computed again from the seed, so they protect"
                            + " nothing. Epsilon is what the same settings promise where they are secret.");
        }
        spent(claim);
        Table sites = new Table("epsilon of each site's training", "site", "rounds", "epsilon");
        claim.sites()
                .forEach(site -> sites.row(List.of(
                        Table.Cell.of(site.site()), Table.Cell.of(site.spent().rounds()), amount(site.spent()))));
        sites.writeFolded(page);
    }

    private static String mechanism(PrivacyClaim claim) {
        return switch (claim.mechanism()) {
            case PrivacyClaim.Mechanism.NoisySteps steps ->
                "Each site trained by noisy clipped gradients (DP-SGD), with a noise multiplier of "
                        + Numerals.score(steps.noiseMultiplier()) + " in each step; neighbours differ by one "
                        + claim.unit() + " more or less.";
            case PrivacyClaim.Mechanism.NoisySums sums ->
                "Each site clipped its update to norm " + Numerals.score(sums.clipNorm())
                        + " and added a share of noise before its mask, so that every sum that was opened had a noise"
                        + " multiplier of at least " + Numerals.score(sums.noiseMultiplier()) + " from "
                        + Numerals.count(sums.shares(), "honest site", "honest sites")
                        + " alone; neighbours differ by one site's update, which is there or is zeros.";
        };
    }

    private void spent(PrivacyClaim claim) {
        if (claim.curve().isEmpty() || !Double.isFinite(claim.epsilon())) {
            return;
        }
        Table table = new Table("epsilon over the rounds", "round", "epsilon");
        claim.curve()
                .forEach(spent -> table.row(List.of(Table.Cell.of(Integer.toString(spent.rounds())), amount(spent))));
        double last = claim.curve().getLast().epsilon();
        new Figure(
                        "Epsilon of a site that trains in every round",
                        "From " + epsilon(claim.curve().getFirst().epsilon()) + " to " + epsilon(last) + " over "
                                + Numerals.count(claim.curve().getLast().rounds(), "round", "rounds"),
                        List.of(new Ink.Key(Ink.ORANGE, "epsilon, at last " + epsilon(last))),
                        Optional.empty(),
                        new LinePlot(
                                claim.curve().stream()
                                        .map(PrivacyClaim.Spent::rounds)
                                        .toList(),
                                claim.curve().stream()
                                        .map(spent -> OptionalDouble.of(spent.epsilon()))
                                        .toList(),
                                Ink.ORANGE,
                                OptionalDouble.empty(),
                                Scale.fromZero(last)),
                        table)
                .write(page);
    }

    private static Table.Cell amount(PrivacyClaim.Spent spent) {
        return Double.isFinite(spent.epsilon())
                ? new Table.Cell.Number(spent.epsilon(), epsilon(spent.epsilon()))
                : Table.Cell.of("unbounded");
    }

    /** Rounded up: a rounded promise must not be smaller than the true one. */
    private static String epsilon(double epsilon) {
        return Double.isFinite(epsilon) ? Numerals.score(Math.ceil(epsilon * 1000) / 1000) : "unbounded";
    }

    private void settings() {
        page.open("section", "aria-labelledby", "repeat").leaf("h2", "To repeat it", "id", "repeat");
        page.open("pre").leaf("code", report.command()).close();
        page.leaf(
                "p",
                "Scenario " + report.scenario() + ", seed " + report.seed()
                        + ". The same seed gives the same result on one machine.");
        Table table = new Table("settings", "setting", "value");
        flatten("", report.settings(), table);
        if (table.size() > 0) {
            table.writeFolded(page);
        }
        page.close();
    }

    private static void flatten(String prefix, Map<?, ?> settings, Table table) {
        settings.forEach((name, value) -> {
            String path = prefix + name;
            if (value instanceof Map<?, ?> nested) {
                flatten(path + ".", nested, table);
            } else {
                table.row(List.of(Table.Cell.of(path), Table.Cell.of(words(value))));
            }
        });
    }

    private static String words(Object value) {
        return value instanceof Collection<?> values
                ? String.join(", ", values.stream().map(RunSections::words).toList())
                : String.valueOf(value);
    }
}
