package dev.parley.learning.multimodal;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.BottleneckTransformerNetwork.Stream;
import dev.parley.learning.multimodal.Layers.TransformerBlock;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.multimodal.ModalityEncoder.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Records as the bottleneck transformer reads them, and its forward pass.
 *
 * <p>Each modality of a batch is a stream of tokens. Its first token is never masked: it is the modality's summary where
 * the record has the modality and the learned "missing" token where it does not, in which case all other tokens of the
 * row are masked. So no attention row is ever empty. A modality that no record of the batch has is a stream of one token.
 * From the second block on, each stream is read together with the bottleneck tokens, and the bottleneck's new state is
 * the mean over the streams.
 */
final class PreparedRecords implements Network.Prepared {
    /** Added to the score of a masked token; its weight after softmax is exactly 0. */
    private static final float MASKED = -1e9f;

    private final BottleneckTransformerNetwork network;
    private final List<Stream<?>> streams;
    private final int[] labels;

    PreparedRecords(BottleneckTransformerNetwork network, List<Stream<?>> streams, int[] labels) {
        this.network = network;
        this.streams = streams;
        this.labels = labels;
    }

    /**
     * @param tokens {@code [batch, tokens, width]}
     * @param open row-major {@code batch x tokens}, whether a token may be read; null if all may
     * @param present for each record whether it has the modality
     * @param wide scores beside the tokens
     */
    private record Tokens(
            PtNDArray tokens,
            boolean @Nullable [] open,
            boolean[] present,
            @Nullable PtNDArray wide) {
        int length() {
            return (int) tokens.getShape().get(1);
        }

        Tokens with(PtNDArray changed) {
            return new Tokens(changed, open, present, wide);
        }
    }

    /** Scores of the fused model, and of each modality's head on its own. */
    private record Scores(PtNDArray fused, List<PtNDArray> perModality, List<boolean[]> present) {}

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public PtNDArray scores(StepScope scope, int[] indices) {
        return Layers.perClass(scope, forward(scope, indices, null).fused());
    }

    @Override
    public PtNDArray loss(StepScope scope, int[] indices, SplittableRandom random, Objective objective) {
        Scores scores = forward(scope, indices, new Change(random, objective.augmentation()));
        int batch = indices.length;
        int classes = network.schema().classes().size();
        List<PtNDArray> heads = new ArrayList<>(List.of(scores.fused()));
        heads.addAll(scores.perModality());
        float[] targets = new float[heads.size() * batch * classes];
        float even = (float) (objective.labelSmoothing() / classes);
        for (int head = 0; head < heads.size(); head++) {
            for (int row = 0; row < batch; row++) {
                boolean counts = head == 0 || scores.present().get(head - 1)[row];
                float weight = (float) (head == 0 ? 1 : counts ? objective.auxiliaryWeight() : 0) / batch;
                int at = (head * batch + row) * classes;
                Arrays.fill(targets, at, at + classes, -weight * even);
                targets[at + labels[indices[row]]] -= weight * (float) (1 - objective.labelSmoothing());
            }
        }
        PtNDArray all = Layers.perClass(scope, Layers.concatenate(0, heads.toArray(new PtNDArray[0])));
        PtNDArray logarithms = JniUtils.logSoftmax(all, 1, DataType.FLOAT32);
        return JniUtils.sum(JniUtils.mul(logarithms, scope.floats(targets, (long) heads.size() * batch, classes)));
    }

    private Scores forward(StepScope scope, int[] indices, @Nullable Change change) {
        List<boolean[]> present = presence(indices, change);
        List<Tokens> tokens = new ArrayList<>();
        for (int m = 0; m < streams.size(); m++) {
            tokens.add(encode(scope, streams.get(m), indices, present.get(m), change));
        }
        SplittableRandom random = change == null ? null : change.random();
        TransformerBlock local = network.blocks().getFirst();
        tokens.replaceAll(t -> t.with(local.apply(scope, t.tokens(), mask(scope, t, indices.length, 0), random)));
        int bottlenecks = network.architecture().bottlenecks();
        int width = network.architecture().width();
        PtNDArray bottleneck = JniUtils.add(
                scope.constant(0f, indices.length, bottlenecks, width),
                scope.shared(BottleneckTransformerNetwork.BOTTLENECK, indices.length));
        for (TransformerBlock block :
                network.blocks().subList(1, network.blocks().size())) {
            bottleneck = exchange(scope, block, bottleneck, tokens, random);
        }
        return heads(scope, bottleneck, tokens);
    }

