package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Token embeddings with positions, and beside them the wide path: a linear score of hashed uni- and bigrams (Cheng et
 * al., "Wide and Deep Learning", 2016), binary and scaled to length 1. With a few hundred notes the wide path learns what
 * the deep one cannot; it starts at zero and is zero where there is no text.
 */
final class TextEncoder implements ModalityEncoder<ModalityValue.Text> {
    private final Modality.Text modality;
    private final int width;
    private final int embedding;
    private final int outputs;
    private final double wideDropout;

    TextEncoder(Modality.Text modality, int width, int embedding, int outputs, double wideDropout) {
        this.modality = modality;
        this.width = width;
        this.embedding = embedding;
        this.outputs = outputs;
        this.wideDropout = wideDropout;
    }

    @Override
    public List<ParameterSpec> parameters() {
        String name = modality.name();
        Stream<ParameterSpec> deep = Stream.concat(
                Stream.of(
                        ParameterSpec.normal(name + ".embedding", 1.0, modality.vocabulary(), embedding)
                                .by(GradientRule.SPARSE),
                        ParameterSpec.normal(name + ".position", 0.1, modality.maxTokens(), width)
                                .by(GradientRule.SHARED),
                        ParameterSpec.normal(name + ".summary", 0.5, width).by(GradientRule.SHARED)),
                Layers.linear(name + ".projection", width, embedding).stream());
        return modality.wideVocabulary() == 0
                ? deep.toList()
                : Stream.concat(deep, Stream.of(ParameterSpec.wide(name + ".wide", modality.wideVocabulary(), outputs)))
                        .toList();
    }

    @Override
    public ModalityValue.Text features(Normaliser normaliser, ModalityValue value) {
        return (ModalityValue.Text) value;
    }

    @Override
    public Encoded encode(StepScope scope, List<ModalityValue.@Nullable Text> batch, @Nullable Change change) {
        PtNDArray summary = JniUtils.add(
                scope.constant(0f, batch.size(), 1, width), scope.shared(modality.name() + ".summary", batch.size()));
        PtNDArray wide = modality.wideVocabulary() == 0 ? null : wide(scope, batch, change);
        int longest = 0;
        for (ModalityValue.Text text : batch) {
            longest = text == null ? longest : Math.max(longest, text.tokens().length);
        }
        if (longest == 0) {
            return new Encoded(summary, null, null, wide);
        }
        long[] ids = new long[batch.size() * longest];
        boolean[] present = new boolean[ids.length];
        for (int row = 0; row < batch.size(); row++) {
            ModalityValue.Text text = batch.get(row);
            for (int i = 0; text != null && i < text.tokens().length; i++) {
                ids[row * longest + i] = replaced(text.tokens()[i], change);
                present[row * longest + i] = true;
            }
        }
        PtNDArray embedded = scope.embedding(modality.name() + ".embedding", ids, batch.size(), longest);
        PtNDArray position = scope.sharedFirst(modality.name() + ".position", longest, batch.size());
        PtNDArray body = JniUtils.add(scope.linear(modality.name() + ".projection", embedded), position);
        return new Encoded(summary, body, present, wide);
    }

    private long replaced(int token, @Nullable Change change) {
        if (change == null || change.augmentation().tokenReplacement() == 0) {
            return token;
        }
        SplittableRandom random = change.random();
        return random.nextDouble() < change.augmentation().tokenReplacement()
                ? random.nextInt(1, modality.vocabulary())
                : token;
    }

    private PtNDArray wide(StepScope scope, List<ModalityValue.@Nullable Text> batch, @Nullable Change change) {
        int most = 1;
        for (ModalityValue.Text text : batch) {
            most = text == null ? most : Math.max(most, text.wide().length);
        }
        long[] buckets = new long[batch.size() * most];
        float[] values = new float[buckets.length];
        for (int row = 0; row < batch.size(); row++) {
            ModalityValue.Text text = batch.get(row);
            if (text == null) {
                continue;
            }
            int[] features = text.wide();
            float value = (float) (1 / Math.sqrt(Math.max(1, features.length)));
            for (int i = 0; i < features.length; i++) {
                buckets[row * most + i] = features[i];
                boolean hidden =
                        change != null && wideDropout > 0 && change.random().nextDouble() < wideDropout;
                values[row * most + i] = hidden ? 0 : value;
            }
        }
        return scope.weightedRows(modality.name() + ".wide", buckets, values, batch.size(), most);
    }
}
