package dev.parley.learning.record;

import dev.parley.learning.record.RecordSource.ConsentRule;
import dev.parley.learning.record.RecordSource.CsvRows;
import dev.parley.learning.record.RecordSource.ExcerptColumns;
import dev.parley.learning.record.RecordSource.Fixed;
import dev.parley.learning.record.RecordSource.IdxPair;
import dev.parley.learning.record.RecordSource.TimeColumn;
import dev.parley.learning.yaml.YamlException;
import dev.parley.learning.yaml.YamlMapping;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a manifest outside its modalities. A top-level key that the manifest does not have is taken whole from
 * the included one.
 */
final class ManifestParser {
    static final String FORMAT = "parley-dataset-1";
    private static final Set<String> TOP_LEVEL = Set.of(
            "format",
            "include",
            "folder",
            "classes",
            "records",
            "columns",
            "only-site",
            "consent",
            "modalities",
            "split");
    private static final Pattern GLOB = Pattern.compile("[A-Za-z0-9_*][A-Za-z0-9._*-]{0,199}");
    private static final int MOST_CLASSES = 1000;
    private static final int LONGEST_NAME = 200;
    private static final long MOST_CLOCK_SECONDS = 400L * 366 * 86_400;

    private final YamlMapping own;
    private final @Nullable YamlMapping included;
    private final Path includedFolder;

    private ManifestParser(YamlMapping own, @Nullable YamlMapping included, Path includedFolder) {
        this.own = own;
        this.included = included;
        this.includedFolder = includedFolder;
    }

    static DatasetManifest parse(String name, String yaml, Path folder) throws YamlException, DatasetException {
        YamlMapping own = opened(name, yaml);
        Optional<Path> include = own.optional("include", value -> folder.resolve(path(value)));
        if (include.isEmpty()) {
            return new ManifestParser(own, null, folder).manifest(name, folder);
        }
        Path file = include.get().normalize();
        YamlMapping included = opened(file.toString(), DatasetManifest.text(file));
        if (included.has("include")) {
            throw included.refusal(
                    "include", "an included manifest may not include another; include that one directly");
        }
        Path parent = file.toAbsolutePath().getParent();
        return new ManifestParser(own, included, parent == null ? folder : parent).manifest(name, folder);
    }

    private static YamlMapping opened(String name, String yaml) throws YamlException {
        YamlMapping mapping = YamlMapping.parse(name, yaml);
        mapping.required("format", value -> {
            if (!value.equals(FORMAT)) {
                throw new IllegalArgumentException("expected " + FORMAT);
            }
            return value;
        });
        mapping.allow(TOP_LEVEL);
        mapping.refuseUnknownKeys();
        return mapping;
    }

    private YamlMapping where(String key) {
        return included == null || own.has(key) ? own : included;
    }

    private DatasetManifest manifest(String name, Path folder) throws YamlException {
        List<String> classes = classes();
        YamlMapping records = where("records").block("records");
        if (records.keys().size() != 1 || !(records.has("csv") || records.has("idx"))) {
            throw where("records")
                    .refusal("records", "expected either {csv: FILE} or {idx: {images: GLOB, labels: GLOB}}");
        }
        RecordSource source = records.has("csv") ? csvRows(records, classes) : idxPair(records);
        return new DatasetManifest(name, dataFolder(folder), source, classes, split());
    }

    private YamlMapping modalities() throws YamlException {
        return where("modalities").block("modalities");
    }

    private Path dataFolder(Path folder) throws YamlException {
        if (own.has("folder") || included == null) {
            return own.path("folder", folder, folder);
        }
        return included.path("folder", includedFolder, includedFolder);
    }

    private List<String> classes() throws YamlException {
        YamlMapping mapping = where("classes");
        List<String> classes = mapping.list("classes", ManifestParser::name);
        if (classes.size() < 2 || classes.size() > MOST_CLASSES) {
            throw mapping.refusal("classes", "expected 2 to " + MOST_CLASSES + " classes, got " + classes.size());
        }
        if (new HashSet<>(classes).size() != classes.size()) {
            throw mapping.refusal("classes", "expected each class once");
        }
        return classes;
    }

    private RecordSource csvRows(YamlMapping records, List<String> classes) throws YamlException {
        YamlMapping columns = where("columns").block("columns");
        YamlMapping label = columns.block("label");
        Optional<String> onlySite = where("only-site").optional("only-site", ManifestParser::siteName);
        CsvRows rows = new CsvRows(
                records.required("csv", ManifestParser::relative),
                columns.optional("id", ManifestParser::name).orElse(null),
                columns.required("subject", ManifestParser::name),
                fixed(columns),
                label.required("column", ManifestParser::name),
                labels(label, classes),
                columns.has("time") ? time(columns.block("time")) : null,
                columns.has("excerpt") ? excerpt(columns.block("excerpt")) : null,
                onlySite.orElse(null),
                consent(),
                ModalityParser.parse(modalities()));
        label.refuseUnknownKeys();
        columns.refuseUnknownKeys();
        if (rows.onlySite() != null && rows.site() instanceof Fixed.Value) {
            throw where("only-site")
                    .refusal("only-site", "needs columns.site: {column: NAME}, to tell rows of other sites apart");
        }
        return rows;
    }

    private static Fixed fixed(YamlMapping columns) throws YamlException {
        YamlMapping site = columns.block("site");
        if (site.keys().size() != 1 || !(site.has("column") || site.has("value"))) {
            throw columns.refusal("site", "expected either {column: NAME} or {value: SITE}");
        }
        return site.has("column")
                ? new Fixed.Column(site.required("column", ManifestParser::name))
                : new Fixed.Value(site.required("value", ManifestParser::siteName));
    }

