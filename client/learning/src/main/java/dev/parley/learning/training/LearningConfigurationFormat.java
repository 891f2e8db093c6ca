package dev.parley.learning.training;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.parley.learning.multimodal.Architecture;
import dev.parley.learning.multimodal.Augmentation;
import dev.parley.learning.multimodal.BottleneckTransformer;
import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.multimodal.BottleneckTransformer.Tier;
import dev.parley.learning.multimodal.ConvolutionalNetwork;
import dev.parley.learning.multimodal.HandcraftedFeatures;
import dev.parley.learning.multimodal.HandcraftedFeatures.ReferenceRange;
import dev.parley.learning.multimodal.LayeredNetwork;
import dev.parley.learning.multimodal.Objective;
import dev.parley.learning.multimodal.PerExampleRules;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.training.OptimizerSettings.AdamW;
import dev.parley.learning.training.OptimizerSettings.Sgd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The document form of a {@link LearningConfiguration}: one tree for the scenario's YAML and the canonical JSON. */
final class LearningConfigurationFormat {
    /** Strict: two readers must not see two configurations in one document. */
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private static final String ROOT = "learning";
    private static final int MAX_SIZE = 1 << 20;
    /** Twenty times the largest tier; a plan that asks for more would cost a site its memory. */
    private static final int MAX_PARAMETERS = 100_000_000;

    private static final Pattern MODALITY_NAME = Pattern.compile("[a-z0-9_]{1,64}");
    private static final String TRANSFORMER = "bottleneck-transformer";
    private static final String CONVOLUTIONAL = "convolutional-network";
    private static final String LAYERED = "layered-network";
    private static final String HANDCRAFTED = "handcrafted-features";

    private LearningConfigurationFormat() {}

    static LearningConfiguration parse(byte[] json) {
        Map<?, ?> tree;
        try {
            tree = JSON.readValue(json, Map.class);
        } catch (IOException e) {
            throw new LearningConfigurationException(
                    "(document)", "bytes that are not a JSON object", "the canonical JSON of a learning configuration");
        }
        if (tree == null) {
            throw new LearningConfigurationException("(document)", "null", "a JSON object");
        }
        var reader = new ConfigurationReader("", tree);
        RecordSchema schema = schema(reader.section("schema"));
        LearningConfiguration configuration = configuration(schema, reader.section(ROOT));
        reader.refuseUnknownKeys();
        return configuration;
    }

    static LearningConfiguration read(RecordSchema schema, Map<String, ?> learning) {
        return configuration(schema, new ConfigurationReader(ROOT, learning));
    }

    private static LearningConfiguration configuration(RecordSchema schema, ConfigurationReader reader) {
        Architecture architecture = architecture(reader.section("architecture"), schema);
        int localEpochs = reader.integer("localEpochs", 1, 1, 1000);
        var configuration = new LearningConfiguration(
                schema,
                architecture,
                optimizer(reader.section("optimizer")),
                schedule(reader.section("schedule")),
                objective(reader, architecture),
                reader.integer("batchSize", 16, 1, 65536),
                localEpochs,
                privacy(reader, architecture, schema, localEpochs));
        reader.refuseUnknownKeys();
        return configuration;
    }

    private static LocalPrivacy privacy(
            ConfigurationReader reader, Architecture architecture, RecordSchema schema, int localEpochs) {
        if (!reader.has("privacy")) {
            return LocalPrivacy.NONE;
        }
        ConfigurationReader section = reader.section("privacy");
        try {
            PerExampleRules.of(architecture.network(schema));
        } catch (IllegalArgumentException e) {
            throw new LearningConfigurationException(
                    reader.at("privacy"),
                    "a model whose gradients nobody can bound for each example",
                    String.valueOf(e.getMessage()));
        }
        return DpSgdFormat.read(section, localEpochs);
    }

