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
 * Three convolutions of stride 2 turn a standardised image into a grid of tokens. Each image is standardised by its own
 * mean and deviation, which removes most of what scanners differ in.
 */
final class ImageEncoder implements ModalityEncoder<float[]> {
    private static final int KERNEL = 3;
    private static final int STAGES = 3;
    /** A flat image has no contrast to restore; this keeps it near 0. */
    private static final double FLAT = 1e-3;

    private final Modality.Image modality;
    private final int width;

    ImageEncoder(Modality.Image modality, int width) {
        this.modality = modality;
        this.width = width;
    }

    private int side() {
        int side = modality.size();
        for (int stage = 0; stage < STAGES; stage++) {
            side = (side + 1) / 2;
        }
        return side;
    }

    private int channelsAfter(int stage) {
        return stage == STAGES ? width : Math.max(8, width >> (STAGES - stage)) / 8 * 8;
    }

    @Override
    public List<ParameterSpec> parameters() {
        String name = modality.name();
        Stream<ParameterSpec> stages = Stream.empty();
        int inputs = modality.channels();
        for (int stage = 1; stage <= STAGES; stage++) {
            String stageName = name + ".convolution" + stage;
            stages = Stream.concat(
                    stages,
                    Stream.of(
                            ParameterSpec.weight(stageName + ".weight", channelsAfter(stage), inputs, KERNEL, KERNEL),
                            ParameterSpec.constant(stageName + ".bias", 0, channelsAfter(stage))));
            inputs = channelsAfter(stage);
        }
        return Stream.concat(
                        stages,
                        Stream.of(
                                ParameterSpec.normal(name + ".summary", 0.5, width),
                                ParameterSpec.normal(name + ".position", 0.1, (long) side() * side(), width)))
                .toList();
    }

    @Override
    public float[] features(Normaliser normaliser, ModalityValue value) {
        float[] pixels = ((ModalityValue.Image) value).pixels();
        double sum = 0;
        double squares = 0;
        for (float pixel : pixels) {
            sum += pixel;
            squares += (double) pixel * pixel;
        }
        double mean = sum / pixels.length;
        double deviation = Math.sqrt(Math.max(0, squares / pixels.length - mean * mean));
        float[] standard = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            standard[i] = (float) ((pixels[i] - mean) / (deviation + FLAT));
        }
        return standard;
    }

    @Override
    public Encoded encode(StepScope scope, List<float @Nullable []> batch, @Nullable Change change) {
        int values = modality.channels() * modality.size() * modality.size();
        float[] pixels = new float[batch.size() * values];
        for (int row = 0; row < batch.size(); row++) {
            float[] image = batch.get(row);
            if (image == null) {
                continue;
            }
            if (change == null) {
                System.arraycopy(image, 0, pixels, row * values, values);
            } else {
                vary(image, pixels, row * values, change);
            }
        }
        PtNDArray x = scope.floats(pixels, batch.size(), modality.channels(), modality.size(), modality.size());
        for (int stage = 1; stage <= STAGES; stage++) {
            x = Layers.halve(scope, modality.name() + ".convolution" + stage, x);
            x = stage < STAGES ? JniUtils.relu(x) : x;
        }
        long tokens = (long) side() * side();
        PtNDArray grid = JniUtils.transpose(JniUtils.reshape(x, new long[] {batch.size(), width, tokens}), 1, 2);
        PtNDArray body = JniUtils.add(grid, scope.parameter(modality.name() + ".position"));
        PtNDArray summary =
                JniUtils.add(scope.constant(0f, batch.size(), 1, width), scope.parameter(modality.name() + ".summary"));
        return new Encoded(summary, body, null, null);
    }

    /** Shift with repeated edges, contrast, and noise: what differs between two exposures of one scene. */
    private void vary(float[] image, float[] pixels, int offset, Change change) {
        SplittableRandom random = change.random();
        Augmentation augmentation = change.augmentation();
        int size = modality.size();
        int reach = Math.min(augmentation.imageShift(), size - 1);
        int down = random.nextInt(-reach, reach + 1);
        int right = random.nextInt(-reach, reach + 1);
        float contrast = (float) (1 + augmentation.imageContrast() * random.nextDouble(-1, 1));
        var noise = new FastNoise(augmentation.imageNoise(), random);
        int at = offset;
        for (int channel = 0; channel < modality.channels(); channel++) {
            for (int y = 0; y < size; y++) {
                int row = (channel * size + Math.clamp(y + down, 0, size - 1)) * size;
                for (int x = 0; x < size; x++) {
                    pixels[at++] = contrast * image[row + Math.clamp(x + right, 0, size - 1)] + noise.next();
                }
            }
        }
    }
}