    private static Map<String, Integer> labels(YamlMapping label, List<String> classes) throws YamlException {
        Map<String, Integer> labels = new LinkedHashMap<>();
        if (!label.has("values")) {
            classes.forEach(name -> labels.put(name, labels.size()));
            return labels;
        }
        YamlMapping values = label.block("values");
        if (values.keys().isEmpty()) {
            throw label.refusal(
                    "values", "expected what each cell stands for, such as {'0': " + classes.getFirst() + "}");
        }
        for (String cell : values.keys()) {
            labels.put(cell.strip(), values.required(cell, value -> {
                if (!classes.contains(value)) {
                    throw new IllegalArgumentException("expected one of the classes " + classes);
                }
                return classes.indexOf(value);
            }));
        }
        return labels;
    }

    private static TimeColumn time(YamlMapping time) throws YamlException {
        TimeColumn column = new TimeColumn(
                time.required("column", ManifestParser::name),
                time.optional("format", value -> switch (value) {
                            case "iso" -> TimeFormat.ISO;
                            case "epoch-seconds" -> TimeFormat.EPOCH_SECONDS;
                            default -> throw new IllegalArgumentException("allowed are iso and epoch-seconds");
                        })
                        .orElse(TimeFormat.ISO),
                seconds(time.number("offset-seconds", 0, -MOST_CLOCK_SECONDS, MOST_CLOCK_SECONDS)),
                seconds(time.number("uncertainty-seconds", 0, 0, MOST_CLOCK_SECONDS)));
        time.refuseUnknownKeys();
        return column;
    }

    private static ExcerptColumns excerpt(YamlMapping excerpt) throws YamlException {
        ExcerptColumns columns = new ExcerptColumns(
                excerpt.required("recording", ManifestParser::name),
                excerpt.required("start-seconds", ManifestParser::name),
                excerpt.required("label-share", ManifestParser::name));
        excerpt.refuseUnknownKeys();
        return columns;
    }

    private static Duration seconds(double seconds) {
        long whole = (long) Math.floor(seconds);
        return Duration.ofSeconds(whole, Math.round((seconds - whole) * 1e9));
    }

    private RecordSource idxPair(YamlMapping records) throws YamlException {
        YamlMapping idx = records.block("idx");
        YamlMapping columns = where("columns").block("columns");
        String site = "pool";
        if (columns.has("site")) {
            YamlMapping block = columns.block("site");
            site = block.required("value", ManifestParser::siteName);
            block.refuseUnknownKeys();
        }
        columns.refuseUnknownKeys();
        if (where("only-site").has("only-site")) {
            throw where("only-site").refusal("only-site", "needs records: {csv: FILE}");
        }
        if (!(consent() instanceof ConsentRule.Everyone everyone)) {
            throw where("consent").refusal("consent", "expected {purposes: [research]}, as IDX files have no columns");
        }
        IdxPair pair = new IdxPair(
                idx.required("images", ManifestParser::glob),
                idx.required("labels", ManifestParser::glob),
                site,
                everyone.purposes(),
                ModalityParser.parseOnlyImage(modalities()));
        idx.refuseUnknownKeys();
        return pair;
    }

    private ConsentRule consent() throws YamlException {
        YamlMapping consent = where("consent").block("consent");
        if (consent.keys().size() != 1 || !(consent.has("purposes") || consent.has("column"))) {
            throw where("consent")
                    .refusal(
                            "consent",
                            "expected {purposes: [research]}, which holds for every record, or {column: NAME}");
        }
        return consent.has("purposes")
                ? new ConsentRule.Everyone(Set.copyOf(new HashSet<>(consent.list("purposes", ManifestParser::purpose))))
                : new ConsentRule.Column(consent.required("column", ManifestParser::name));
    }

    private SplitRule split() throws YamlException {
        YamlMapping split = where("split").block("split");
        double heldOut = split.number("held-out", 0, 0, 0.9);
        long seed = split.whole("seed", 1, Long.MIN_VALUE, Long.MAX_VALUE);
        split.refuseUnknownKeys();
        return new SplitRule(heldOut, seed);
    }

    /** A name of a column or class: one line of text. */
    static String name(String value) {
        if (value.isBlank() || value.length() > LONGEST_NAME || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("expected one line of 1 to " + LONGEST_NAME + " characters");
        }
        return value.strip();
    }

    private static String siteName(String value) {
        return matching(
                value,
                CsvRecords.SITE_NAME,
                "expected 1 to 63 letters, digits, '.', '_' and '-', a letter or digit first");
    }

    private static String purpose(String value) {
        return matching(value, ConsentReader.PURPOSE, "expected a word such as research or quality-control");
    }

    private static String matching(String value, Pattern pattern, String rule) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(rule);
        }
        return value;
    }

    private static Path path(String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a path: " + e.getReason(), e);
        }
    }

    /** A file below the data folder. */
    static String relative(String value) {
        Path path = path(name(value));
        for (Path part : path) {
            if (path.isAbsolute() || part.toString().equals("..")) {
                throw new IllegalArgumentException("expected a path inside the data folder, without '..'");
            }
        }
        return value;
    }

    private static String glob(String value) {
        return matching(
                value, GLOB, "expected the name of a file directly in the data folder, with '*' for any characters");
    }
}
