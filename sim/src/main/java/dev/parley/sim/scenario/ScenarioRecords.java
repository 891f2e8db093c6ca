package dev.parley.sim.scenario;

import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.learning.record.DatasetException;
import dev.parley.learning.record.DatasetManifest;
import dev.parley.learning.record.LoadedDataset;
import dev.parley.learning.record.Quarantine;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.record.SplitRule;
import dev.parley.learning.record.SubjectSplit;
import dev.parley.rounds.SiteName;
import dev.parley.sim.scenario.FederatedSite.DatasetFile;
import dev.parley.sim.scenario.Scenario.HeldOut;
import dev.parley.sim.scenario.Scenario.Partition;
import dev.parley.sim.scenario.Scenario.Records;
import dev.parley.sim.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The records of a run, shared among its sites.
 *
 * @param schema what is learned from
 * @param unused modalities that the records have and this run leaves out
 * @param sites ascending by name; each has at least one record to train on
 * @param evaluation what scores are taken on
 * @param quarantined rows that broke a rule, over all folders
 * @param notes what people should know about the records, a sentence each
 */
public record ScenarioRecords(
        RecordSchema schema,
        Set<String> unused,
        List<FederatedSite> sites,
        Evaluation evaluation,
        int quarantined,
        List<String> notes) {

    public ScenarioRecords {
        unused = Set.copyOf(unused);
        sites = List.copyOf(sites);
        notes = List.copyOf(notes);
    }

    /**
     * Consented records that no site trains on.
     *
     * @param on what they are, for people
     */
    public sealed interface Evaluation {
        String on();

        List<SiteRecord> records();

        /** The participating sites' own held-out subjects. */
        record OwnSubjects(List<SiteRecord> records) implements Evaluation {
            @Override
            public String on() {
                return "held-out subjects";
            }
        }

        /** Sites that take no part. */
        record OtherSites(List<SiteRecord> records) implements Evaluation {
            @Override
            public String on() {
                return "held-out sites";
            }
        }

        /** A folder of their own. */
        record OtherFolder(Path folder, List<SiteRecord> records) implements Evaluation {
            @Override
            public String on() {
                return folder.toString();
            }
        }
    }

    /** Draws or reads the records, splits them by subject, and leaves out what nobody agreed to. */
    public static ScenarioRecords load(Scenario scenario, RecordOptions options) throws ScenarioException {
        try {
            return new Loading(scenario, options).load();
        } catch (DatasetException e) {
            throw new ScenarioException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public String toString() {
        return "ScenarioRecords[" + sites.size() + " sites]";
    }

    private static final class Loading {
        private final Scenario scenario;
        private final RecordOptions options;
        private final SplitRule split;
        private final List<FederatedSite> sites = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private int quarantined;

        Loading(Scenario scenario, RecordOptions options) {
            this.scenario = scenario;
            this.options = options;
            this.split = new SplitRule(
                    options.evaluation().isEmpty() && scenario.heldOut() instanceof HeldOut.Subjects subjects
                            ? subjects.share()
                            : 0,
                    options.seed());
        }

        ScenarioRecords load() throws ScenarioException, DatasetException {
            RecordSchema schema = switch (scenario.records()) {
                case Records.Synthetic synthetic -> draw(synthetic);
                case Records.Shipped shipped -> {
                    Path folder = folder(options.data(), shipped, "--data");
                    yield read(manifest(shipped, folder), Optional.empty());
                }
                case Records.Described described ->
                    read(DatasetManifest.read(described.manifest()), Optional.of(described.manifest()));
            };
            requireSites();
            sites.sort((a, b) -> a.name().compareTo(b.name()));
            Evaluation evaluation = evaluation(schema);
            ScenarioException.require(
                    !evaluation.records().isEmpty(),
                    "nothing is held out to score on: raise heldOut.share, choose heldOut.by=sites where each site is one "
                            + "subject, or name a second folder with --eval");
            RecordSchema used = restricted(schema);
            Set<String> unused = new TreeSet<>(schema.modalityNames());
            unused.removeAll(used.modalityNames());
            return new ScenarioRecords(used, unused, sites, evaluation, quarantined, notes);
        }

        private RecordSchema restricted(RecordSchema schema) throws ScenarioException {
            try {
                return scenario.modalities().isEmpty()
                        ? schema
                        : schema.restrictedTo(Set.copyOf(scenario.modalities()));
            } catch (IllegalArgumentException e) {
                throw new ScenarioException("modalities: " + e.getMessage(), e);
            }
        }

        private void requireSites() throws ScenarioException {
            if (sites.isEmpty()) {
                throw new ScenarioException("no site has a record that may be used for '" + scenario.purpose()
                        + "'; look at the dataset's consent and at the scenario's purpose");
            }
        }

        private RecordSchema draw(Records.Synthetic synthetic) throws ScenarioException, DatasetException {
            if (options.data().isPresent()) {
                throw new ScenarioException(
                        "scenario " + scenario.name() + " draws its own records; leave --data out, or "
                                + "write a scenario file with 'records: {manifest: dataset.yaml}'");
            }
            World world = World.named(synthetic.world()).orElseThrow();
            RecordSchema schema = null;
            for (String site : chosen(world.siteNames())) {
                Path folder = options.folder().resolve("data").resolve(site);
                try {
                    Files.createDirectories(folder);
                    world.writeSite(folder, site, options.seed());
                } catch (IOException e) {
                    throw new ScenarioException(
                            "cannot write the drawn records to " + folder + ": " + e.getMessage(), e);
                }
                Path file = folder.resolve("dataset.yaml");
                LoadedDataset loaded = loaded(DatasetManifest.read(file));
                schema = loaded.dataset().schema();
                add(
                        site,
                        loaded.dataset().records(),
                        loaded.quarantine().count(),
                        Optional.of(new DatasetFile(file, Optional.empty())));
            }
            return java.util.Objects.requireNonNull(schema);
        }

        private RecordSchema read(DatasetManifest manifest, Optional<Path> file)
                throws DatasetException, ScenarioException {
            LoadedDataset loaded = loaded(manifest);
            switch (scenario.partition()) {
                case Partition.BySite bySite -> {
                    SortedMap<String, List<SiteRecord>> all =
                            new TreeMap<>(loaded.dataset().bySite());
                    for (String site : chosen(List.copyOf(all.keySet()))) {
                        add(
                                site,
                                all.getOrDefault(site, List.of()),
                                0,
                                file.map(path -> new DatasetFile(path, Optional.of(site))));
                    }
                }
                case Partition.LabelShards shards -> {
                    int count = options.sites().orElse(shards.count());
                    var dealt = new LabelShardDeal(count, shards.shards(), options.seed())
                            .deal(loaded.dataset().records());
                    for (Map.Entry<String, List<SiteRecord>> site : dealt.entrySet()) {
                        add(site.getKey(), site.getValue(), 0, Optional.empty());
                    }
                }
            }
            return loaded.dataset().schema();
        }

        private List<String> chosen(List<String> names) throws ScenarioException {
            int count = options.sites().orElse(names.size());
            if (count < 1 || count > names.size()) {
                throw new ScenarioException(
                        "--sites is 1 to " + names.size() + " for scenario " + scenario.name() + ", got " + count);
            }
            return names.subList(0, count);
        }

        private void add(String label, List<SiteRecord> records, int broken, Optional<DatasetFile> dataset)
                throws ScenarioException {
            SubjectSplit parts = SubjectSplit.of(records, split);
            ConsentedRecords training = ConsentedRecords.select(parts.training(), scenario.purpose());
            if (training.records().isEmpty()) {
                notes.add("site " + label + " takes no part: none of its records may be trained on for '"
                        + scenario.purpose() + "'");
                return;
            }
            SiteName name = FederatedSite.named(label);
            if (sites.stream().anyMatch(site -> site.name().equals(name))) {
                throw new ScenarioException("two sites would enrol as '" + name + "', one of them '" + label
                        + "'; rename one in the site column");
            }
            sites.add(new FederatedSite(
                    name,
                    label,
                    training,
                    ConsentedRecords.select(parts.heldOut(), scenario.purpose()),
                    broken,
                    dataset));
        }

        private Evaluation evaluation(RecordSchema schema) throws ScenarioException, DatasetException {
            if (options.evaluation().isEmpty()) {
                return scenario.heldOut() instanceof HeldOut.Sites share
                        ? otherSites(share)
                        : new Evaluation.OwnSubjects(sites.stream()
                                .flatMap(site -> site.heldOut().records().stream())
                                .toList());
            }
            if (!(scenario.records() instanceof Records.Shipped shipped)) {
                throw new ScenarioException(
                        "--eval goes with a scenario that reads --data; " + scenario.name() + " does not");
            }
            Path folder = folder(options.evaluation(), shipped, "--eval");
            LoadedDataset loaded = loaded(manifest(shipped, folder));
            if (!loaded.dataset().schema().equals(schema)) {
                throw new ScenarioException(
                        "the records in --eval have another form than those in --data: their schemas " + "differ");
            }
            List<SiteRecord> usable = ConsentedRecords.select(loaded.dataset().records(), scenario.purpose())
                    .records();
            if (usable.isEmpty()) {
                throw new ScenarioException("no record in --eval may be used for '" + scenario.purpose() + "'");
            }
            return new Evaluation.OtherFolder(folder, usable);
        }

        /** Takes whole sites out of the run, drawn from the seed. */
        private Evaluation otherSites(HeldOut.Sites heldOut) {
            int count = (int) Math.round(heldOut.share() * sites.size());
            var random = new SplittableRandom(options.seed());
            List<SiteRecord> records = new ArrayList<>();
            for (int taken = 0; taken < count; taken++) {
                FederatedSite site = sites.remove(random.nextInt(sites.size()));
                records.addAll(site.training().records());
            }
            return new Evaluation.OtherSites(records);
        }

        private Path folder(Optional<Path> given, Records.Shipped shipped, String option) throws ScenarioException {
            Path root = given.orElseThrow(() -> new ScenarioException("scenario " + scenario.name()
                    + " reads records that the product does not contain; name their folder with --data DIR"));
            if (!Files.isDirectory(root)) {
                throw new ScenarioException(option + " " + root + " is not a folder");
            }
            for (String below : shipped.folders()) {
                if (Files.isDirectory(root.resolve(below))) {
                    return root.resolve(below);
                }
            }
            return root;
        }

        /** A manifest in the folder itself knows its records best. */
        private static DatasetManifest manifest(Records.Shipped shipped, Path folder) throws DatasetException {
            Path own = folder.resolve("dataset.yaml");
            return Files.exists(own)
                    ? DatasetManifest.read(own)
                    : DatasetManifest.parse(
                            shipped.manifest() + ".yaml",
                            ScenarioReader.resource("scenarios/datasets/" + shipped.manifest() + ".yaml"),
                            folder);
        }

        private LoadedDataset loaded(DatasetManifest manifest) throws DatasetException {
            LoadedDataset loaded = manifest.load(options.strictness());
            Quarantine quarantine = loaded.quarantine();
            if (quarantine.count() > 0) {
                quarantined += quarantine.count();
                notes.add(quarantine.count() + (quarantine.count() == 1 ? " row is" : " rows are")
                        + " quarantined, such as " + quarantine.firstReasons().getFirst());
            }
            return loaded;
        }
    }
}
