package dev.parley.agent.configuration;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
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

/** One block of a YAML file, read key by key; a key that nobody has asked for is refused. */
final class YamlMapping {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_SHOWN = 60;

    private final String file;
    private final String path;
    private final int line;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();

    private YamlMapping(String file, String path, int line, List<NodeTuple> tuples) throws ConfigurationException {
        this.file = file;
        this.path = path;
        this.line = line;
        for (NodeTuple tuple : tuples) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw error(lineOf(tuple.getKeyNode()), path, "a key is a plain word");
            }
            if (entries.put(key.getValue(), tuple) != null) {
                throw error(lineOf(key), qualified(key.getValue()), "the key is given twice; keep one");
            }
        }
    }

    /** @param file how errors name the file */
    static YamlMapping parse(String file, String text) throws ConfigurationException {
        if (text.length() > MAX_CHARACTERS) {
            throw new ConfigurationException(file + ": " + text.length() + " characters, at most " + MAX_CHARACTERS);
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setMaxAliasesForCollections(0)
                .build();
        try {
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty()) {
                return new YamlMapping(file, "", 1, List.of());
            }
            if (root.get() instanceof MappingNode mapping) {
                return new YamlMapping(file, "", 1, mapping.getValue());
            }
            throw new ConfigurationException(file + ":1: expected 'key: value' lines");
        } catch (MarkedYamlEngineException e) {
            String place =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw new ConfigurationException(file + place + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigurationException(file + ": not valid YAML: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /** A nested block; without keys when absent. */
    YamlMapping block(String key) throws ConfigurationException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return new YamlMapping(file, qualified(key), line, List.of());
        }
        if (node.get() instanceof MappingNode mapping) {
            return new YamlMapping(file, qualified(key), lineOf(mapping), mapping.getValue());
        }
        throw error(lineOf(node.get()), qualified(key), "expected a nested block of 'key: value' lines");
    }

    /** A value that must be given; {@code parse} throws IllegalArgumentException with the rule. */
    <T> T required(String key, Function<String, T> parse) throws ConfigurationException {
        Optional<T> value = optional(key, parse);
        if (value.isEmpty()) {
            throw error(line, qualified(key), "is missing and has no default");
        }
        return value.get();
    }

    <T> Optional<T> optional(String key, Function<String, T> parse) throws ConfigurationException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(scalar(node.get(), key, parse));
    }

    /** A list, {@code [a, b]} or one entry per line. */
    <T> Set<T> set(String key, Set<T> otherwise, Function<String, T> parse) throws ConfigurationException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return otherwise;
        }
        if (!(node.get() instanceof SequenceNode sequence)) {
            throw error(lineOf(node.get()), qualified(key), "expected a list such as [a, b]");
        }
        Set<T> values = new LinkedHashSet<>();
        for (Node item : sequence.getValue()) {
            values.add(scalar(item, key, parse));
        }
        return values;
    }

    boolean flag(String key, boolean otherwise) throws ConfigurationException {
        return optional(key, value -> switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("allowed are true and false");
                })
                .orElse(otherwise);
    }

    long whole(String key, long otherwise, long least, long most) throws ConfigurationException {
        String rule = "expected a whole number from " + least + " to " + most;
        return optional(key, value -> {
                    long number;
                    try {
                        number = Long.parseLong(value.replace("_", ""));
                    } catch (NumberFormatException e) {
                        throw new IllegalArgumentException(rule, e);
                    }
                    if (number < least || number > most) {
                        throw new IllegalArgumentException(rule);
                    }
                    return number;
                })
                .orElse(otherwise);
    }

    /** A path; a relative one starts at {@code base}. */
    Path path(String key, @Nullable Path otherwise, Path base) throws ConfigurationException {
        Function<String, Path> parse = value -> {
            try {
                if (!value.isBlank()) {
                    return base.resolve(value).normalize();
                }
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("not a path: " + e.getReason(), e);
            }
            throw new IllegalArgumentException("expected a path");
        };
        return otherwise == null ? required(key, parse) : optional(key, parse).orElse(otherwise);
    }

    /** To be called when every known key has been asked for. */
    void refuseUnknownKeys() throws ConfigurationException {
        List<String> unknown = new ArrayList<>(entries.keySet());
        unknown.removeAll(known);
        for (String key : unknown) {
            NodeTuple tuple = entries.get(key);
            if (tuple != null) {
                throw error(
                        lineOf(tuple.getKeyNode()),
                        qualified(key),
                        "unknown key; known here: " + String.join(", ", known));
            }
        }
    }

    private Optional<Node> node(String key) {
        known.add(key);
        NodeTuple tuple = entries.get(key);
        if (tuple == null) {
            return Optional.empty();
        }
        Node value = tuple.getValueNode();
        boolean empty = value instanceof ScalarNode scalar
                && scalar.isPlain()
                && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"));
        return empty ? Optional.empty() : Optional.of(value);
    }

    private <T> T scalar(Node node, String key, Function<String, T> parse) throws ConfigurationException {
        if (!(node instanceof ScalarNode scalar)) {
            throw error(lineOf(node), qualified(key), "expected one value, got a list or a nested block");
        }
        try {
            return parse.apply(scalar.getValue());
        } catch (IllegalArgumentException e) {
            throw error(
                    lineOf(node), qualified(key) + " = " + shown(scalar.getValue()), String.valueOf(e.getMessage()));
        }
    }

    private String qualified(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private ConfigurationException error(int atLine, String what, String rule) {
        return new ConfigurationException(file + ":" + atLine + ": " + what + ": " + rule);
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static String shown(String value) {
        String oneLine = value.replaceAll("\\s+", " ");
        return oneLine.length() > MAX_SHOWN ? oneLine.substring(0, MAX_SHOWN) + "..." : oneLine;
    }
}
