package dev.parley.sim.scenario;

import dev.parley.learning.training.ConfigurationReader;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.SiteLevelRule;
import dev.parley.sim.scenario.Scenario.Baselines;
import dev.parley.sim.scenario.Scenario.HeldOut;
import dev.parley.sim.scenario.Scenario.Partition;
import dev.parley.sim.scenario.Scenario.Records;
import dev.parley.sim.scenario.Scenario.Rounds;
import dev.parley.sim.scenario.Scenario.SiteLevel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads scenarios: shipped ones by name, others from YAML files, with overrides of single settings. */
public final class ScenarioReader {
    /** The shipped scenarios, in the order in which people are told of them. */
    public static final List<String> SHIPPED = List.of(
            "hospital",
            "plant",
            "hospital-private",
            "hospital-real",
            "wearable",
            "hydraulic",
            "mnist",
            "mnist-private",
            "mnist-sites");

    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final LoadSettings YAML =
            LoadSettings.builder().setMaxAliasesForCollections(0).build();

    private ScenarioReader() {}

    /**
     * @param scenario a shipped name, or the path of a YAML file
     * @param overrides {@code path=value} each, the value as YAML, such as {@code learning.optimizer.learningRate=0.001}
     */
    public static Scenario read(String scenario, List<String> overrides) throws ScenarioException {
        boolean shipped = SHIPPED.contains(scenario);
        Path file = shipped ? Path.of(scenario) : file(scenario);
        String text = shipped ? resource("scenarios/" + scenario + ".yaml") : text(file);
        Map<String, Object> tree = tree(scenario, text);
        for (String override : overrides) {
            apply(override, tree);
        }
        String name = shipped ? scenario : nameOf(file);
        try {
            return scenario(name, file, tree);
        } catch (IllegalArgumentException e) {
            throw new ScenarioException("scenario " + scenario + ": " + e.getMessage(), e);
        }
    }

    private static Path file(String scenario) throws ScenarioException {
        try {
            Path file = Path.of(scenario);
            if (Files.isRegularFile(file)) {
                return file;
            }
        } catch (InvalidPathException e) {
            // Not a path, so not a scenario file either.
        }
        throw new ScenarioException("no scenario '" + scenario + "': expected one of " + String.join(", ", SHIPPED)
                + ", or the path of a YAML file");
    }

    private static String nameOf(Path file) throws ScenarioException {
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.[a-z]+$", "");
        if (!NAME.matcher(name).matches()) {
            throw new ScenarioException(
                    "a scenario is named after its file: 1 to 63 lower-case letters, digits and inner "
                            + "hyphens, such as sepsis.yaml, not '" + name + "'");
        }
        return name;
    }

