package dev.parley.sim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.dp.accounting.Accountant;
import dev.parley.privacy.dp.accounting.Calibration;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.accounting.EpsilonBounds;
import dev.parley.privacy.dp.accounting.Mechanism;
import dev.parley.privacy.dp.accounting.PldAccountant;
import dev.parley.privacy.dp.accounting.RdpAccountant;
import dev.parley.sim.report.EpsilonPlot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parley privacy}: what settings cost, and which settings a budget buys. */
@Command(
        name = "privacy",
        description = "What DP-SGD's settings cost in privacy, which settings a budget buys, and what an attack proves."
                + " docs/PRIVACY_ACCOUNTING.md explains the words.",
        mixinStandardHelpOptions = true,
        subcommands = AuditCommand.class,
        synopsisSubcommandLabel = "COMMAND")
final class PrivacyCommand {
    /** Points of the plotted curves. */
    private static final int POINTS = 30;

    /** Above it a promise that may fail is no longer a rare accident. */
    private static final double LARGE_DELTA = 1e-3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Named as they are typed. */
    enum AccountantName {
        pld,
        rdp
    }

    /** Named as they are typed, but for the dash. */
    enum Sampling {
        poisson,
        shuffled
    }

    /** What both commands have in common. */
    static final class Terms {
        @Option(
                names = "--accountant",
                defaultValue = "pld",
                description = "pld: privacy loss distributions, bounds from both sides; rdp: Rényi divergence, looser"
                        + " (${DEFAULT-VALUE})")
        private AccountantName accountant = AccountantName.pld;

        @Option(
                names = "--neighbours",
                paramLabel = "add-remove|replace",
                defaultValue = "add-remove",
                description = "Which datasets must be hard to tell apart (${DEFAULT-VALUE}).")
        private String neighbours = "add-remove";

        @Option(
                names = "--sampling",
                defaultValue = "poisson",
                description = "How a step's batch is chosen. Only poisson can be accounted by a sampling rate"
                        + " (${DEFAULT-VALUE}).")
        private Sampling sampling = Sampling.poisson;

        @Option(names = "--json", description = "Print one JSON object and nothing else.")
        private boolean json;

        Accountant accountant() {
            return switch (accountant) {
                case pld -> new PldAccountant();
                case rdp -> new RdpAccountant();
            };
        }

        NeighbouringRelation relation() {
            if (sampling == Sampling.shuffled) {
                throw new IllegalArgumentException(
                        "batches from a shuffled dataset are not Poisson samples: accounted as if they"
                                + " were, a run of epsilon 13.4 has been reported as 1.6. Sample by Poisson, or account every pass as"
                                + " one step with --sampling-rate 1");
            }
            return switch (neighbours) {
                case "add-remove" -> NeighbouringRelation.ADD_OR_REMOVE_ONE;
                case "replace" -> NeighbouringRelation.REPLACE_ONE;
                default ->
                    throw new IllegalArgumentException(
                            "--neighbours is add-remove or replace, got '" + neighbours + "'");
            };
        }
    }

    /** What is accounted. */
    private record Settings(SamplingRate rate, NoiseMultiplier noise, long steps) {
        Composition under(NeighbouringRelation relation) {
            return Composition.under(relation)
                    .and(new Mechanism.PoissonSampled(rate, new Mechanism.Gaussian(noise)), steps);
        }
    }

    @Command(
            name = "epsilon",
            mixinStandardHelpOptions = true,
            description = "The epsilon of a number of DP-SGD steps.")
    int epsilon(
            @Option(names = "--sampling-rate", required = true, description = "Chance of a record to be in a step.")
                    double rate,
            @Option(
                            names = "--noise-multiplier",
                            required = true,
                            description = "Noise's standard deviation over the clip norm.")
                    double noise,
            @Option(names = "--steps", required = true, description = "How many.") long steps,
            @Option(names = "--delta", required = true, description = "Probability that the promise may fail.")
                    double delta,
            @Option(names = "--plot", paramLabel = "FILE.svg", description = "Draw epsilon over steps.") @Nullable
                    Path plot,
            @Mixin Terms terms)
            throws IOException {
        return checked(() -> {
            NeighbouringRelation relation = terms.relation();
            Settings settings = settings(rate, noise, steps);
            Answer answer = answer(terms, relation, settings, new Delta(delta));
            if (plot != null) {
                draw(plot, relation, settings, new Delta(delta));
            }
            print(terms, answer, plot);
            return 0;
        });
    }

    @Command(
            name = "calibrate",
            mixinStandardHelpOptions = true,
            description = "The noise, steps or sampling rate that an epsilon buys: give two, the third is found.")
    int calibrate(
            @Option(names = "--epsilon", required = true, description = "Target.") double epsilon,
            @Option(names = "--delta", required = true, description = "Probability that the promise may fail.")
                    double delta,
            @Option(names = "--sampling-rate", description = "Chance of a record to be in a step.") @Nullable
                    Double rate,
            @Option(names = "--noise-multiplier", description = "Noise's standard deviation over the clip norm.")
                    @Nullable
                    Double noise,
            @Option(names = "--steps", description = "How many.") @Nullable Long steps,
            @Mixin Terms terms)
            throws IOException {
        return checked(() -> {
            NeighbouringRelation relation = terms.relation();
            var calibration = new Calibration(terms.accountant(), relation, new Epsilon(epsilon), new Delta(delta));
            Settings found;
            if (rate != null && steps != null && noise == null) {
                double least = calibration
                        .noise(new SamplingRate(rate), positive(steps))
                        .value();
                found = settings(rate, roundedUp(least), steps);
            } else if (rate != null && noise != null && steps == null) {
                found = settings(rate, noise, calibration.steps(new SamplingRate(rate), new NoiseMultiplier(noise)));
            } else if (noise != null && steps != null && rate == null) {
                double highest = calibration
                        .rate(new NoiseMultiplier(noise), positive(steps))
                        .value();
                found = settings(highest, noise, steps);
            } else {
                throw new IllegalArgumentException(
                        "give two of --sampling-rate, --noise-multiplier and --steps; the third is found");
            }
            print(terms, answer(terms, relation, found, new Delta(delta)), null);
            return 0;
        });
    }