    private static Architecture architecture(ConfigurationReader reader, RecordSchema schema) {
        String type = reader.choice("type", TRANSFORMER, List.of(TRANSFORMER, CONVOLUTIONAL, LAYERED, HANDCRAFTED));
        Architecture architecture = switch (type) {
            case TRANSFORMER -> transformer(reader, schema);
            case CONVOLUTIONAL -> convolutional(reader, schema);
            case LAYERED -> layered(reader, schema);
            case HANDCRAFTED -> handcrafted(reader, schema);
            default -> throw new AssertionError(type);
        };
        reader.refuseUnknownKeys();
        refuseWhatCannotBeBuilt(reader, architecture, schema);
        return architecture;
    }

    private static void refuseWhatCannotBeBuilt(
            ConfigurationReader reader, Architecture architecture, RecordSchema schema) {
        int parameters;
        try {
            parameters = architecture.network(schema).layout().size();
        } catch (IllegalArgumentException e) {
            throw new LearningConfigurationException(
                    reader.at("type"), "a model that the schema does not allow", String.valueOf(e.getMessage()));
        }
        if (parameters > MAX_PARAMETERS) {
            throw new LearningConfigurationException(
                    reader.at("width"),
                    "sizes that make " + parameters + " parameters",
                    "at most " + MAX_PARAMETERS + " over all settings and modalities");
        }
    }

    private static BottleneckTransformer transformer(ConfigurationReader reader, RecordSchema schema) {
        BottleneckTransformer tier = reader.choice("tier", Tier.S).architecture();
        int width = reader.integer("width", tier.width(), 8, 4096);
        int heads = reader.integer("heads", tier.heads(), 1, 64);
        if (width % heads != 0) {
            throw new LearningConfigurationException(
                    reader.at("heads"), "'" + heads + "'", "a divisor of the width " + width);
        }
        return new BottleneckTransformer(
                width,
                heads,
                reader.integer("feedForward", tier.feedForward(), 1, 16384),
                reader.integer("layers", tier.layers(), 2, 64),
                reader.integer("bottlenecks", tier.bottlenecks(), 1, 64),
                reader.integer("textEmbedding", tier.textEmbedding(), 1, 4096),
                reader.number("dropout", tier.dropout(), 0, 0.9),
                reader.number("modalityDropout", tier.modalityDropout(), 0, 0.9),
                reader.number("wideDropout", tier.wideDropout(), 0, 0.9),
                seriesSettings(reader.section("series"), schema));
    }

    private static ConvolutionalNetwork convolutional(ConfigurationReader reader, RecordSchema schema) {
        requireOneImage(reader, schema, CONVOLUTIONAL);
        ConvolutionalNetwork d = ConvolutionalNetwork.DEFAULT;
        int kernel = reader.integer("kernel", d.kernel(), 1, 31);
        if (kernel % 2 == 0) {
            throw new LearningConfigurationException(reader.at("kernel"), "'" + kernel + "'", "an odd number");
        }
        return new ConvolutionalNetwork(
                kernel,
                reader.integer("firstChannels", d.firstChannels(), 1, 1024),
                reader.integer("secondChannels", d.secondChannels(), 1, 1024),
                reader.integer("hidden", d.hidden(), 1, 16384));
    }

    private static void requireOneImage(ConfigurationReader reader, RecordSchema schema, String type) {
        if (schema.modalities().size() != 1 || !(schema.modalities().getFirst() instanceof Modality.Image)) {
            throw new LearningConfigurationException(
                    reader.at("type"),
                    "'" + type + "' for the modalities " + schema.modalityNames(),
                    "'" + TRANSFORMER + "', or a schema whose only modality is an image");
        }
    }

    private static LayeredNetwork layered(ConfigurationReader reader, RecordSchema schema) {
        requireOneImage(reader, schema, LAYERED);
        List<LayeredNetwork.Convolution> convolutions = new ArrayList<>();
        if (reader.has("convolutions")) {
            for (ConfigurationReader item : reader.sections("convolutions")) {
                int kernel = item.requiredInteger("kernel", 1, 64);
                convolutions.add(new LayeredNetwork.Convolution(
                        item.requiredInteger("channels", 1, 1024),
                        kernel,
                        item.integer("stride", 1, 1, 16),
                        item.integer("padding", 0, 0, kernel - 1),
                        item.integer("pool", 1, 1, 16)));
                item.refuseUnknownKeys();
            }
        }
        return new LayeredNetwork(
                convolutions,
                reader.integers("hidden", 1, 16384),
                reader.choice("activation", LayeredNetwork.Activation.TANH));
    }

