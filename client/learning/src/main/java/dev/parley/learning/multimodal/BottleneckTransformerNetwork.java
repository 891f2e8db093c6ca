package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.multimodal.Layers.TransformerBlock;
import dev.parley.learning.multimodal.ModalityEncoder.Normaliser;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link BottleneckTransformer} bound to a schema: its parameters, and records turned into {@link PreparedRecords}. */
final class BottleneckTransformerNetwork implements DeclaredNetwork {
    static final String BOTTLENECK = "fusion.bottleneck";
    static final String FINAL_NORM = "fusion.norm";
    static final String FUSION_HEAD = "fusion.head";

    private final BottleneckTransformer architecture;
    private final RecordSchema schema;
    private final List<ModalityEncoder<?>> encoders;
    private final List<TransformerBlock> blocks;
    private final Parameters parameters;

    BottleneckTransformerNetwork(BottleneckTransformer architecture, RecordSchema schema) {
        this.architecture = architecture;
        this.schema = schema;
        List<ModalityEncoder<?>> perModality = new ArrayList<>();
        for (Modality modality : schema.modalities()) {
            perModality.add(encoder(modality));
        }
        this.encoders = List.copyOf(perModality);
        List<TransformerBlock> layers = new ArrayList<>();
        for (int layer = 0; layer < architecture.layers(); layer++) {
            layers.add(new TransformerBlock(
                    "blocks." + layer,
                    architecture.width(),
                    architecture.heads(),
                    architecture.feedForward(),
                    architecture.dropout()));
        }
        this.blocks = List.copyOf(layers);
        // The layout refuses a modality that is named like a part of the model and would silently take its place.
        this.parameters = new Parameters(declared());
    }

    /** Columns of a head: with two classes the score of class 1 against class 0, otherwise one for each class. */
    private int outputs() {
        return schema.classes().size() == 2 ? 1 : schema.classes().size();
    }

    private ModalityEncoder<?> encoder(Modality modality) {
        int width = architecture.width();
        return switch (modality) {
            case Modality.Image image -> new ImageEncoder(image, width);
            case Modality.Text text ->
                new TextEncoder(text, width, architecture.textEmbedding(), outputs(), architecture.wideDropout());
            case Modality.Table table -> new TableEncoder(table, width);
            case Modality.Series series ->
                new SeriesEncoder(
                        series, architecture.series().getOrDefault(series.name(), SeriesSettings.DEFAULT), width);
        };
    }

    private List<ParameterSpec> declared() {
        int width = architecture.width();
        List<ParameterSpec> parameters = new ArrayList<>();
        for (int m = 0; m < encoders.size(); m++) {
            String name = schema.modalities().get(m).name();
            parameters.addAll(encoders.get(m).parameters());
            parameters.add(ParameterSpec.normal(missingToken(name), 0.5, width).by(GradientRule.SHARED));
            parameters.addAll(Layers.head(headName(name), outputs(), 2L * width));
        }
        blocks.forEach(block -> parameters.addAll(block.parameters()));
        parameters.add(ParameterSpec.normal(BOTTLENECK, 0.5, architecture.bottlenecks(), width)
                .by(GradientRule.SHARED));
        parameters.addAll(Layers.norm(FINAL_NORM, width));
        parameters.addAll(Layers.head(FUSION_HEAD, outputs(), width));
        return parameters;
    }

    static String missingToken(String modality) {
        return modality + ".missing";
    }

    static String headName(String modality) {
        return modality + ".head";
    }

    BottleneckTransformer architecture() {
        return architecture;
    }

    RecordSchema schema() {
        return schema;
    }

    List<ModalityEncoder<?>> encoders() {
        return encoders;
    }

    List<TransformerBlock> blocks() {
        return blocks;
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public boolean needsStatistics() {
        return encoders.stream().anyMatch(e -> e instanceof SeriesEncoder series && series.needsStatistics());
    }

    @Override
    public ParameterVector statistics(ParameterVector model, List<SiteRecord> records) {
        float[] values = model.toArray();
        for (ModalityEncoder<?> encoder : encoders) {
            if (encoder instanceof SeriesEncoder series && series.needsStatistics()) {
                series.moments().write(records, model, values);
            }
        }
        return ParameterVector.of(model.layout(), values);
    }

    @Override
    public PreparedRecords prepare(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        List<Stream<?>> streams = new ArrayList<>();
        for (int m = 0; m < encoders.size(); m++) {
            Modality modality = schema.modalities().get(m);
            streams.add(stream(modality, encoders.get(m), model, records, present.contains(modality.name())));
        }
        int[] labels = records.stream().mapToInt(SiteRecord::label).toArray();
        return new PreparedRecords(this, streams, labels);
    }

    private static <F> Stream<F> stream(
            Modality modality,
            ModalityEncoder<F> encoder,
            ParameterVector model,
            List<SiteRecord> records,
            boolean allowed) {
        List<@Nullable F> features = new ArrayList<>(records.size());
        Normaliser normaliser = encoder.normaliser(model);
        for (SiteRecord record : records) {
            ModalityValue value = allowed ? record.values().get(modality.name()) : null;
            features.add(value == null ? null : encoder.features(normaliser, value));
        }
        return new Stream<>(modality, encoder, features);
    }

    /**
     * One modality of the prepared records.
     *
     * @param features one for each record; null where the modality is missing
     */
    record Stream<F>(Modality modality, ModalityEncoder<F> encoder, List<@Nullable F> features) {}
}
