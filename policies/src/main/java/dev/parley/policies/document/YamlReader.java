package dev.parley.policies.document;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML 1.2 strictly, and therefore JSON.
 *
 * <p><b>Guarantees</b>: whatever the bytes are, the answer is a tree or a {@link RefusedException}; work and memory are linear
 * in the file's size, which is bounded. Refused are anchors, aliases and tags, keys that are no plain words or are given
 * twice, nesting deeper than {@value #MAX_DEPTH} and more than {@value #MAX_VALUES} values.
 */
public final class YamlReader {
    static final int MAX_CHARACTERS = 1 << 20;
    static final int MAX_DEPTH = 24;
    static final int MAX_VALUES = 50_000;

    private final SourceText source;
    private Iterator<Event> events = Collections.emptyIterator();
    private int values;

    private YamlReader(SourceText source) {
        this.source = source;
    }

    /** As {@link #read(String, int, String)}, from UTF-8. */
    public static List<Yaml> read(String file, byte[] bytes) throws RefusedException {
        try {
            return read(
                    file,
                    1,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new RefusedException(Place.ofFile(file), "not a text file in UTF-8");
        }
    }

    /**
     * All documents of a file; empty ones are left out.
     *
     * @param file how errors name it
     * @param firstLine number of the text's first line, 1 unless it is a part of a file
     * @throws RefusedException at the first thing that is not allowed
     */
    public static List<Yaml> read(String file, int firstLine, String text) throws RefusedException {
        if (text.length() > MAX_CHARACTERS) {
            throw new RefusedException(
                    Place.ofFile(file),
                    "the file has " + text.length() + " characters, at most " + MAX_CHARACTERS + " are read");
        }
        return new YamlReader(SourceText.of(file, firstLine, text)).documents();
    }

    private List<Yaml> documents() throws RefusedException {
        try {
            events = new Parse(LoadSettings.builder().setLabel(source.file()).build())
                    .parseString(source.text())
                    .iterator();
            List<Yaml> documents = new ArrayList<>();
            while (events.hasNext()) {
                if (events.next() instanceof DocumentStartEvent) {
                    Yaml document = value(events.next(), 0);
                    if (!(document instanceof Yaml.Scalar scalar && scalar.absent())) {
                        documents.add(document);
                    }
                }
            }
            return List.copyOf(documents);
        } catch (MarkedYamlEngineException e) {
            throw new RefusedException(place(e.getProblemMark()), "not valid YAML: " + oneLine(e.getProblem()));
        } catch (YamlEngineException e) {
            throw new RefusedException(place(Optional.empty()), "not valid YAML: " + oneLine(e.getMessage()));
        }
    }

    private Yaml value(Event event, int depth) throws RefusedException {
        Place place = place(event.getStartMark());
        if (event instanceof AliasEvent
                || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
            throw new RefusedException(place, "anchors and aliases are not taken; write the value where it applies");
        }
        if (depth > MAX_DEPTH) {
            throw new RefusedException(place, "nested deeper than " + MAX_DEPTH + " levels");
        }
        if (++values > MAX_VALUES) {
            throw new RefusedException(place, "more than " + MAX_VALUES + " values in one file");
        }
        return switch (event) {
            case ScalarEvent scalar -> scalar(scalar, place);
            case SequenceStartEvent sequence -> {
                refuseTag(sequence.getTag(), place);
                yield items(place, depth);
            }
            case MappingStartEvent mapping -> {
                refuseTag(mapping.getTag(), place);
                yield mapping(place, depth);
            }
            default -> throw new RefusedException(place, "a value was expected");
        };
    }

    private Yaml.Scalar scalar(ScalarEvent scalar, Place place) throws RefusedException {
        refuseTag(scalar.getTag(), place);
        String value = scalar.getValue();
        ScalarSource where =
                new ScalarSource(source, codePoint(scalar.getStartMark()), codePoint(scalar.getEndMark()), value);
        return new Yaml.Scalar(value, scalar.isPlain(), place, where);
    }

    private Yaml.Items items(Place place, int depth) throws RefusedException {
        List<Yaml> items = new ArrayList<>();
        Event event = events.next();
        while (!(event instanceof SequenceEndEvent)) {
            items.add(value(event, depth + 1));
            event = events.next();
        }
        return new Yaml.Items(items, place);
    }

    private Yaml.Mapping mapping(Place place, int depth) throws RefusedException {
        LinkedHashMap<String, Yaml.Entry> entries = new LinkedHashMap<>();
        Event event = events.next();
        while (!(event instanceof MappingEndEvent)) {
            if (!(value(event, depth + 1) instanceof Yaml.Scalar key)) {
                throw new RefusedException(place(event.getStartMark()), "a key is a plain word");
            }
            Yaml value = value(events.next(), depth + 1);
            if (entries.put(key.value(), new Yaml.Entry(key.place(), value)) != null) {
                throw new RefusedException(key.place(), "the key '" + key.value() + "' is given twice; keep one");
            }
            event = events.next();
        }
        return new Yaml.Mapping(Collections.unmodifiableSequencedMap(entries), place);
    }

    private static void refuseTag(Optional<String> tag, Place place) throws RefusedException {
        if (tag.isPresent()) {
            throw new RefusedException(place, "tags such as '" + tag.get() + "' are not taken; leave it out");
        }
    }

    private Place place(Optional<Mark> mark) {
        return mark.map(known -> source.place(known.getLine(), known.getColumn()))
                .orElseGet(() -> source.place(0, 0));
    }

    private static int codePoint(Optional<Mark> mark) {
        return mark.map(Mark::getIndex).orElse(0);
    }

    private static String oneLine(@Nullable String message) {
        String line = String.valueOf(message).lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "..." : line;
    }
}
