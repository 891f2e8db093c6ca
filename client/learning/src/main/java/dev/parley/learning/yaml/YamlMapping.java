package dev.parley.learning.yaml;

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
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One block of a YAML file, read key by key; a key that nobody has asked for is refused. Keys without a value count as
 * absent. Aliases of collections, duplicate keys and files above 1 MiB are refused.
 *
 * <p>A {@code parse} argument turns the text of one value into a typed value and throws IllegalArgumentException with
 * the rule that the text breaks; the error then names file, line and key as well. Not thread-safe.
 */
public final class YamlMapping {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_SHOWN = 60;
    private static final int MAX_DEPTH = 32;

    private final String file;
    private final String path;
    private final int line;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();

    private YamlMapping(String file, String path, int line, List<NodeTuple> tuples) throws YamlException {
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

    /**
     * @param file how errors name the file
     * @throws YamlException if the text is not YAML, or not a block of {@code key: value} lines
     */
    public static YamlMapping parse(String file, String text) throws YamlException {
        if (text.length() > MAX_CHARACTERS) {
            throw new YamlException(file + ": " + text.length() + " characters, at most " + MAX_CHARACTERS);
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setMaxAliasesForCollections(0)
                .build();
        try {
            requireShallow(file, new Parse(settings).parseString(text));
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty()) {
                return new YamlMapping(file, "", 1, List.of());
            }
            if (root.get() instanceof MappingNode mapping) {
                return new YamlMapping(file, "", 1, mapping.getValue());
            }
            throw new YamlException(file + ":1: expected 'key: value' lines");
        } catch (MarkedYamlEngineException e) {
            String place =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw new YamlException(file + place + ": not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new YamlException(file + ": not valid YAML: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /** Composing a file takes stack for each level, reading its events does not. */
    private static void requireShallow(String file, Iterable<Event> events) throws YamlException {
        int depth = 0;
        for (Event event : events) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
            if (depth > MAX_DEPTH) {
                throw new YamlException(file + ":"
                        + event.getStartMark()
                                .map(Mark::getLine)
                                .map(line -> line + 1)
                                .orElse(1) + ": expected at most " + MAX_DEPTH
                        + " levels of lists and blocks, got more");
            }
        }
    }

    /** A nested block; without keys when absent. */
    public YamlMapping block(String key) throws YamlException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return new YamlMapping(file, qualified(key), line, List.of());
        }
        if (node.get() instanceof MappingNode mapping) {
            return new YamlMapping(file, qualified(key), lineOf(mapping), mapping.getValue());
        }
        throw error(lineOf(node.get()), qualified(key), "expected a nested block of 'key: value' lines");
    }

    /** The nested blocks of a list, in order; at least one. */
    public List<YamlMapping> blocks(String key) throws YamlException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            throw error(line, qualified(key), "is missing and has no default");
        }
        if (!(node.get() instanceof SequenceNode sequence)
                || sequence.getValue().isEmpty()) {
            throw error(lineOf(node.get()), qualified(key), "expected a list of blocks such as [{name: a}, {name: b}]");
        }
        List<YamlMapping> blocks = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            String itemPath = qualified(key) + "[" + blocks.size() + "]";
            if (!(item instanceof MappingNode mapping)) {
                throw error(lineOf(item), itemPath, "expected a block such as {name: a}");
            }
            blocks.add(new YamlMapping(file, itemPath, lineOf(mapping), mapping.getValue()));
        }
        return blocks;
    }

    /** The keys of this block in the order of the file; they count as asked for. */
    public List<String> keys() {
        known.addAll(entries.keySet());
        return List.copyOf(entries.keySet());
    }

    /** Whether the key is there and has a value. */
    public boolean has(String key) {
        return node(key).isPresent();
    }

    /** Declares keys that this block may have although they are not read from it. */
    public void allow(Set<String> keys) {
        known.addAll(keys);
    }

    /** An error at this key, for a rule that the reader of the file checks. */
    public YamlException refusal(String key, String rule) {
        NodeTuple tuple = entries.get(key);
        return error(tuple == null ? line : lineOf(tuple.getKeyNode()), qualified(key), rule);
    }

    /** An error about this block as a whole. */
    public YamlException refusal(String rule) {
        return error(line, path.isEmpty() ? "the file" : path, rule);
    }

    /** A value that must be given; {@code parse} throws IllegalArgumentException with the rule. */
    public <T> T required(String key, Function<String, T> parse) throws YamlException {
        Optional<T> value = optional(key, parse);
        if (value.isEmpty()) {
            throw error(line, qualified(key), "is missing and has no default");
        }
        return value.get();
    }

    /** A value that may be absent. */
    public <T> Optional<T> optional(String key, Function<String, T> parse) throws YamlException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(scalar(node.get(), key, parse));
    }

    /** A list, {@code [a, b]} or one entry per line, in order; at least one entry. */
    public <T> List<T> list(String key, Function<String, T> parse) throws YamlException {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            throw error(line, qualified(key), "is missing and has no default");
        }
        if (!(node.get() instanceof SequenceNode sequence)
                || sequence.getValue().isEmpty()) {
            throw error(lineOf(node.get()), qualified(key), "expected a list such as [a, b]");
        }
        List<T> values = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            values.add(scalar(item, key, parse));
        }
        return values;
    }

    /** A list, {@code [a, b]} or one entry per line; each value once. */
    public <T> Set<T> set(String key, Set<T> otherwise, Function<String, T> parse) throws YamlException {
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

    /** {@code true} or {@code false}. */
    public boolean flag(String key, boolean otherwise) throws YamlException {
        return optional(key, value -> switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("allowed are true and false");
                })
                .orElse(otherwise);
    }

    /** A whole number within bounds. */
    public long whole(String key, long otherwise, long least, long most) throws YamlException {
        return optional(key, wholeNumber(least, most)).orElse(otherwise);
    }

    /** A whole number within bounds that must be given. */
    public long whole(String key, long least, long most) throws YamlException {
        return required(key, wholeNumber(least, most));
    }

    private static Function<String, Long> wholeNumber(long least, long most) {
        String rule = "expected a whole number from " + least + " to " + most;
        return value -> {
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
        };
    }

    /** A finite number within bounds. */
    public double number(String key, double otherwise, double least, double most) throws YamlException {
        return optional(key, finiteNumber(least, most)).orElse(otherwise);
    }

    /** A finite number within bounds that must be given. */
    public double number(String key, double least, double most) throws YamlException {
        return required(key, finiteNumber(least, most));
    }

    private static Function<String, Double> finiteNumber(double least, double most) {
        String rule = "expected a number from " + shown(least) + " to " + shown(most);
        return value -> {
            double number;
            try {
                number = Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(rule, e);
            }
            if (!(number >= least && number <= most)) {
                throw new IllegalArgumentException(rule);
            }
            return number;
        };
    }

    private static String shown(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e15
                ? Long.toString((long) bound)
                : Double.toString(bound);
    }

    /** A path; a relative one starts at {@code base}. */
    public Path path(String key, @Nullable Path otherwise, Path base) throws YamlException {
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
    public void refuseUnknownKeys() throws YamlException {
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

    private <T> T scalar(Node node, String key, Function<String, T> parse) throws YamlException {
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

    private YamlException error(int atLine, String what, String rule) {
        return new YamlException(file + ":" + atLine + ": " + what + ": " + rule);
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static String shown(String value) {
        String oneLine = value.replaceAll("\\s+", " ");
        return oneLine.length() > MAX_SHOWN ? oneLine.substring(0, MAX_SHOWN) + "..." : oneLine;
    }
}