    /** To four decimals, so that it can be typed; more noise keeps to the target too. */
    private static double roundedUp(double noise) {
        return Math.ceil(noise * 1e4) / 1e4;
    }

    private static Settings settings(double rate, double noise, long steps) {
        return new Settings(new SamplingRate(rate), new NoiseMultiplier(noise), positive(steps));
    }

    private static long positive(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("--steps is 1 or more, got " + steps);
        }
        return steps;
    }

    private interface Work {
        int run() throws IOException;
    }

    /** What an accountant refuses is wrong input. */
    private int checked(Work work) throws IOException {
        try {
            return work.run();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private record Answer(
            Settings settings, Delta delta, NeighbouringRelation relation, EpsilonBounds bounds, double seconds) {}

    private static Answer answer(Terms terms, NeighbouringRelation relation, Settings settings, Delta delta) {
        long started = System.nanoTime();
        EpsilonBounds bounds = terms.accountant().bounds(settings.under(relation), delta);
        return new Answer(settings, delta, relation, bounds, (System.nanoTime() - started) * 1e-9);
    }

    private void print(Terms terms, Answer answer, @Nullable Path plot) throws IOException {
        if (terms.json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("epsilon", answer.bounds.upper().value());
            fields.put("lower", answer.bounds.lower().value());
            fields.put("upper", answer.bounds.upper().value());
            fields.put("accountant", terms.accountant.name());
            fields.put("seconds", answer.seconds);
            fields.put("samplingRate", answer.settings.rate.value());
            fields.put("noiseMultiplier", answer.settings.noise.value());
            fields.put("steps", answer.settings.steps);
            fields.put("delta", answer.delta.value());
            fields.put("neighbours", answer.relation.toString());
            System.out.println(new ObjectMapper().writeValueAsString(fields));
            return;
        }
        System.out.print(text(terms, answer));
        if (plot != null) {
            System.out.println("plot: " + plot);
        }
    }

    private static String text(Terms terms, Answer answer) {
        double epsilon = answer.bounds.upper().value();
        String bounds = terms.accountant == AccountantName.pld
                ? String.format(
                        Locale.ROOT,
                        "proved between %.5f and %.5f",
                        answer.bounds.lower().value(),
                        epsilon)
                : "an upper bound; --accountant pld is tighter";
        String neighbours = answer.relation instanceof NeighbouringRelation.AddOrRemoveOne
                ? "add-remove: hides whether a record is there"
                : "replace: hides what a record says, their number being known";
        String odds = epsilon < 50
                ? String.format(Locale.ROOT, "change by more than a factor %.3g", Math.exp(epsilon))
                : "stay within any bound worth naming";
        String meaning = epsilon < 50
                ? "Whoever sees all that is released can hardly see their odds about one record " + odds + ";"
                : "At this epsilon nobody's odds about a record " + odds + ": it is no protection;";
        String text = String.format(
                Locale.ROOT,
                """
                epsilon %.5f at delta %s   %s

                  sampling rate      %s
                  noise multiplier   %s
                  steps              %,d
                  neighbours         %s
                  accountant         %s, %.2f s

                %s
                the chance that this promise fails is at most %s. The unit is one record; somebody with ten is ten records.
                It holds only if every step draws each record independently (Poisson). Batches from a shuffled dataset are
                not covered by it.
                """,
                epsilon,
                answer.delta.value(),
                bounds,
                answer.settings.rate.value(),
                answer.settings.noise.value(),
                answer.settings.steps,
                neighbours,
                terms.accountant.name(),
                answer.seconds,
                meaning,
                answer.delta.value());
        return answer.delta.value() < LARGE_DELTA
                ? text
                : text + "Delta " + answer.delta.value() + " is large: publishing one record in "
                        + Math.round(1 / answer.delta.value()) + " outright would satisfy it.\n";
    }

    private static void draw(Path file, NeighbouringRelation relation, Settings settings, Delta delta)
            throws IOException {
        var at = new TreeSet<Long>();
        for (int i = 1; i <= POINTS; i++) {
            at.add(Math.max(1, settings.steps * i / POINTS));
        }
        List<EpsilonPlot.Point> points = new ArrayList<>();
        for (long steps : at) {
            Composition composition = new Settings(settings.rate, settings.noise, steps).under(relation);
            points.add(new EpsilonPlot.Point(
                    steps,
                    new PldAccountant().epsilon(composition, delta).value(),
                    new RdpAccountant().epsilon(composition, delta).value()));
        }
        String title = String.format(
                Locale.ROOT,
                "Epsilon over steps: sampling rate %s, noise %s, delta %s",
                shortest(settings.rate.value()),
                shortest(settings.noise.value()),
                delta.value());
        Files.writeString(file, new EpsilonPlot(title, points).svg());
    }

    private static String shortest(double value) {
        return String.format(Locale.ROOT, "%.4g", value)
                .replaceAll("(\\.\\d*?)0+$", "$1")
                .replaceAll("\\.$", "");
    }
}