    /** A text of the product. */
    static String resource(String path) {
        try (InputStream stream = ScenarioReader.class.getResourceAsStream("/dev/parley/sim/" + path)) {
            if (stream == null) {
                throw new IllegalStateException("the product has no " + path);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String text(Path file) throws ScenarioException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ScenarioException(file + " has more than " + MAX_BYTES + " bytes; no scenario has");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new ScenarioException("cannot read " + file + ": expected a UTF-8 text file", e);
        }
    }

    private static Map<String, Object> tree(String name, String text) throws ScenarioException {
        try {
            if (new Load(YAML).loadFromString(text) instanceof Map<?, ?> map) {
                return copy(map);
            }
        } catch (MarkedYamlEngineException e) {
            String place =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw new ScenarioException(name + place + ": not valid YAML: " + e.getProblem(), e);
        } catch (YamlEngineException e) {
            throw new ScenarioException(name + ": not valid YAML", e);
        }
        throw new ScenarioException(name + ": expected 'key: value' lines");
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner) {
                copy.put(String.valueOf(key), copy(inner));
            } else if (value != null) {
                copy.put(String.valueOf(key), value);
            }
        });
        return copy;
    }

    private static void apply(String override, Map<String, Object> tree) throws ScenarioException {
        int equals = override.indexOf('=');
        String[] path =
                equals < 0 ? new String[0] : override.substring(0, equals).split("\\.", -1);
        if (path.length == 0 || List.of(path).contains("")) {
            throw new ScenarioException(
                    "--set takes path=value, such as --set learning.optimizer.learningRate=0.001, got '" + override
                            + "'");
        }
        Map<String, Object> at = tree;
        for (int i = 0; i < path.length - 1; i++) {
            Map<String, Object> next = new LinkedHashMap<>();
            if (at.get(path[i]) instanceof Map<?, ?> inner) {
                next = copy(inner);
            }
            at.put(path[i], next);
            at = next;
        }
        Object value;
        try {
            value = new Load(YAML).loadFromString(override.substring(equals + 1));
        } catch (YamlEngineException e) {
            throw new ScenarioException("--set " + override + ": the value is not valid YAML", e);
        }
        if (value == null) {
            at.remove(path[path.length - 1]);
        } else {
            at.put(path[path.length - 1], value instanceof Map<?, ?> map ? copy(map) : value);
        }
    }

    private static Scenario scenario(String name, Path file, Map<String, Object> tree) {
        var root = new ConfigurationReader("", tree);
        var scenario = new Scenario(
                name,
                root.text("title"),
                records(root.section("records"), file),
                partition(root.section("sites")),
                root.has("purpose") ? root.text("purpose") : "research",
                heldOut(root.section("heldOut")),
                root.has("modalities") ? root.texts("modalities") : List.of(),
                rounds(root.section("federation")),
                baselines(root.section("baselines")),
                root.mapping("learning"),
                tree);
        root.refuseUnknownKeys();
        return scenario;
    }

    private static HeldOut heldOut(ConfigurationReader reader) {
        double share = reader.number("share", 0.25, 0, 0.9);
        HeldOut heldOut =
                reader.choice("by", "subjects", List.of("subjects", "sites")).equals("sites")
                        ? new HeldOut.Sites(share)
                        : new HeldOut.Subjects(share);
        reader.refuseUnknownKeys();
        return heldOut;
    }

    private static Records records(ConfigurationReader reader, Path file) {
        Records records;
        if (reader.has("world")) {
            records = new Records.Synthetic(reader.choice("world", "hospital", List.of("hospital", "plant")));
        } else if (reader.has("shipped")) {
            records = new Records.Shipped(reader.text("shipped"), reader.texts("folders"));
        } else {
            records = new Records.Described(file.toAbsolutePath()
                    .resolveSibling(reader.text("manifest"))
                    .normalize());
        }
        reader.refuseUnknownKeys();
        return records;
    }

    private static Partition partition(ConfigurationReader reader) {
        Partition partition = switch (reader.choice("by", "site", List.of("site", "label-shards"))) {
            case "label-shards" ->
                new Partition.LabelShards(reader.integer("count", 100, 1, 10_000), reader.integer("shards", 2, 1, 100));
            default -> new Partition.BySite();
        };
        reader.refuseUnknownKeys();
        return partition;
    }

    private static Rounds rounds(ConfigurationReader reader) {
        ConfigurationReader masking = reader.section("secureAggregation");
        var rounds = new Rounds(
                reader.integer("rounds", 20, 1, 100_000),
                optional(reader, "participants", 100_000),
                reader.number("clipNorm", 64, 1e-6, 1e6),
                reader.has("statisticsBound")
                        ? Optional.of(reader.number("statisticsBound", 100, 1e-6, 1e6))
                        : Optional.empty(),
                optional(reader, "exampleCap", 1_000_000_000),
                reader.number("proximalMu", 0, 0, 1000),
                reader.integer("evaluateEvery", 1, 1, 1_000_000),
                masking.integer("bits", 24, RingModulus.LEAST_BITS, RingModulus.MOST_BITS),
                robust(masking.section("robust")),
                masking.has("colluding") ? Optional.of(masking.integer("colluding", 0, 0, 1000)) : Optional.empty(),
                siteLevel(reader),
                optimizer(reader.section("serverOptimizer")));
        masking.refuseUnknownKeys();
        reader.refuseUnknownKeys();
        return rounds;
    }

    private static Optional<SiteLevel> siteLevel(ConfigurationReader rounds) {
        ConfigurationReader privacy = rounds.section("privacy");
        boolean asked = privacy.has("siteLevel");
        ConfigurationReader reader = privacy.section("siteLevel");
        privacy.refuseUnknownKeys();
        if (!asked) {
            return Optional.empty();
        }
        if (!rounds.has("clipNorm")) {
            throw rounds.refuse(
                    "clipNorm",
                    "a number of its own under privacy.siteLevel: the noise is as large as the clip norm is");
        }
        if (reader.has("epsilon") == reader.has("noiseMultiplier")) {
            throw reader.refuse("epsilon", "either an epsilon for all rounds, or the noiseMultiplier of each");
        }
        if (!reader.has("delta")) {
            throw reader.refuse("delta", "a number far below one over the number of sites; it has no default");
        }
        var delta = new Delta(reader.number("delta", 1e-5, 1e-30, 0.1));
        SiteLevelRule rule = reader.has("epsilon")
                ? new SiteLevelRule.Target(new Epsilon(reader.number("epsilon", 1, 0.01, 100)), delta)
                : new SiteLevelRule.Noise(new NoiseMultiplier(reader.number("noiseMultiplier", 1, 1e-6, 1e4)));
        reader.refuseUnknownKeys();
        return Optional.of(new SiteLevel(rule, delta));
    }

    private static RobustRule robust(ConfigurationReader reader) {
        String kind = reader.choice("combination", "none", List.of("none", "median", "trimmed-mean", "krum"));
        RobustRule rule = switch (kind) {
            case "median" -> new RobustRule.Groups(groups(reader), new RobustRule.Combination.Median());
            case "trimmed-mean" ->
                new RobustRule.Groups(
                        groups(reader), new RobustRule.Combination.TrimmedMean(reader.integer("trim", 1, 1, 100)));
            case "krum" ->
                new RobustRule.Groups(
                        groups(reader), new RobustRule.Combination.Krum(reader.integer("malformed", 1, 1, 100)));
            default -> new RobustRule.None();
        };
        reader.refuseUnknownKeys();
        return rule;
    }

    private static int groups(ConfigurationReader reader) {
        return reader.integer("groups", 3, 3, 100);
    }

    private static Optional<Integer> optional(ConfigurationReader reader, String key, int most) {
        return reader.has(key) ? Optional.of(reader.integer(key, 1, 1, most)) : Optional.empty();
    }

    private static ServerOptimizer optimizer(ConfigurationReader reader) {
        ServerOptimizer optimizer = switch (reader.choice("kind", "fedavg", List.of("fedavg", "fedadam"))) {
            case "fedadam" ->
                new ServerOptimizer.FedAdam(
                        reader.number("learningRate", 0.01, 1e-9, 100),
                        reader.number("beta1", 0.9, 0, 0.999999),
                        reader.number("beta2", 0.99, 0, 0.999999),
                        reader.number("epsilon", 1e-3, 1e-12, 1e3));
            default ->
                new ServerOptimizer.FedAvg(
                        reader.number("learningRate", 1, 1e-9, 100), reader.number("momentum", 0, 0, 0.999999));
        };
        reader.refuseUnknownKeys();
        return optimizer;
    }

    private static Baselines baselines(ConfigurationReader reader) {
        var baselines = new Baselines(reader.flag("local", true), reader.flag("central", true));
        reader.refuseUnknownKeys();
        return baselines;
    }
}
