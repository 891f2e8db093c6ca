package dev.parley.learning.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.Architecture;
import dev.parley.learning.multimodal.Augmentation;
import dev.parley.learning.multimodal.BottleneckTransformer;
import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.multimodal.BottleneckTransformer.Tier;
import dev.parley.learning.multimodal.ConvolutionalNetwork;
import dev.parley.learning.multimodal.HandcraftedFeatures;
import dev.parley.learning.multimodal.LayeredNetwork;
import dev.parley.learning.multimodal.Objective;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.training.LearningRateSchedule.Shape;
import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.PrivacyUnit;
import dev.parley.privacy.dp.SamplingRate;
import dev.parley.privacy.update.ClipNorm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The document whose hash a plan names: its law, and what it refuses. */
class LearningConfigurationTest {
    private static final LearningConfiguration DEFAULTS = LearningConfiguration.of(TinyRecords.SCHEMA, Map.of());

    @Property(tries = 500, seed = "20261124")
    void parsingTheCanonicalFormGivesTheConfigurationBack(@ForAll long seed) {
        LearningConfiguration configuration = draw(new Random(seed));
        byte[] document = configuration.toCanonicalJson();
        LearningConfiguration read = LearningConfiguration.parse(document);
        assertEquals(configuration, read, "seed " + seed);
        assertArrayEquals(document, read.toCanonicalJson(), "seed " + seed + ": other bytes the second time");
    }

    @Property(tries = 100, seed = "20261124")
    void theOrderOfKeysAndSpacesDoesNotMatter(@ForAll long seed) throws Exception {
        LearningConfiguration configuration = draw(new Random(seed));
        var json = new com.fasterxml.jackson.databind.ObjectMapper();
        Object tree = json.readValue(configuration.toCanonicalJson(), Object.class);
        byte[] shuffled = json.writerWithDefaultPrettyPrinter().writeValueAsBytes(shuffled(tree, new Random(seed)));
        assertEquals(configuration, LearningConfiguration.parse(shuffled), "seed " + seed);
    }