    /** Reads each stream together with the bottleneck; replaces the streams and returns the bottleneck's mean. */
    private PtNDArray exchange(
            StepScope scope,
            TransformerBlock block,
            PtNDArray bottleneck,
            List<Tokens> tokens,
            @Nullable SplittableRandom random) {
        int width = (int) bottleneck.getShape().get(1);
        int batch = (int) bottleneck.getShape().get(0);
        PtNDArray sum = null;
        for (int m = 0; m < tokens.size(); m++) {
            Tokens stream = tokens.get(m);
            PtNDArray joined = Layers.concatenate(1, bottleneck, stream.tokens());
            PtNDArray mixed = block.apply(scope, joined, mask(scope, stream, batch, width), random);
            PtNDArray own = JniUtils.slice(mixed, 1, 0, width, 1);
            sum = sum == null ? own : JniUtils.add(sum, own);
            tokens.set(m, stream.with(JniUtils.slice(mixed, 1, width, (long) width + stream.length(), 1)));
        }
        return JniUtils.mul(java.util.Objects.requireNonNull(sum), scope.constant(1f / tokens.size(), 1));
    }

    /** Which modalities each record shows: those it has, less those that modality dropout hides, but never none of them. */
    private List<boolean[]> presence(int[] indices, @Nullable Change change) {
        List<boolean[]> present = new ArrayList<>();
        for (Stream<?> stream : streams) {
            boolean[] has = new boolean[indices.length];
            for (int row = 0; row < indices.length; row++) {
                has[row] = stream.features().get(indices[row]) != null;
            }
            present.add(has);
        }
        double probability = network.architecture().modalityDropout();
        if (change == null || probability == 0) {
            return present;
        }
        for (int row = 0; row < indices.length; row++) {
            hideSome(present, row, probability, change.random());
        }
        return present;
    }

    private static void hideSome(List<boolean[]> present, int row, double probability, SplittableRandom random) {
        List<boolean[]> had = new ArrayList<>();
        List<boolean[]> hidden = new ArrayList<>();
        for (boolean[] modality : present) {
            if (modality[row]) {
                had.add(modality);
                if (random.nextDouble() < probability) {
                    hidden.add(modality);
                }
            }
        }
        if (!hidden.isEmpty() && hidden.size() == had.size()) {
            hidden.remove(random.nextInt(hidden.size()));
        }
        hidden.forEach(modality -> modality[row] = false);
    }

    private <F> Tokens encode(
            StepScope scope, Stream<F> stream, int[] indices, boolean[] present, @Nullable Change change) {
        int batch = indices.length;
        int width = network.architecture().width();
        String missing =
                BottleneckTransformerNetwork.missingToken(stream.modality().name());
        List<@Nullable F> features = new ArrayList<>(batch);
        float[] has = new float[batch];
        float[] lacks = new float[batch];
        int count = 0;
        for (int row = 0; row < batch; row++) {
            features.add(present[row] ? stream.features().get(indices[row]) : null);
            has[row] = present[row] ? 1 : 0;
            lacks[row] = 1 - has[row];
            count += present[row] ? 1 : 0;
        }
        if (count == 0) {
            return new Tokens(
                    JniUtils.add(scope.constant(0f, batch, 1, width), scope.shared(missing, batch)),
                    null,
                    present,
                    null);
        }
        Encoded encoded = stream.encoder().encode(scope, features, change);
        PtNDArray summary = encoded.summary();
        if (count < batch) {
            summary = JniUtils.add(
                    JniUtils.mul(summary, scope.floats(has, batch, 1, 1)),
                    JniUtils.mul(scope.floats(lacks, batch, 1, 1), scope.shared(missing, batch)));
        }
        PtNDArray body = encoded.body();
        if (body == null) {
            return new Tokens(summary, null, present, encoded.wide());
        }
        boolean[] open = open(encoded, present, (int) body.getShape().get(1));
        return new Tokens(Layers.concatenate(1, summary, body), open, present, encoded.wide());
    }

