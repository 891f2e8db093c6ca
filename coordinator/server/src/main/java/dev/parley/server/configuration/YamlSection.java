package dev.parley.server.configuration;

import dev.parley.policies.document.NearestWord;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One mapping of a YAML file, read key by key into typed values. Every error names file, line, key, the value found and what
 * is allowed. Keys that nobody has read are refused by {@link #refuseUnknownKeys}, with the nearest known key.
 */
final class YamlSection {
    /** No coordinator's configuration comes near it; a larger file is a mistake. */
    private static final int MAX_CHARACTERS = 1 << 20;

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|min|h|d)");

    private final String file;
    private final String path;
    private final int line;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();

    private YamlSection(String file, String path, @Nullable MappingNode node) throws ConfigurationException {
        this.file = file;
        this.path = path;
        this.line = node == null ? 1 : lineOf(node);
        if (node == null) {
            return;
        }
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw error(lineOf(tuple.getKeyNode()), path, "a key is a plain word");
            }
            if (entries.put(key.getValue(), tuple) != null) {
                throw error(lineOf(key), qualified(key.getValue()), "the key is given twice; keep one");
            }
        }
    }

    /**
     * Parses a whole file, which must be one mapping.
     *
     * @param file how errors name the file
     */
    static YamlSection parse(String file, String text) throws ConfigurationException {
        if (text.length() > MAX_CHARACTERS) {
            throw new ConfigurationException(file + ": " + text.length() + " characters, at most " + MAX_CHARACTERS);
        }
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setLabel(file)
                    .setMaxAliasesForCollections(0)
                    .build();
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty()) {
                return new YamlSection(file, "", null);
            }
            if (!(root.get() instanceof MappingNode mapping)) {
                throw new ConfigurationException(file + ":1: expected 'key: value' lines");
            }
            return new YamlSection(file, "", mapping);
        } catch (MarkedYamlEngineException e) {
            String place =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw new ConfigurationException(file + place + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigurationException(file + ": not valid YAML: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /** A nested mapping; empty when absent, so that its keys take their defaults or report what is missing. */
    YamlSection section(String key) throws ConfigurationException {
        known.add(key);
        NodeTuple tuple = entries.get(key);
        if (tuple == null || isNull(tuple.getValueNode())) {
            return new YamlSection(file, qualified(key), null);
        }
        if (!(tuple.getValueNode() instanceof MappingNode mapping)) {
            throw error(lineOf(tuple.getValueNode()), qualified(key), "expected a nested block of 'key: value' lines");
        }
        return new YamlSection(file, qualified(key), mapping);
    }

    /** The keys as they were given, for a block whose keys are names; all of them count as known. */
    List<String> keys() {
        known.addAll(entries.keySet());
        return List.copyOf(entries.keySet());
    }

    boolean has(String key) {
        known.add(key);
        NodeTuple tuple = entries.get(key);
        return tuple != null && !isNull(tuple.getValueNode());
    }

    /** A word or a line of text that {@code parse} accepts; its IllegalArgumentException says the rule. */
    <T> T text(String key, @Nullable T fallback, Function<String, T> parse) throws ConfigurationException {
        Optional<ScalarNode> scalar = scalar(key);
        if (scalar.isEmpty()) {
            if (fallback == null) {
                throw error(line, qualified(key), "is missing and has no default");
            }
            return fallback;
        }
        String value = scalar.get().getValue();
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException e) {
            throw error(lineOf(scalar.get()), qualified(key) + " = " + shown(value), String.valueOf(e.getMessage()));
        }
    }

    long integer(String key, @Nullable Long fallback, long least, long most) throws ConfigurationException {
        return text(key, fallback, value -> {
            long number;
            try {
                number = Long.parseLong(value.replace("_", ""));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected a whole number from " + least + " to " + most, e);
            }
            return requireThat(
                    number >= least && number <= most, number, "expected a whole number from " + least + " to " + most);
        });
    }

    /** A finite decimal number. {@code allowed} is how the rule reads in an error. */
    double number(String key, @Nullable Double fallback, Function<Double, Boolean> rule, String allowed)
            throws ConfigurationException {
        return text(key, fallback, value -> {
            double number;
            try {
                // BigDecimal accepts exactly decimal notation: no NaN, no hexadecimal, no trailing 'd'.
                number = new BigDecimal(value).doubleValue();
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected " + allowed, e);
            }
            return requireThat(Double.isFinite(number) && rule.apply(number), number, "expected " + allowed);
        });
    }

    /** A length of time such as {@code 500 ms}, {@code 30 s}, {@code 10 min}, {@code 12 h} or {@code 30 d}. */
    Duration duration(String key, @Nullable Duration fallback, Duration least, Duration most)
            throws ConfigurationException {
        String rule = "expected a length of time from " + written(least) + " to " + written(most)
                + ", such as 500 ms, 30 s, 10 min, 12 h or 30 d";
        return text(key, fallback, value -> {
            Matcher matcher = DURATION.matcher(value.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(rule);
            }
            long count = Long.parseLong(matcher.group(1));
            Duration duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "min" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
            return requireThat(duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0, duration, rule);
        });
    }

    /** One of a fixed set of words. */
    <T> T choice(String key, @Nullable T fallback, Map<String, T> words) throws ConfigurationException {
        return text(key, fallback, value -> {
            T chosen = words.get(value);
            if (chosen == null) {
                throw new IllegalArgumentException(
                        "allowed are " + String.join(", ", words.keySet()) + NearestWord.hint(value, words.keySet()));
            }
            return chosen;
        });
    }

    /** A path; a relative one is resolved against {@code base}. */
    Path path(String key, @Nullable Path fallback, Path base) throws ConfigurationException {
        return text(key, fallback, value -> {
            if (value.isBlank()) {
                throw new IllegalArgumentException("expected a path");
            }
            try {
                return base.resolve(value).normalize();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("not a path: " + e.getReason(), e);
            }
        });
    }

    /** A list of words, {@code [a, b]} or one per line. */
    <T> List<T> list(String key, List<T> fallback, int most, Function<String, T> parse) throws ConfigurationException {
        if (!has(key)) {
            return fallback;
        }
        Node node = valueNode(key);
        if (!(node instanceof SequenceNode sequence)) {
            throw error(lineOf(node), qualified(key), "expected a list such as [a, b]");
        }
        if (sequence.getValue().size() > most) {
            throw error(lineOf(node), qualified(key), "at most " + most + " entries");
        }
        List<T> values = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            if (!(item instanceof ScalarNode scalar)) {
                throw error(lineOf(item), qualified(key), "every entry is a word");
            }
            try {
                values.add(parse.apply(scalar.getValue()));
            } catch (IllegalArgumentException e) {
                throw error(
                        lineOf(item),
                        qualified(key) + " = " + shown(scalar.getValue()),
                        String.valueOf(e.getMessage()));
            }
        }
        return List.copyOf(values);
    }

    /** To be called when every known key has been asked for. */
    void refuseUnknownKeys() throws ConfigurationException {
        for (var entry : entries.entrySet()) {
            if (!known.contains(entry.getKey())) {
                throw error(
                        lineOf(entry.getValue().getKeyNode()),
                        qualified(entry.getKey()),
                        "unknown key" + NearestWord.hint(entry.getKey(), known) + "; known here: "
                                + String.join(", ", known));
            }
        }
    }

    /** An error about a key whose value only another part of the program could judge. */
    ConfigurationException about(String key, String rule) {
        NodeTuple tuple = entries.get(key);
        return error(tuple == null ? line : lineOf(tuple.getKeyNode()), qualified(key), rule);
    }

    private Optional<ScalarNode> scalar(String key) throws ConfigurationException {
        if (!has(key)) {
            return Optional.empty();
        }
        Node node = valueNode(key);
        if (!(node instanceof ScalarNode scalar)) {
            throw error(lineOf(node), qualified(key), "expected one value, got a list or a nested block");
        }
        return Optional.of(scalar);
    }

    private Node valueNode(String key) {
        NodeTuple tuple = entries.get(key);
        if (tuple == null) {
            throw new IllegalStateException("asked for the absent key " + key);
        }
        return tuple.getValueNode();
    }

    private String qualified(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private ConfigurationException error(int atLine, String what, String rule) {
        return new ConfigurationException(file + ":" + atLine + ": " + what + ": " + rule);
    }

    private static <T> T requireThat(boolean holds, T value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
        return value;
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"))
                && scalar.isPlain();
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static String shown(String value) {
        String line = value.replaceAll("\\s+", " ");
        return line.length() > 60 ? line.substring(0, 60) + "..." : line;
    }

    private static String written(Duration duration) {
        if (duration.toMillis() % 1000 != 0) {
            return duration.toMillis() + " ms";
        }
        if (duration.toHours() >= 48) {
            return duration.toDays() + " d";
        }
        return duration.toSeconds() >= 600 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }
}