    private static HandcraftedFeatures handcrafted(ConfigurationReader reader, RecordSchema schema) {
        int cells = reader.integer("cells", 8, 1, 256);
        ConfigurationReader given = reader.section("lengths");
        Map<String, Double> lengths = new TreeMap<>();
        Map<String, Map<String, ReferenceRange>> references = new TreeMap<>();
        ConfigurationReader ranges = reader.section("references");
        for (Modality modality : schema.modalities()) {
            if (given.has(modality.name())) {
                lengths.put(modality.name(), given.number(modality.name(), 1, 1e-3, 1e3));
            }
            List<Channel> channels = switch (modality) {
                case Modality.Series series -> series.channels();
                case Modality.Table table -> table.columns();
                case Modality.Image image -> List.of();
                case Modality.Text text -> List.of();
            };
            if (!channels.isEmpty() && ranges.has(modality.name())) {
                references.put(modality.name(), referenceRanges(ranges.section(modality.name()), channels));
            }
        }
        given.refuseUnknownKeys();
        ranges.refuseUnknownKeys();
        return new HandcraftedFeatures(cells, lengths, references);
    }

    private static Map<String, ReferenceRange> referenceRanges(ConfigurationReader reader, List<Channel> channels) {
        Map<String, ReferenceRange> ranges = new TreeMap<>();
        for (Channel channel : channels) {
            if (reader.has(channel.name())) {
                ConfigurationReader range = reader.section(channel.name());
                double low = range.requiredNumber("low");
                double high = range.requiredNumber("high");
                range.refuseUnknownKeys();
                if (!(low < high)) {
                    throw range.refuse("high", "a number above low, " + low);
                }
                ranges.put(channel.name(), new ReferenceRange(low, high));
            }
        }
        reader.refuseUnknownKeys();
        return ranges;
    }

    private static Map<String, SeriesSettings> seriesSettings(ConfigurationReader reader, RecordSchema schema) {
        Map<String, SeriesSettings> settings = new TreeMap<>();
        for (Modality modality : schema.modalities()) {
            if (modality instanceof Modality.Series series && reader.has(series.name())) {
                settings.put(series.name(), seriesSettings(reader.section(series.name()), series));
            }
        }
        reader.refuseUnknownKeys();
        return settings;
    }

    private static SeriesSettings seriesSettings(ConfigurationReader reader, Modality.Series series) {
        SeriesSettings defaults = SeriesSettings.DEFAULT;
        List<String> channels = series.channels().stream().map(Channel::name).toList();
        List<List<String>> vectors = reader.textLists("vectors");
        for (List<String> vector : vectors) {
            if (vector.size() != 3 || !channels.containsAll(vector)) {
                throw reader.refuse("vectors", "lists of three of the channels " + channels);
            }
        }
        Normalisation normalisation = reader.choice("normalisation", defaults.normalisation());
        if (!vectors.isEmpty() && normalisation != Normalisation.RMS && normalisation != Normalisation.NONE) {
            throw new LearningConfigurationException(
                    reader.at("vectors"),
                    "vectors under the normalisation '" + word(normalisation) + "'",
                    "normalisation rms or none, which keep a vector's zero");
        }
        var settings = new SeriesSettings(
                normalisation,
                reader.flag("centred", defaults.centred()),
                vectors,
                reader.flag("eitherWay", defaults.eitherWay()));
        reader.refuseUnknownKeys();
        return settings;
    }