    private static boolean @Nullable [] open(Encoded encoded, boolean[] present, int bodyLength) {
        boolean[] body = encoded.bodyPresent();
        boolean[] open = new boolean[present.length * (bodyLength + 1)];
        boolean all = true;
        for (int row = 0; row < present.length; row++) {
            open[row * (bodyLength + 1)] = true;
            for (int i = 0; i < bodyLength; i++) {
                boolean real = present[row] && (body == null || body[row * bodyLength + i]);
                open[row * (bodyLength + 1) + 1 + i] = real;
                all &= real;
            }
        }
        return all ? null : open;
    }

    private static @Nullable PtNDArray mask(StepScope scope, Tokens stream, int batch, int before) {
        boolean[] open = stream.open();
        if (open == null) {
            return null;
        }
        int length = stream.length();
        float[] mask = new float[batch * (before + length)];
        for (int row = 0; row < batch; row++) {
            for (int i = 0; i < length; i++) {
                mask[row * (before + length) + before + i] = open[row * length + i] ? 0 : MASKED;
            }
        }
        return scope.floats(mask, batch, 1, 1, (long) before + length);
    }

    private Scores heads(StepScope scope, PtNDArray bottleneck, List<Tokens> tokens) {
        PtNDArray fused = scope.linear(
                BottleneckTransformerNetwork.FUSION_HEAD,
                JniUtils.mean(scope.norm(BottleneckTransformerNetwork.FINAL_NORM, bottleneck), 1, false));
        List<PtNDArray> perModality = new ArrayList<>();
        List<boolean[]> present = new ArrayList<>();
        for (int m = 0; m < tokens.size(); m++) {
            Tokens stream = tokens.get(m);
            PtNDArray own = scope.linear(
                    BottleneckTransformerNetwork.headName(
                            streams.get(m).modality().name()),
                    pooled(scope, stream));
            PtNDArray wide = stream.wide();
            own = wide == null ? own : JniUtils.add(own, wide);
            float[] has = new float[stream.present().length];
            for (int row = 0; row < has.length; row++) {
                has[row] = stream.present()[row] ? 1 : 0;
            }
            own = JniUtils.mul(own, scope.floats(has, has.length, 1));
            fused = JniUtils.add(fused, own);
            perModality.add(own);
            present.add(stream.present());
        }
        return new Scores(fused, perModality, present);
    }

    /** The first token beside the mean of all that may be read, {@code [batch, 2 width]}. */
    private static PtNDArray pooled(StepScope scope, Tokens stream) {
        PtNDArray tokens = scope.norm(BottleneckTransformerNetwork.FINAL_NORM, stream.tokens());
        long batch = tokens.getShape().get(0);
        long width = tokens.getShape().get(2);
        PtNDArray first = JniUtils.reshape(JniUtils.slice(tokens, 1, 0, 1, 1), new long[] {batch, width});
        boolean[] open = stream.open();
        if (open == null) {
            return Layers.concatenate(1, first, JniUtils.mean(tokens, 1, false));
        }
        int length = stream.length();
        float[] weights = new float[open.length];
        for (int row = 0; row < batch; row++) {
            int count = 0;
            for (int i = 0; i < length; i++) {
                count += open[row * length + i] ? 1 : 0;
            }
            for (int i = 0; i < length; i++) {
                weights[row * length + i] = open[row * length + i] ? 1f / count : 0;
            }
        }
        PtNDArray mean = JniUtils.bmm(scope.floats(weights, batch, 1, length), tokens);
        return Layers.concatenate(1, first, JniUtils.reshape(mean, new long[] {batch, width}));
    }
}
