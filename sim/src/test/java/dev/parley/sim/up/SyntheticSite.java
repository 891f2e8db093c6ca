package dev.parley.sim.up;

import dev.parley.agent.SiteData;
import dev.parley.agent.egress.ConsentedRecords;
import dev.parley.agent.egress.SiteRules;
import dev.parley.agent.participation.SiteParticipant;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.LearningConfiguration;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ClipNorm;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.EvaluationRule;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RoundTimes;
import dev.parley.rounds.ServerOptimizer;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.UpdateRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A site whose manifest is the number of its training records; its name seeds what they are. */
public final class SyntheticSite {
    static final String FEDERATION = "trial";
    static final String PURPOSE = "research";
    static final RecordSchema SCHEMA = new RecordSchema(
            List.of(
                    new Modality.Table("lab", List.of(channel("iron"), channel("salt"))),
                    new Modality.Series("motion", List.of(channel("x"), channel("y")), 16, 10)),
            List.of("well", "ill"));
    /** Small, with dropout, and slow enough for a test to act while a round is under way. */
    static final LearningConfiguration LEARNING = LearningConfiguration.of(
            SCHEMA,
            Map.of(
                    "architecture",
                    Map.of("width", 16, "heads", 2, "feedForward", 32, "layers", 2, "bottlenecks", 2, "dropout", 0.1),
                    "batchSize",
                    4,
                    "localEpochs",
                    4));

    public static final long SEED = 20261124;
    /** West trains about ten times as long as the others: there is time to act while it does. */
    public static final Map<String, Integer> TRAINING = Map.of("east", 40, "north", 60, "west", 500);

    public static final ParameterVector INITIAL = LEARNING.learner().initialise(SEED);

    private static final int HELD_OUT = 24;

    private SyntheticSite() {}

    private static Channel channel(String name) {
        return new Channel(name, "u", -2, 2);
    }

    static SiteData read(Path manifest) {
        try {
            return data(
                    String.valueOf(manifest.getFileName()).replace(".txt", ""),
                    Integer.parseInt(Files.readString(manifest).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SiteData data(String site, int training) {
        List<SiteRecord> all = records(site, training + HELD_OUT);
        return new SiteData(SCHEMA, all.subList(0, training), all.subList(training, all.size()));
    }

    private static List<SiteRecord> records(String site, int count) {
        SplittableRandom random = new SplittableRandom(site.hashCode());
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(2);
            float[] lab = {(float) (label - 0.5 + random.nextGaussian() * 0.5), (float) random.nextGaussian() * 0.3f};
            float[] motion = new float[32];
            boolean[] observed = new boolean[32];
            for (int t = 0; t < motion.length; t++) {
                observed[t] = random.nextDouble() < 0.9;
                motion[t] = observed[t] ? (float) (0.3 * Math.sin(t * (label + 1)) + 0.2 * random.nextGaussian()) : 0;
            }
            records.add(new SiteRecord(
                    site + "-" + i,
                    site + "-subject-" + i,
                    site,
                    null,
                    i % 5 == 0
                            ? Map.of("lab", new ModalityValue.Table(lab, new boolean[] {true, true}))
                            : Map.of(
                                    "lab",
                                    new ModalityValue.Table(lab, new boolean[] {true, true}),
                                    "motion",
                                    new ModalityValue.Series(motion, observed)),
                    label,
                    i % 7 == 0
                            ? new SiteRecord.Consent.Granted(Set.of("care"))
                            : new SiteRecord.Consent.Granted(Set.of("care", PURPOSE)),
                    new SiteRecord.Provenance("drawn", List.of())));
        }
        return records;
    }

    public static SiteParticipant participant(String site, int training) {
        SiteData data = data(site, training);
        return new SiteParticipant(
                site,
                LEARNING.learner(),
                ContentHash.of(LEARNING.toCanonicalJson()),
                ConsentedRecords.select(data.training(), PURPOSE),
                ConsentedRecords.select(data.heldOut(), PURPOSE),
                new SiteRules(
                        false,
                        Set.of(FEDERATION),
                        Set.of(PURPOSE),
                        new SiteFloors(2, 2, 0, Map.of()),
                        1000,
                        true,
                        SiteRules.CAREFUL_NOISE,
                        Optional.empty(),
                        Set.of()));
    }

    public static FederationSpec spec(int trainingRounds, CohortRule cohort) {
        return new FederationSpec(
                new FederationName(FEDERATION),
                trainingRounds,
                true,
                cohort,
                new RoundTimes(
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(30)),
                new UpdateRule(
                        new ClipNorm(5),
                        new ClipNorm(50),
                        100,
                        0,
                        new UpdateNoise.None(),
                        new MaskingRule(new RingModulus(20), 0)),
                new ServerOptimizer.FedAvg(),
                new EvaluationRule(1, 2),
                SEED,
                ContentHash.of(LEARNING.toCanonicalJson()),
                ContentHash.of(new byte[0]),
                3);
    }

    static Preparation preparation(Path root, FederationSpec spec) throws IOException {
        SortedMap<SiteName, Path> manifests = new TreeMap<>();
        Path records = Files.createDirectories(root.resolve("records"));
        for (Map.Entry<String, Integer> site : TRAINING.entrySet()) {
            manifests.put(
                    new SiteName(site.getKey()),
                    Files.writeString(
                            records.resolve(site.getKey() + ".txt"),
                            site.getValue().toString()));
        }
        return new Preparation(
                spec, Safetensors.write(INITIAL, Map.of()), LEARNING.toCanonicalJson(), PURPOSE, manifests);
    }
}