    private static OptimizerSettings optimizer(ConfigurationReader reader) {
        String type = reader.choice("type", "adamw", List.of("adamw", "sgd"));
        OptimizerSettings settings;
        if (type.equals("adamw")) {
            AdamW d = AdamW.DEFAULT;
            settings = new AdamW(
                    reader.number("learningRate", d.learningRate(), 0, 10),
                    reader.number("wideLearningRate", d.wideLearningRate(), 0, 10),
                    reader.number("clipNorm", d.clipNorm(), 0, 1e6),
                    reader.number("beta1", d.beta1(), 0, 0.9999),
                    reader.number("beta2", d.beta2(), 0, 0.99999),
                    reader.number("epsilon", d.epsilon(), 1e-12, 1),
                    reader.number("weightDecay", d.weightDecay(), 0, 10));
        } else {
            Sgd d = Sgd.DEFAULT;
            settings = new Sgd(
                    reader.number("learningRate", d.learningRate(), 0, 10),
                    reader.number("wideLearningRate", d.wideLearningRate(), 0, 10),
                    reader.number("clipNorm", d.clipNorm(), 0, 1e6),
                    reader.number("momentum", d.momentum(), 0, 0.9999),
                    reader.number("weightDecay", d.weightDecay(), 0, 10));
        }
        reader.refuseUnknownKeys();
        return settings;
    }

    private static LearningRateSchedule schedule(ConfigurationReader reader) {
        LearningRateSchedule d = LearningRateSchedule.DEFAULT;
        var schedule = new LearningRateSchedule(
                reader.choice("shape", d.shape()),
                reader.integer("warmupRounds", d.warmupRounds(), 0, 10000),
                reader.number("finalFactor", d.finalFactor(), 0, 1));
        reader.refuseUnknownKeys();
        return schedule;
    }

    private static Objective objective(ConfigurationReader learning, Architecture architecture) {
        ConfigurationReader reader = learning.section("objective");
        ConfigurationReader augmentation = learning.section("augmentation");
        Augmentation none = Augmentation.NONE;
        var changes = new Augmentation(
                augmentation.integer("imageShift", none.imageShift(), 0, 1024),
                augmentation.number("imageContrast", none.imageContrast(), 0, 0.99),
                augmentation.number("imageNoise", none.imageNoise(), 0, 10),
                augmentation.number("tokenReplacement", none.tokenReplacement(), 0, 0.9),
                augmentation.number("seriesScale", none.seriesScale(), 0, 0.9),
                augmentation.number("seriesNoise", none.seriesNoise(), 0, 10),
                augmentation.flag("axisTurns", none.axisTurns()),
                augmentation.integer("seriesShift", none.seriesShift(), 0, 1_000_000),
                augmentation.number("recutSeconds", none.recutSeconds(), 0, 1e9));
        augmentation.refuseUnknownKeys();
        if (architecture instanceof HandcraftedFeatures && !changes.equals(none)) {
            throw new LearningConfigurationException(
                    learning.at("augmentation"),
                    "changes of records",
                    "none with '" + HANDCRAFTED + "', whose features are computed once");
        }
        var objective = new Objective(
                reader.number("labelSmoothing", 0, 0, 0.9), reader.number("auxiliaryWeight", 0.3, 0, 100), changes);
        reader.refuseUnknownKeys();
        return objective;
    }

    private static RecordSchema schema(ConfigurationReader reader) {
        List<Modality> modalities = new ArrayList<>();
        for (ConfigurationReader item : reader.sections("modalities")) {
            modalities.add(modality(item));
            item.refuseUnknownKeys();
        }
        if (modalities.isEmpty()) {
            throw reader.refuse("modalities", "at least one modality");
        }
        refuseRepeated(
                reader.at("modalities"), modalities.stream().map(Modality::name).toList());
        List<String> classes = reader.texts("classes");
        if (classes.size() < 2) {
            throw reader.refuse("classes", "at least two classes");
        }
        if (new HashSet<>(classes).size() < classes.size()) {
            throw reader.refuse("classes", "distinct classes");
        }
        reader.refuseUnknownKeys();
        return new RecordSchema(modalities, classes);
    }

