package dev.parley.learning.record;

import dev.parley.learning.record.RecordSource.CsvRows;
import dev.parley.learning.record.RecordSource.IdxPair;
import dev.parley.learning.yaml.YamlException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@code dataset.yaml} says: which files hold a site's records, and how they become records of one schema. The
 * format is described in docs/DATASETS.md. Reading a manifest opens no data file; {@link #load} does.
 */
public final class DatasetManifest {
    private final String name;
    private final Path folder;
    private final RecordSource records;
    private final RecordSchema schema;
    private final SplitRule split;

    DatasetManifest(String name, Path folder, RecordSource records, List<String> classes, SplitRule split) {
        this.name = name;
        this.folder = folder;
        this.records = records;
        this.schema = new RecordSchema(records.modalities(), classes);
        this.split = split;
    }

    /**
     * Reads a manifest. Its paths start at its own folder, unless it says {@code folder}.
     *
     * @throws DatasetException with one line that names the file, the line, the key and the rule
     */
    public static DatasetManifest read(Path file) throws DatasetException {
        Path parent = file.toAbsolutePath().getParent();
        return parse(file.toString(), text(file), parent == null ? Path.of("/") : parent);
    }

    /**
     * Reads a manifest that does not lie beside its records, such as one that is shipped with the product.
     *
     * @param name how errors name it
     * @param yaml its text
     * @param folder where its relative paths start
     * @throws DatasetException with one line that names the manifest, the line, the key and the rule
     */
    public static DatasetManifest parse(String name, String yaml, Path folder) throws DatasetException {
        try {
            return ManifestParser.parse(name, yaml, folder);
        } catch (YamlException e) {
            throw new DatasetException(String.valueOf(e.getMessage()));
        }
    }

    static String text(Path file) throws DatasetException {
        if (Files.isDirectory(file)) {
            throw new DatasetException(file + ": expected a data manifest, got a folder; name its dataset.yaml");
        }
        try {
            long bytes = Files.size(file);
            if (bytes > Limits.MANIFEST_BYTES) {
                throw new DatasetException(
                        file + ": expected a manifest of at most " + Limits.MANIFEST_BYTES + " bytes, got " + bytes);
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new DatasetException(
                    file + ": expected a data manifest (dataset.yaml), got no file; see docs/DATASETS.md");
        } catch (CharacterCodingException e) {
            throw new DatasetException(file + ": expected text in UTF-8, got bytes that are not");
        } catch (IOException e) {
            throw new DatasetException(
                    file + ": cannot be read: " + e.getClass().getSimpleName());
        }
    }

    /** Modalities in the manifest's order, and classes. */
    public RecordSchema schema() {
        return schema;
    }

    /** How the records are to be divided; see {@link SubjectSplit}. */
    public SplitRule split() {
        return split;
    }

    /**
     * Loads and harmonises all records, those of withdrawn subjects as well: they keep the split stable, and whoever
     * uses records selects by consent. The order is that of the source, on any number of cores.
     *
     * @throws DatasetException if a file or a column is missing or a file breaks a rule as a whole, if a subject occurs
     *     at two sites, if no record is left, or with {@link Strictness#STRICT} if any row breaks a rule
     */
    public LoadedDataset load(Strictness strictness) throws DatasetException {
        DataFolder opened = DataFolder.open(folder);
        List<Outcome> outcomes = switch (records) {
            case CsvRows rows -> CsvRecords.load(opened, rows);
            case IdxPair pair -> IdxRecords.load(opened, pair, schema.classes().size());
        };
        List<SiteRecord> loaded = new ArrayList<>();
        List<RowFault> faults = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            switch (outcome) {
                case Outcome.Loaded usable -> loaded.add(usable.record());
                case Outcome.Refused refused -> faults.add(refused.fault());
            }
        }
        if (strictness == Strictness.STRICT && !faults.isEmpty()) {
            throw new DatasetException(faults.getFirst().reason() + "; " + faults.size()
                    + (faults.size() == 1 ? " row breaks" : " rows break") + " a rule, and loading is strict");
        }
        if (loaded.isEmpty()) {
            throw new DatasetException(name + ": expected at least one usable record, got "
                    + (faults.isEmpty()
                            ? "no row" + only()
                            : faults.size() + " rows that break a rule, first: "
                                    + faults.getFirst().reason()));
        }
        return new LoadedDataset(new Dataset(schema, loaded), Quarantine.of(faults));
    }

    private String only() {
        return records instanceof CsvRows rows && rows.onlySite() != null
                ? " of the site '" + rows.onlySite() + "' (only-site)"
                : "";
    }

    @Override
    public String toString() {
        return "DatasetManifest[" + name + "]";
    }
}
