package dev.parley.learning.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads one mapping of a configuration document key by key, remembers what it was asked for, and refuses what nobody
 * asked for: a misspelt key is an error, not a silent default. A known key without a value has its default.
 */
public final class ConfigurationReader {
    private static final int MAX_QUOTED = 200;

    private final String path;
    private final Map<String, Object> tree;
    private final TreeSet<String> given = new TreeSet<>();
    private final TreeSet<String> known = new TreeSet<>();

    /**
     * @param path how errors name this mapping; empty for a whole document
     * @param tree maps, lists, strings, numbers and booleans as a YAML or JSON reader gives them; null values count as absent
     */
    public ConfigurationReader(String path, Map<?, ?> tree) {
        this.path = path;
        this.tree = new LinkedHashMap<>();
        tree.forEach((key, value) -> {
            given.add(String.valueOf(key));
            if (value != null) {
                this.tree.put(String.valueOf(key), value);
            }
        });
    }

    /** Whether the key is there; it counts as read. */
    public boolean has(String key) {
        known.add(key);
        return tree.containsKey(key);
    }

    /** Every key, in the document's order. */
    public List<String> keys() {
        return List.copyOf(tree.keySet());
    }

    /** The mapping under a key; empty if absent. */
    public ConfigurationReader section(String key) {
        known.add(key);
        return asSection(at(key), tree.getOrDefault(key, Map.of()));
    }

    /** The mapping under a key as it is, for whoever reads it; empty if absent. */
    public Map<String, Object> mapping(String key) {
        return java.util.Collections.unmodifiableMap(section(key).tree);
    }

    /** A list of mappings; required. */
    public List<ConfigurationReader> sections(String key) {
        List<ConfigurationReader> sections = new ArrayList<>();
        int index = 0;
        for (Object item : list(key)) {
            sections.add(asSection(at(key) + "[" + index++ + "]", item));
        }
        return sections;
    }

    /** A finite number within bounds, both inclusive. */
    public double number(String key, double fallback, double minimum, double maximum) {
        known.add(key);
        if (!tree.containsKey(key)) {
            return fallback;
        }
        Object value = tree.get(key);
        String allowed = "a number from " + plain(minimum) + " to " + plain(maximum);
        if (!(value instanceof Number number)) {
            throw refuse(key, allowed);
        }
        double read = number.doubleValue();
        // Written so that NaN is refused too.
        if (!(read >= minimum && read <= maximum)) {
            throw refuse(key, allowed);
        }
        return read;
    }

    /** A whole number within bounds, both inclusive. */
    public int integer(String key, int fallback, int minimum, int maximum) {
        known.add(key);
        if (!tree.containsKey(key)) {
            return fallback;
        }
        Object value = tree.get(key);
        if (!(value instanceof Number number)
                || number.doubleValue() != Math.rint(number.doubleValue())
                || number.doubleValue() < minimum
                || number.doubleValue() > maximum) {
            throw refuse(key, "a whole number from " + minimum + " to " + maximum);
        }
        return number.intValue();
    }

    /** A whole number that has no default. */
    public int requiredInteger(String key, int minimum, int maximum) {
        require(key, "a whole number from " + minimum + " to " + maximum);
        return integer(key, minimum, minimum, maximum);
    }

    /** A number that has no default. */
    public double requiredNumber(String key) {
        require(key, "a number");
        return number(key, 0, -Double.MAX_VALUE, Double.MAX_VALUE);
    }

    /** True or false. */
    public boolean flag(String key, boolean fallback) {
        known.add(key);
        if (!tree.containsKey(key)) {
            return fallback;
        }
        if (tree.get(key) instanceof Boolean read) {
            return read;
        }
        throw refuse(key, "true or false");
    }

    /** A text that has no default. */
    public String text(String key) {
        require(key, "text");
        if (tree.get(key) instanceof String read) {
            return read;
        }
        throw refuse(key, "text");
    }

    /** A word of a fixed set; case does not matter. */
    public String choice(String key, String fallback, List<String> allowed) {
        known.add(key);
        if (!tree.containsKey(key)) {
            return fallback;
        }
        String read = String.valueOf(tree.get(key)).toLowerCase(Locale.ROOT);
        for (String candidate : allowed) {
            if (candidate.equals(read)) {
                return candidate;
            }
        }
        throw refuse(key, "one of " + String.join(", ", allowed));
    }

    /** A constant of an enumeration, written in lower case. */
    public <E extends Enum<E>> E choice(String key, E fallback) {
        E[] constants = fallback.getDeclaringClass().getEnumConstants();
        List<String> allowed = Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        String read = choice(key, fallback.name().toLowerCase(Locale.ROOT), allowed);
        return constants[allowed.indexOf(read)];
    }

    /** A list of text; required. */
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Object item : list(key)) {
            if (!(item instanceof String text)) {
                throw refuse(key, "a list of text");
            }
            texts.add(text);
        }
        return texts;
    }

    /** A list of whole numbers, each within bounds, both inclusive; empty if absent. */
    public List<Integer> integers(String key, int minimum, int maximum) {
        if (!has(key)) {
            return List.of();
        }
        List<Integer> integers = new ArrayList<>();
        for (Object item : list(key)) {
            if (!(item instanceof Integer number) || number < minimum || number > maximum) {
                throw refuse(key, "a list of whole numbers from " + minimum + " to " + maximum);
            }
            integers.add(number);
        }
        return integers;
    }

    /** A list of lists of text; empty if absent. */
    public List<List<String>> textLists(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<List<String>> lists = new ArrayList<>();
        for (Object item : list(key)) {
            if (!(item instanceof List<?> inner) || !inner.stream().allMatch(String.class::isInstance)) {
                throw refuse(key, "a list of lists of text");
            }
            lists.add(inner.stream().map(String.class::cast).toList());
        }
        return lists;
    }

    /** Call after the last read. */
    public void refuseUnknownKeys() {
        for (String key : given) {
            if (!known.contains(key)) {
                throw new LearningConfigurationException(
                        at(key), "an unknown setting", "one of " + String.join(", ", known));
            }
        }
    }

    /** What to throw for a value that breaks a rule that this reader does not know. */
    public LearningConfigurationException refuse(String key, String allowed) {
        Object value = tree.get(key);
        return new LearningConfigurationException(at(key), value == null ? "nothing" : quoted(value), allowed);
    }

    /** The path of a key, as errors name it. */
    public String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private void require(String key, String allowed) {
        if (!has(key)) {
            throw refuse(key, allowed);
        }
    }

    private List<?> list(String key) {
        require(key, "a list");
        if (tree.get(key) instanceof List<?> list) {
            return list;
        }
        throw refuse(key, "a list");
    }

    private static ConfigurationReader asSection(String at, Object value) {
        if (value instanceof Map<?, ?> map) {
            return new ConfigurationReader(at, map);
        }
        throw new LearningConfigurationException(at, quoted(value), "a mapping of settings");
    }

    /** A value as a message shows it: whoever sent the document does not decide how long that is. */
    private static String quoted(Object value) {
        String text = String.valueOf(value);
        return text.length() <= MAX_QUOTED ? "'" + text + "'" : "'" + text.substring(0, MAX_QUOTED) + "...'";
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e9
                ? Long.toString((long) bound)
                : Double.toString(bound);
    }
}