    private static void refuseRepeated(String path, List<String> names) {
        var seen = new HashSet<String>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new LearningConfigurationException(path, "'" + name + "' twice", "one name for each");
            }
        }
    }

    private static Modality modality(ConfigurationReader reader) {
        String name = reader.text("name");
        if (!MODALITY_NAME.matcher(name).matches()) {
            throw reader.refuse("name", "1 to 64 lower-case letters, digits and underscores");
        }
        String type = reader.text("type");
        return switch (type) {
            case "image" ->
                new Modality.Image(
                        name, reader.requiredInteger("channels", 1, 4), reader.requiredInteger("size", 1, 4096));
            case "text" ->
                new Modality.Text(
                        name,
                        reader.requiredInteger("vocabulary", 2, MAX_SIZE),
                        reader.requiredInteger("maxTokens", 1, 4096),
                        reader.requiredInteger("wideVocabulary", 0, MAX_SIZE));
            case "series" ->
                new Modality.Series(
                        name, channels(reader, "channels"), reader.requiredInteger("steps", 1, MAX_SIZE), rate(reader));
            case "table" -> new Modality.Table(name, channels(reader, "columns"));
            default -> throw reader.refuse("type", "one of image, series, table, text");
        };
    }

    private static double rate(ConfigurationReader reader) {
        double rate = reader.requiredNumber("rateHertz");
        if (rate <= 0) {
            throw reader.refuse("rateHertz", "a number above 0");
        }
        return rate;
    }

    private static List<Channel> channels(ConfigurationReader reader, String key) {
        List<Channel> channels = new ArrayList<>();
        for (ConfigurationReader item : reader.sections(key)) {
            double minimum = item.requiredNumber("minimum");
            double maximum = item.requiredNumber("maximum");
            if (!(minimum < maximum)) {
                throw item.refuse("maximum", "a number above the minimum " + minimum);
            }
            channels.add(new Channel(item.text("name"), item.text("unit"), minimum, maximum));
            item.refuseUnknownKeys();
        }
        if (channels.isEmpty()) {
            throw reader.refuse(key, "at least one channel");
        }
        refuseRepeated(reader.at(key), channels.stream().map(Channel::name).toList());
        return channels;
    }

    static byte[] canonicalJson(LearningConfiguration configuration) {
        Objective objective = configuration.objective();
        Augmentation changes = objective.augmentation();
        Map<String, Object> learning = tree(
                "architecture", architectureTree(configuration.architecture()),
                "optimizer", optimizerTree(configuration.optimizer()),
                "schedule",
                        tree(
                                "shape", word(configuration.schedule().shape()),
                                "warmupRounds", configuration.schedule().warmupRounds(),
                                "finalFactor", configuration.schedule().finalFactor()),
                "objective",
                        tree(
                                "labelSmoothing", objective.labelSmoothing(),
                                "auxiliaryWeight", objective.auxiliaryWeight()),
                "augmentation",
                        tree(
                                "imageShift", changes.imageShift(),
                                "imageContrast", changes.imageContrast(),
                                "imageNoise", changes.imageNoise(),
                                "tokenReplacement", changes.tokenReplacement(),
                                "seriesScale", changes.seriesScale(),
                                "seriesNoise", changes.seriesNoise(),
                                "axisTurns", changes.axisTurns(),
                                "seriesShift", changes.seriesShift(),
                                "recutSeconds", changes.recutSeconds()),
                "batchSize", configuration.batchSize(),
                "localEpochs", configuration.localEpochs());
        if (configuration.privacy() instanceof DpSgd dpSgd) {
            learning.put("privacy", DpSgdFormat.tree(dpSgd));
        }
        try {
            return JSON.writeValueAsBytes(tree("learning", learning, "schema", schemaTree(configuration.schema())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, text and numbers always have a JSON form", e);
        }
    }

    private static Map<String, Object> architectureTree(Architecture architecture) {
        return switch (architecture) {
            case BottleneckTransformer t -> {
                Map<String, Object> series = new TreeMap<>();
                t.series()
                        .forEach((name, settings) -> series.put(
                                name,
                                tree(
                                        "normalisation", word(settings.normalisation()),
                                        "centred", settings.centred(),
                                        "vectors", settings.vectors(),
                                        "eitherWay", settings.eitherWay())));
                yield tree(
                        "type", TRANSFORMER,
                        "width", t.width(),
                        "heads", t.heads(),
                        "feedForward", t.feedForward(),
                        "layers", t.layers(),
                        "bottlenecks", t.bottlenecks(),
                        "textEmbedding", t.textEmbedding(),
                        "dropout", t.dropout(),
                        "modalityDropout", t.modalityDropout(),
                        "wideDropout", t.wideDropout(),
                        "series", series);
            }
            case ConvolutionalNetwork c ->
                tree(
                        "type", CONVOLUTIONAL,
                        "kernel", c.kernel(),
                        "firstChannels", c.firstChannels(),
                        "secondChannels", c.secondChannels(),
                        "hidden", c.hidden());
            case LayeredNetwork l ->
                tree(
                        "type", LAYERED,
                        "convolutions",
                                l.convolutions().stream()
                                        .map(c -> tree(
                                                "channels", c.channels(),
                                                "kernel", c.kernel(),
                                                "stride", c.stride(),
                                                "padding", c.padding(),
                                                "pool", c.pool()))
                                        .toList(),
                        "hidden", l.hidden(),
                        "activation", word(l.activation()));
            case HandcraftedFeatures h ->
                tree("type", HANDCRAFTED, "cells", h.cells(), "lengths", h.lengths(), "references", referenceTree(h));
        };
    }

    private static Map<String, Object> referenceTree(HandcraftedFeatures features) {
        Map<String, Object> tree = new TreeMap<>();
        features.references().forEach((modality, ranges) -> {
            Map<String, Object> ofModality = new TreeMap<>();
            ranges.forEach((channel, range) -> ofModality.put(channel, tree("low", range.low(), "high", range.high())));
            tree.put(modality, ofModality);
        });
        return tree;
    }

    private static Map<String, Object> optimizerTree(OptimizerSettings optimizer) {
        return switch (optimizer) {
            case AdamW a ->
                tree(
                        "type", "adamw",
                        "learningRate", a.learningRate(),
                        "wideLearningRate", a.wideLearningRate(),
                        "clipNorm", a.clipNorm(),
                        "beta1", a.beta1(),
                        "beta2", a.beta2(),
                        "epsilon", a.epsilon(),
                        "weightDecay", a.weightDecay());
            case Sgd s ->
                tree(
                        "type", "sgd",
                        "learningRate", s.learningRate(),
                        "wideLearningRate", s.wideLearningRate(),
                        "clipNorm", s.clipNorm(),
                        "momentum", s.momentum(),
                        "weightDecay", s.weightDecay());
        };
    }

    private static Map<String, Object> schemaTree(RecordSchema schema) {
        List<Object> modalities = new ArrayList<>();
        for (Modality modality : schema.modalities()) {
            modalities.add(
                    switch (modality) {
                        case Modality.Image m ->
                            tree("type", "image", "name", m.name(), "channels", m.channels(), "size", m.size());
                        case Modality.Text m ->
                            tree(
                                    "type", "text",
                                    "name", m.name(),
                                    "vocabulary", m.vocabulary(),
                                    "maxTokens", m.maxTokens(),
                                    "wideVocabulary", m.wideVocabulary());
                        case Modality.Series m ->
                            tree(
                                    "type", "series",
                                    "name", m.name(),
                                    "channels", channelTrees(m.channels()),
                                    "steps", m.steps(),
                                    "rateHertz", m.rateHertz());
                        case Modality.Table m ->
                            tree("type", "table", "name", m.name(), "columns", channelTrees(m.columns()));
                    });
        }
        return tree("modalities", modalities, "classes", schema.classes());
    }

    private static List<Object> channelTrees(List<Channel> channels) {
        List<Object> trees = new ArrayList<>();
        for (Channel channel : channels) {
            trees.add(tree(
                    "name", channel.name(),
                    "unit", channel.unit(),
                    "minimum", channel.minimum(),
                    "maximum", channel.maximum()));
        }
        return trees;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> tree(@Nullable Object... keysAndValues) {
        Map<String, Object> tree = new TreeMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            tree.put(
                    (String) java.util.Objects.requireNonNull(keysAndValues[i]),
                    java.util.Objects.requireNonNull(keysAndValues[i + 1]));
        }
        return tree;
    }
}
