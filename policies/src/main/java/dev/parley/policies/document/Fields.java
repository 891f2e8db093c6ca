package dev.parley.policies.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One block of {@code key: value} lines, read key by key. Keys that nobody has asked for are refused by
 * {@link #refuseOthers}, with the nearest known one.
 */
public final class Fields {
    private final Yaml.Mapping mapping;
    private final String what;
    private final TreeSet<String> known = new TreeSet<>();

    /** @param what the block is, for errors, such as "a policy" */
    private Fields(Yaml.Mapping mapping, String what) {
        this.mapping = mapping;
        this.what = what;
    }

    /** @throws RefusedException if the value is no block */
    public static Fields of(Yaml value, String what) throws RefusedException {
        if (!(value instanceof Yaml.Mapping mapping)) {
            throw new RefusedException(value.place(), what + " is a block of 'key: value' lines, got " + value.kind());
        }
        return new Fields(mapping, what);
    }

    public Place place() {
        return mapping.place();
    }

    /** What was given for the key, if anything was. */
    public Optional<Yaml> get(String key) {
        known.add(key);
        Yaml.Entry entry = mapping.entries().get(key);
        return entry == null || (entry.value() instanceof Yaml.Scalar scalar && scalar.absent())
                ? Optional.empty()
                : Optional.of(entry.value());
    }

    /** @throws RefusedException if nothing was given */
    public Yaml require(String key) throws RefusedException {
        Optional<Yaml> value = get(key);
        if (value.isEmpty()) {
            throw new RefusedException(place(), what + " needs '" + key + "'");
        }
        return value.get();
    }

    /** A word or text. */
    public Yaml.Scalar requireScalar(String key) throws RefusedException {
        return scalar(require(key), "'" + key + "'");
    }

    /** A word or text, if anything was given. */
    public Optional<Yaml.Scalar> scalar(String key) throws RefusedException {
        Optional<Yaml> value = get(key);
        return value.isEmpty() ? Optional.empty() : Optional.of(scalar(value.get(), "'" + key + "'"));
    }

    /** Text, or the empty one. */
    public String text(String key) throws RefusedException {
        return scalar(key).map(Yaml.Scalar::value).orElse("");
    }

    /** A list; empty if nothing was given. */
    public List<Yaml> items(String key) throws RefusedException {
        Optional<Yaml> value = get(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof Yaml.Items items)) {
            throw new RefusedException(
                    value.get().place(),
                    "'" + key + "' is a list, got " + value.get().kind());
        }
        return items.values();
    }

    /** A nested block, if anything was given. */
    public Optional<Fields> block(String key) throws RefusedException {
        Optional<Yaml> value = get(key);
        return value.isEmpty() ? Optional.empty() : Optional.of(of(value.get(), "'" + key + "'"));
    }

    /** The keys as they were given, each with its value; all of them count as known. */
    public Map<String, Yaml.Entry> entries() {
        known.addAll(mapping.entries().keySet());
        return new LinkedHashMap<>(mapping.entries());
    }

    /** To be called when every key has been asked for. */
    public void refuseOthers() throws RefusedException {
        List<RefusedException.Problem> problems = new ArrayList<>();
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.add(new RefusedException.Problem(
                        entry.key(),
                        what + " has no key '" + shown(key) + "'" + NearestWord.hint(key, known) + "; it takes "
                                + String.join(", ", known)));
            }
        });
        if (!problems.isEmpty()) {
            throw new RefusedException(problems);
        }
    }

    /** @throws RefusedException if it is a list or a block */
    public static Yaml.Scalar scalar(Yaml value, String what) throws RefusedException {
        if (!(value instanceof Yaml.Scalar scalar)) {
            throw new RefusedException(value.place(), what + " is one value, got " + value.kind());
        }
        return scalar;
    }

    /** One of a few words. */
    public static <T> T choice(Yaml.Scalar scalar, Map<String, T> words) throws RefusedException {
        T chosen = words.get(scalar.value());
        if (chosen == null) {
            throw new RefusedException(
                    scalar.place(),
                    "'" + shown(scalar.value()) + "' is not one of " + String.join(", ", words.keySet())
                            + NearestWord.hint(scalar.value(), words.keySet()));
        }
        return chosen;
    }

    /** As much of a value as an error shows. */
    public static String shown(String value) {
        String line = value.replaceAll("[\\s\\p{Cntrl}]+", " ");
        return line.length() > 60 ? line.substring(0, 60) + "..." : line;
    }
}