    @Test
    void theCanonicalFormOfTheDefaultsIsPinned() {
        // A change of these bytes changes the hash that every plan names: two versions would not train together.
        String document = new String(
                LearningConfiguration.of(TinyRecords.SCHEMA.restrictedTo(Set.of("scan")), Map.of())
                        .toCanonicalJson(),
                StandardCharsets.UTF_8);
        assertEquals(
                "{\"learning\":{\"architecture\":{\"bottlenecks\":4,\"dropout\":0.1,\"feedForward\":192,\"heads\":4,"
                        + "\"layers\":3,\"modalityDropout\":0.3,\"series\":{},\"textEmbedding\":32,"
                        + "\"type\":\"bottleneck-transformer\",\"wideDropout\":0.0,\"width\":96},"
                        + "\"augmentation\":{\"axisTurns\":false,\"imageContrast\":0.0,\"imageNoise\":0.0,"
                        + "\"imageShift\":0,\"recutSeconds\":0.0,\"seriesNoise\":0.0,\"seriesScale\":0.0,\"seriesShift\":0,"
                        + "\"tokenReplacement\":0.0},"
                        + "\"batchSize\":16,\"localEpochs\":1,"
                        + "\"objective\":{\"auxiliaryWeight\":0.3,\"labelSmoothing\":0.0},"
                        + "\"optimizer\":{\"beta1\":0.9,\"beta2\":0.95,\"clipNorm\":1.0,\"epsilon\":1.0E-8,"
                        + "\"learningRate\":0.001,\"type\":\"adamw\",\"weightDecay\":0.01,\"wideLearningRate\":0.05},"
                        + "\"schedule\":{\"finalFactor\":0.0,\"shape\":\"cosine\",\"warmupRounds\":0}},"
                        + "\"schema\":{\"classes\":[\"well\",\"ill\"],"
                        + "\"modalities\":[{\"channels\":1,\"name\":\"scan\",\"size\":16,\"type\":\"image\"}]}}",
                document);
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        assertEquals(Tier.S.architecture(), DEFAULTS.architecture());
        assertEquals(OptimizerSettings.AdamW.DEFAULT, DEFAULTS.optimizer());
        assertEquals(LearningRateSchedule.DEFAULT, DEFAULTS.schedule());
        assertEquals(new Objective(0, 0.3, Augmentation.NONE), DEFAULTS.objective());
        assertEquals(16, DEFAULTS.batchSize());
        assertEquals(1, DEFAULTS.localEpochs());
        assertEquals(
                OptimizerSettings.Sgd.DEFAULT,
                LearningConfiguration.of(TinyRecords.SCHEMA, Map.of("optimizer", Map.of("type", "sgd")))
                        .optimizer());
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal("batchSise", 8, "learning.batchSise", "unknown setting", "batchSize"),
                refusal(
                        "optimizer.lerningRate",
                        0.1,
                        "learning.optimizer.lerningRate",
                        "unknown setting",
                        "learningRate"),
                refusal("optimizer.momentum", 0.1, "learning.optimizer.momentum", "unknown setting", "beta1"),
                refusal("architecture.kernel", 3, "learning.architecture.kernel", "unknown setting", "width"),
                refusal(
                        "architecture.series.thermal",
                        Map.of(),
                        "learning.architecture.series.thermal",
                        "unknown",
                        "motion"),
                refusal("batchSize", "many", "learning.batchSize", "'many'", "a whole number from 1 to 65536"),
                refusal("batchSize", 0, "learning.batchSize", "'0'", "a whole number from 1 to 65536"),
                refusal("batchSize", 65537, "learning.batchSize", "'65537'", "a whole number from 1 to 65536"),
                refusal("batchSize", 8.5, "learning.batchSize", "'8.5'", "a whole number"),
                refusal("batchSize", Double.NaN, "learning.batchSize", "'NaN'", "a whole number"),
                refusal("batchSize", List.of(8), "learning.batchSize", "'[8]'", "a whole number"),
                refusal("localEpochs", -1, "learning.localEpochs", "'-1'", "from 1 to 1000"),
                refusal("optimizer", List.of(), "learning.optimizer", "'[]'", "a mapping"),
                refusal("optimizer.type", "adam", "learning.optimizer.type", "'adam'", "adamw, sgd"),
                refusal(
                        "optimizer.learningRate",
                        Double.NaN,
                        "learning.optimizer.learningRate",
                        "'NaN'",
                        "from 0 to 10"),
                refusal(
                        "optimizer.learningRate",
                        -1e-9,
                        "learning.optimizer.learningRate",
                        "'-1.0E-9'",
                        "from 0 to 10"),
                refusal(
                        "optimizer.learningRate",
                        Double.POSITIVE_INFINITY,
                        "learning.optimizer.learningRate",
                        "'Infinity'",
                        "from 0 to 10"),
                refusal("optimizer.learningRate", "0.1", "learning.optimizer.learningRate", "'0.1'", "a number"),
                refusal("optimizer.learningRate", true, "learning.optimizer.learningRate", "'true'", "a number"),
                refusal("optimizer.beta1", 1, "learning.optimizer.beta1", "'1'", "from 0 to 0.9999"),
                refusal("optimizer.epsilon", 0, "learning.optimizer.epsilon", "'0'", "a number from 1.0E-12 to 1"),
                refusal("schedule.shape", "linear", "learning.schedule.shape", "'linear'", "constant, cosine"),
                refusal("schedule.finalFactor", 1.5, "learning.schedule.finalFactor", "'1.5'", "from 0 to 1"),
                refusal("objective.labelSmoothing", 1, "learning.objective.labelSmoothing", "'1'", "from 0 to 0.9"),
                refusal(
                        "augmentation.seriesShift",
                        -1,
                        "learning.augmentation.seriesShift",
                        "'-1'",
                        "a whole number from 0 to 1000000"),
                refusal(
                        "augmentation.recutSeconds",
                        -0.1,
                        "learning.augmentation.recutSeconds",
                        "'-0.1'",
                        "a number from 0"),
                refusal("augmentation.axisTurns", "yes", "learning.augmentation.axisTurns", "'yes'", "true or false"),
                refusal(
                        "augmentation.imageShift",
                        -1,
                        "learning.augmentation.imageShift",
                        "'-1'",
                        "a whole number from 0"),
                refusal(
                        "architecture.type",
                        "resnet",
                        "learning.architecture.type",
                        "'resnet'",
                        "bottleneck-transformer"),
                refusal("architecture.tier", "XXL", "learning.architecture.tier", "'XXL'", "xs, s, m, l"),
                refusal("architecture.heads", 5, "learning.architecture.heads", "'5'", "a divisor of the width 96"),
                refusal("architecture.layers", 1, "learning.architecture.layers", "'1'", "from 2 to 64"),
                refusal("architecture.modalityDropout", 1, "learning.architecture.modalityDropout", "'1'", "0.9"),
                refusal(
                        "architecture.series.motion.normalisation",
                        "zscore",
                        "learning.architecture.series.motion.normalisation",
                        "'zscore'",
                        "none, rms, standardise, whiten"),
                refusal(
                        "architecture.series.motion",
                        Map.of("normalisation", "rms", "vectors", List.of(List.of("x", "y"))),
                        "learning.architecture.series.motion.vectors",
                        "[[x, y]]",
                        "three of the channels [x, y, z, heat]"),
                refusal(
                        "architecture.series.motion",
                        Map.of("normalisation", "rms", "vectors", List.of(List.of("x", "y", "up"))),
                        "learning.architecture.series.motion.vectors",
                        "up",
                        "three of the channels"),
                refusal(
                        "architecture.series.motion",
                        Map.of("normalisation", "rms", "vectors", List.of("x", "y", "z")),
                        "learning.architecture.series.motion.vectors",
                        "[x, y, z]",
                        "a list of lists"));
    }

    private static Arguments refusal(String path, Object value, String at, String got, String expected) {
        return Arguments.of(path, value, at, got, expected);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesWithPathValueAndWhatWouldDo(String path, Object value, String at, String got, String expected) {
        Map<String, Object> learning = nested(path, value);
        refused(() -> LearningConfiguration.of(TinyRecords.SCHEMA, learning), at, got, expected);
    }

    @Test
    void aVectorNeedsANormalisationThatKeepsItsZero() {
        for (String normalisation : List.of("standardise", "whiten")) {
            var settings = Map.of("normalisation", normalisation, "vectors", List.of(List.of("x", "y", "z")));
            refused(
                    () -> LearningConfiguration.of(TinyRecords.SCHEMA, nested("architecture.series.motion", settings)),
                    "learning.architecture.series.motion.vectors",
                    "'" + normalisation + "'",
                    "rms or none");
        }
    }

    @Test
    void handcraftedFeaturesAreNotVariedAndKnowTheirChannels() {
        refusedFeatures(
                Map.of("references", Map.of("lab", Map.of("iron", Map.of("low", 1, "high", 0)))),
                Map.of(),
                "learning.architecture.references.lab.iron.high: got '0'");
        refusedFeatures(
                Map.of("references", Map.of("lab", Map.of("gold", Map.of("low", 0, "high", 1)))),
                Map.of(),
                "learning.architecture.references.lab.gold: got an unknown setting");
        refusedFeatures(Map.of("lengths", Map.of("scan", 0)), Map.of(), "learning.architecture.lengths.scan: got '0'");
        refusedFeatures(Map.of(), Map.of("imageShift", 2), "learning.augmentation: got changes of records");
        RecordSchema wordless =
                new RecordSchema(List.of(new Modality.Text("note", 50, 12, 0)), TinyRecords.SCHEMA.classes());
        LearningConfigurationException refused = assertThrows(
                LearningConfigurationException.class,
                () -> LearningConfiguration.of(
                        wordless, Map.of("architecture", Map.of("type", "handcrafted-features"))));
        assertTrue(String.valueOf(refused.getMessage()).contains("wideVocabulary is 0"), refused.getMessage());
    }

    private static void refusedFeatures(
            Map<String, Object> architecture, Map<String, Object> augmentation, String expected) {
        Map<String, Object> typed = new HashMap<>(architecture);
        typed.put("type", "handcrafted-features");
        LearningConfigurationException refused = assertThrows(
                LearningConfigurationException.class,
                () -> LearningConfiguration.of(
                        TinyRecords.SCHEMA, Map.of("architecture", typed, "augmentation", augmentation)));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(expected), refused.getMessage());
    }

    @Test
    void aMisspeltKeyWithoutAValueIsRefusedToo() {
        Map<String, Object> empty = new HashMap<>();
        empty.put("lerningRate", null);
        refused(
                () -> LearningConfiguration.of(TinyRecords.SCHEMA, Map.of("optimizer", empty)),
                "learning.optimizer.lerningRate",
                "unknown setting",
                "learningRate");
    }

    static Stream<Arguments> brokenSchemas() {
        return Stream.of(
                broken(s -> s.remove("classes"), "schema.classes", "nothing", "a list"),
                broken(s -> s.put("classes", List.of("one")), "schema.classes", "[one]", "at least two classes"),
                broken(s -> s.put("classes", List.of("a", "a")), "schema.classes", "[a, a]", "distinct"),
                broken(s -> s.put("classes", List.of(1, 2)), "schema.classes", "'[1, 2]'", "a list of text"),
                broken(s -> s.put("modalities", List.of()), "schema.modalities", "[]", "at least one modality"),
                broken(s -> s.put("color", 1), "schema.color", "unknown setting", "classes"),
                broken(s -> first(s).put("type", "video"), "schema.modalities[0].type", "'video'", "image, series"),
                broken(s -> first(s).put("name", 7), "schema.modalities[0].name", "'7'", "text"),
                broken(s -> first(s).put("name", "my scan"), "schema.modalities[0].name", "'my scan'", "lower-case"),
                broken(s -> first(s).put("name", ""), "schema.modalities[0].name", "''", "lower-case"),
                broken(s -> first(s).put("name", "note"), "schema.modalities", "note", "one name"),
                broken(s -> first(s).put("size", 0), "schema.modalities[0].size", "'0'", "a whole number from 1"),
                broken(s -> first(s).put("size", 1e300), "schema.modalities[0].size", "'1.0E300'", "to 4096"),
                broken(s -> first(s).remove("size"), "schema.modalities[0].size", "nothing", "a whole number"),
                broken(s -> first(s).put("colour", 3), "schema.modalities[0].colour", "unknown setting", "channels"),
                broken(s -> series(s).put("rateHertz", 0), "schema.modalities[2].rateHertz", "'0'", "above 0"),
                broken(s -> series(s).put("rateHertz", -5), "schema.modalities[2].rateHertz", "'-5'", "above 0"),
                broken(
                        s -> series(s).put("channels", List.of()),
                        "schema.modalities[2].channels",
                        "[]",
                        "at least one"),
                broken(
                        s -> channel(s).put("minimum", "low"),
                        "schema.modalities[2].channels[0].minimum",
                        "'low'",
                        "number"),
                broken(s -> channel(s).put("maximum", -9), "schema.modalities[2].channels[0].maximum", "'-9'", "above"),
                broken(s -> channel(s).put("name", "y"), "schema.modalities[2].channels", "'y'", "one name"));
    }

    private static Arguments broken(Consumer<Map<String, Object>> change, String at, String got, String expected) {
        return Arguments.of(change, at, got, expected);
    }

    @ParameterizedTest
    @MethodSource("brokenSchemas")
    void refusesABrokenSchema(Consumer<Map<String, Object>> change, String at, String got, String expected)
            throws Exception {
        var json = new com.fasterxml.jackson.databind.ObjectMapper();
        Map<String, Object> document = tree(json.readValue(DEFAULTS.toCanonicalJson(), Map.class));
        change.accept(tree(document.get("schema")));
        byte[] bytes = json.writeValueAsBytes(document);
        refused(() -> LearningConfiguration.parse(bytes), at, got, expected);
    }

    @Test
    void refusesWhatIsNotOneJsonObject() {
        String document = new String(DEFAULTS.toCanonicalJson(), StandardCharsets.UTF_8);
        for (String text : List.of(
                "",
                " ",
                "null",
                "[]",
                "7",
                "\"text\"",
                "{",
                document + "{}",
                document + "x",
                document.substring(0, document.length() - 1),
                document.replace("\"batchSize\":16", "\"batchSize\":16,\"batchSize\":32"),
                document.replace("0.3", "NaN"),
                "[".repeat(100_000))) {
            var refusal = assertThrows(
                    LearningConfigurationException.class,
                    () -> LearningConfiguration.parse(text.getBytes(StandardCharsets.UTF_8)),
                    () -> text.substring(0, Math.min(40, text.length())));
            assertEquals("(document)", refusal.path(), text.substring(0, Math.min(40, text.length())));
        }
    }

    @Test
    void aModalityMayNotTakeTheNameOfAPartOfTheModel() {
        var schema = new RecordSchema(List.of(new Modality.Image("fusion", 1, 16)), List.of("well", "ill"));
        refused(
                () -> LearningConfiguration.of(schema, Map.of()),
                "learning.architecture.type",
                "the schema",
                "two blocks are named fusion.head");
    }

    @Test
    void aModelLargerThanASitesMemoryIsRefused() {
        var schema = new RecordSchema(List.of(new Modality.Text("note", 1 << 20, 96, 0)), List.of("well", "ill"));
        refused(
                () -> LearningConfiguration.of(schema, nested("architecture.textEmbedding", 128)),
                "learning.architecture.width",
                "parameters",
                "at most 100000000");
        // More than an array can have: one block alone, and all together.
        refused(
                () -> LearningConfiguration.of(schema, nested("architecture.textEmbedding", 4096)),
                "learning.architecture.type",
                "a model",
                "block note.embedding: shape [1048576, 4096] has more than 2^31-1 values");
        var two = new RecordSchema(
                List.of(new Modality.Text("a", 1 << 20, 96, 0), new Modality.Text("b", 1 << 20, 96, 0)),
                List.of("well", "ill"));
        refused(
                () -> LearningConfiguration.of(two, nested("architecture.textEmbedding", 1024)),
                "learning.architecture.type",
                "a model",
                "have more than 2^31-1 values");
    }

    @Test
    void aMessageIsShortHoweverLongTheValue() {
        var refusal = assertThrows(
                LearningConfigurationException.class,
                () -> LearningConfiguration.of(TinyRecords.SCHEMA, Map.of("batchSize", "x".repeat(1_000_000))));
        assertTrue(
                refusal.getMessage().length() < 400,
                "message of " + refusal.getMessage().length());
    }

    @Property(tries = 10_000, seed = "20261124")
    void hostileBytesAreRefusedAndNeverMore(@ForAll long seed) {
        byte[] bytes = hostile(new Random(seed));
        LearningConfiguration read;
        try {
            read = LearningConfiguration.parse(bytes);
        } catch (LearningConfigurationException expected) {
            return;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + ": " + e, e);
        }
        // What is accepted is a configuration like any other: it has a canonical form, under the law.
        assertEquals(read, LearningConfiguration.parse(read.toCanonicalJson()), "seed " + seed);
    }

    /** Random bytes, or a valid document with a few bytes or values changed. */
    private static byte[] hostile(Random random) {
        if (random.nextInt(10) == 0) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            return bytes;
        }
        byte[] document = draw(random).toCanonicalJson();
        if (random.nextBoolean()) {
            for (int change = random.nextInt(4); change >= 0; change--) {
                document[random.nextInt(document.length)] = (byte) random.nextInt(256);
            }
            return random.nextInt(4) == 0 ? Arrays.copyOf(document, random.nextInt(document.length)) : document;
        }
        String[] values = {
            "null",
            "true",
            "-1",
            "0",
            "1e999",
            "-1e999",
            "1e-999",
            "99999999999999999999999",
            "NaN",
            "\"\"",
            "[]",
            "{}",
            "[[]]",
            "[null]",
            "{\"a\":null}",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "2147483648",
            "0.5",
            "\"rms\"",
            "[\"x\"]"
        };
        String text = new String(document, StandardCharsets.UTF_8);
        List<int[]> spans = new ArrayList<>();
        var matcher = java.util.regex.Pattern.compile("(?<=:)(\"[^\"]*\"|[-0-9.E]+|true|false)")
                .matcher(text);
        while (matcher.find()) {
            spans.add(new int[] {matcher.start(), matcher.end()});
        }
        int[] span = spans.get(random.nextInt(spans.size()));
        String changed = text.substring(0, span[0]) + values[random.nextInt(values.length)] + text.substring(span[1]);
        return changed.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(
            org.junit.jupiter.api.function.Executable action, String at, String got, String expected) {
        var refusal = assertThrows(LearningConfigurationException.class, action);
        String message = refusal.getMessage();
        assertEquals(at, refusal.path(), message);
        assertTrue(message.startsWith(at + ": got "), message);
        String[] parts = message.substring(at.length()).split("; expected ", 2);
        assertTrue(parts[0].contains(got), message);
        assertTrue(parts[1].contains(expected), message);
    }

    private static Map<String, Object> nested(String path, Object value) {
        int dot = path.indexOf('.');
        return dot < 0 ? Map.of(path, value) : Map.of(path.substring(0, dot), nested(path.substring(dot + 1), value));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> tree(Object value) {
        return (Map<String, Object>) value;
    }

    private static Map<String, Object> first(Map<String, Object> schema) {
        return tree(((List<?>) schema.get("modalities")).get(0));
    }

    private static Map<String, Object> series(Map<String, Object> schema) {
        return tree(((List<?>) schema.get("modalities")).get(2));
    }

    private static Map<String, Object> channel(Map<String, Object> schema) {
        return tree(((List<?>) series(schema).get("channels")).get(0));
    }

    private static Object shuffled(Object tree, Random random) {
        if (tree instanceof Map<?, ?> map) {
            List<Object> keys = new ArrayList<>(map.keySet());
            Collections.shuffle(keys, random);
            Map<Object, Object> other = new LinkedHashMap<>();
            keys.forEach(key -> other.put(key, shuffled(map.get(key), random)));
            return other;
        }
        return tree instanceof List<?> list
                ? list.stream().map(item -> shuffled(item, random)).toList()
                : tree;
    }

    /** Any configuration that {@link LearningConfiguration#of} could have given. */
    private static LearningConfiguration draw(Random random) {
        RecordSchema schema = schema(random);
        boolean images = schema.modalities().size() == 1 && schema.modalities().getFirst() instanceof Modality.Image;
        Architecture architecture = switch (images ? random.nextInt(3) : 0) {
            case 1 ->
                new ConvolutionalNetwork(
                        1 + 2 * random.nextInt(16),
                        1 + random.nextInt(64),
                        1 + random.nextInt(64),
                        1 + random.nextInt(60));
            case 2 ->
                new LayeredNetwork(
                        random.nextBoolean()
                                ? List.of()
                                : List.of(new LayeredNetwork.Convolution(
                                        1 + random.nextInt(4), 1, 1 + random.nextInt(3), 0, 1)),
                        random.nextBoolean() ? List.of() : List.of(1 + random.nextInt(30)),
                        LayeredNetwork.Activation.values()[random.nextInt(2)]);
            default -> transformer(schema, random);
        };
        if (random.nextInt(5) == 0 && countsWords(schema)) {
            architecture = handcrafted(schema, random);
        }
        OptimizerSettings optimizer = random.nextBoolean()
                ? new OptimizerSettings.AdamW(
                        number(random, 10),
                        number(random, 10),
                        number(random, 1e6),
                        number(random, 0.9999),
                        number(random, 0.99999),
                        1e-12 + number(random, 0.9),
                        number(random, 10))
                : new OptimizerSettings.Sgd(
                        number(random, 10),
                        number(random, 10),
                        number(random, 1e6),
                        number(random, 0.9999),
                        number(random, 10));
        return new LearningConfiguration(
                schema,
                architecture,
                optimizer,
                new LearningRateSchedule(Shape.values()[random.nextInt(2)], random.nextInt(10_000), number(random, 1)),
                new Objective(
                        number(random, 0.9),
                        number(random, 100),
                        architecture instanceof HandcraftedFeatures ? Augmentation.NONE : augmentation(random)),
                1 + random.nextInt(65_536),
                1 + random.nextInt(1000),
                random.nextBoolean() ? LocalPrivacy.NONE : privacy(random));
    }

    private static Augmentation augmentation(Random random) {
        return new Augmentation(
                random.nextInt(1025),
                number(random, 0.99),
                number(random, 10),
                number(random, 0.9),
                number(random, 0.9),
                number(random, 10),
                random.nextBoolean(),
                random.nextInt(1000),
                number(random, 100));
    }

    private static boolean countsWords(RecordSchema schema) {
        return schema.modalities().stream()
                .noneMatch(modality -> modality instanceof Modality.Text text && text.wideVocabulary() == 0);
    }

    private static HandcraftedFeatures handcrafted(RecordSchema schema, Random random) {
        Map<String, Double> lengths = new HashMap<>();
        Map<String, Map<String, HandcraftedFeatures.ReferenceRange>> references = new HashMap<>();
        for (Modality modality : schema.modalities()) {
            if (random.nextBoolean()) {
                lengths.put(modality.name(), 1e-3 + number(random, 100));
            }
            if (modality instanceof Modality.Series series && random.nextBoolean()) {
                double low = number(random, 10);
                references.put(
                        series.name(),
                        Map.of(
                                series.channels().getFirst().name(),
                                new HandcraftedFeatures.ReferenceRange(low, low + 1 + number(random, 10))));
            }
        }
        return new HandcraftedFeatures(1 + random.nextInt(256), lengths, references);
    }

    private static DpSgd privacy(Random random) {
        boolean subjects = random.nextBoolean();
        double noise = 0.05 + number(random, 100);
        int records = subjects ? 1 + random.nextInt(1024) : 1;
        return new DpSgd(
                subjects ? PrivacyUnit.SUBJECT : PrivacyUnit.RECORD,
                new ClipNorm(1e-6 + number(random, 1e5)),
                new NoiseMultiplier(noise),
                new SamplingRate(1e-9 + number(random, 0.9)),
                1 + random.nextInt(1 << 20),
                1 + random.nextInt(1_000_000),
                switch (random.nextInt(3)) {
                    case 0 -> new DpSgd.Clipping.Flat();
                    case 1 -> new DpSgd.Clipping.PerLayer();
                    default ->
                        new DpSgd.Clipping.Adaptive(
                                number(random, 1), number(random, 2), noise * (0.51 + number(random, 100)));
                },
                records,
                records + random.nextInt(1000),
                new Delta(1e-30 + number(random, 0.09)));
    }

    private static Map<String, Object> privacySection(Object... changes) {
        Map<String, Object> section = new HashMap<>(Map.of(
                "clipNorm", 1.0,
                "noiseMultiplier", 1.1,
                "samplingRate", 0.1,
                "expectedBatch", 16,
                "delta", 1e-5));
        for (int i = 0; i < changes.length; i += 2) {
            section.put((String) changes[i], changes[i + 1]);
        }
        section.values().removeIf("none"::equals);
        return section;
    }

    @Test
    void aPrivacySectionIsReadWithWhatIsPublicAlone() {
        DpSgd read = (DpSgd)
                LearningConfiguration.of(TinyRecords.SCHEMA, Map.of("privacy", privacySection(), "localEpochs", 3))
                        .privacy();
        assertEquals(PrivacyUnit.RECORD, read.unit());
        assertEquals(30, read.stepsPerRound(), "three passes at a tenth each");
        assertEquals(160, read.nominalUnits());
        assertEquals(new DpSgd.Clipping.Flat(), read.clipping());
    }

    @Test
    void aTargetBecomesTheLeastNoiseThatKeepsIt() {
        DpSgd read = (DpSgd) LearningConfiguration.of(
                        TinyRecords.SCHEMA,
                        Map.of("privacy", privacySection("noiseMultiplier", "none", "epsilon", 3.0, "rounds", 5)))
                .privacy();
        double epsilon = read.epsilon(5).value();
        assertTrue(epsilon <= 3 && epsilon > 2.98, "5 rounds cost " + epsilon);
        assertTrue(read.epsilon(6).value() > 3, "a sixth round is not in the target");
    }

    @Test
    void privacySectionsThatPromiseNothingAreRefused() {
        Map<Map<String, Object>, List<String>> refusals = Map.of(
                privacySection("clipNorm", "none"), List.of("privacy.clipNorm", "nothing", "public"),
                privacySection("samplingRate", 1.5), List.of("privacy.samplingRate", "'1.5'"),
                privacySection("samplingRate", 0), List.of("privacy.samplingRate", "'0'"),
                privacySection("noiseMultiplier", "none"), List.of("neither a noiseMultiplier nor an epsilon"),
                privacySection("epsilon", 3.0), List.of("a noiseMultiplier and an epsilon"),
                privacySection("noiseMultiplier", "none", "epsilon", 3.0),
                        List.of("privacy.rounds", "number of rounds"),
                privacySection("unit", "site"), List.of("privacy.unit", "'site'", "record, subject"),
                privacySection("clipping", "perLayer", "adaptive", Map.of()), List.of("privacy.adaptive", "flat"),
                privacySection("adaptive", Map.of("countNoise", 0.5)), List.of("privacy.adaptive.countNoise", "'0.5'"),
                privacySection("recordsPerSubject", 2), List.of("privacy.recordsPerSubject", "unknown setting"));
        refusals.forEach((section, words) -> {
            var refusal = assertThrows(
                    LearningConfigurationException.class,
                    () -> LearningConfiguration.of(TinyRecords.SCHEMA, Map.of("privacy", section)));
            for (String word : words) {
                assertTrue(
                        String.valueOf(refusal.getMessage()).contains(word), refusal.getMessage() + " lacks " + word);
            }
        });
    }

    private static BottleneckTransformer transformer(RecordSchema schema, Random random) {
        Map<String, SeriesSettings> settings = new HashMap<>();
        for (Modality modality : schema.modalities()) {
            if (modality instanceof Modality.Series series && random.nextBoolean()) {
                boolean vectors = series.channels().size() >= 3 && random.nextBoolean();
                Normalisation[] all = Normalisation.values();
                settings.put(
                        series.name(),
                        new SeriesSettings(
                                vectors ? all[random.nextInt(2)] : all[random.nextInt(all.length)],
                                random.nextBoolean(),
                                vectors
                                        ? List.of(series.channels().subList(0, 3).stream()
                                                .map(Channel::name)
                                                .toList())
                                        : List.of(),
                                random.nextBoolean()));
            }
        }
        int heads = 1 + random.nextInt(8);
        return new BottleneckTransformer(
                heads * (8 + random.nextInt(64)),
                heads,
                1 + random.nextInt(1000),
                2 + random.nextInt(6),
                1 + random.nextInt(8),
                1 + random.nextInt(128),
                number(random, 0.9),
                number(random, 0.9),
                number(random, 0.9),
                settings);
    }

    private static RecordSchema schema(Random random) {
        List<Modality> modalities = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String name = "m" + i + "_" + random.nextInt(100);
            modalities.add(
                    switch (random.nextInt(4)) {
                        case 0 -> new Modality.Image(name, 1 + 2 * random.nextInt(2), 1 + random.nextInt(512));
                        case 1 ->
                            new Modality.Text(
                                    name, 2 + random.nextInt(10_000), 1 + random.nextInt(4096), random.nextInt(10_000));
                        case 2 ->
                            new Modality.Series(
                                    name, channels(random), 1 + random.nextInt(10_000), 1e-6 + number(random, 1e5));
                        default -> new Modality.Table(name, channels(random));
                    });
        }
        List<String> classes = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(4); i++) {
            classes.add(i + new String[] {"no-finding", "Lungenentzündung", "\"quoted\"", "肺炎"}[random.nextInt(4)]);
        }
        return new RecordSchema(modalities, classes);
    }

    private static List<Channel> channels(Random random) {
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(5); i++) {
            double minimum = random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4);
            String unit = new String[] {"degC", "m/s2", "µmol/l", ""}[random.nextInt(4)];
            channels.add(new Channel("c" + i, unit, minimum, minimum + Math.abs(minimum) + 1e-3 + random.nextDouble()));
        }
        return channels;
    }

    /** From 0 to the most, both of them often. */
    private static double number(Random random, double most) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> most;
            case 2 -> most * Math.pow(10, -random.nextInt(12));
            default -> most * random.nextDouble();
        };
    }
}
