package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import dev.parley.learning.multimodal.ModalityEncoder.Change;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * From an image to the tensor that convolutions read. Each image is standardised by its own mean and deviation, which
 * removes most of what scanners differ in.
 */
final class ImagePixels {
    /** A flat image has no contrast to restore; this keeps it near 0. */
    private static final double FLAT = 1e-3;

    private ImagePixels() {}

    static float[] standardised(ModalityValue.Image image) {
        float[] pixels = image.pixels();
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

    /**
     * A batch as {@code [batch, channels, size, size]}; zeros where the image is missing, which the caller must mask.
     *
     * @param change draws of augmentation; null in prediction
     */
    static PtNDArray tensor(
            StepScope scope, Modality.Image modality, List<float @Nullable []> batch, @Nullable Change change) {
        float[] pixels = pixels(modality, batch, change);
        return scope.floats(pixels, batch.size(), modality.channels(), modality.size(), modality.size());
    }

    /** The same as one row for each image. */
    static PtNDArray rows(
            StepScope scope, Modality.Image modality, List<float @Nullable []> batch, @Nullable Change change) {
        float[] pixels = pixels(modality, batch, change);
        return scope.floats(pixels, batch.size(), pixels.length / batch.size());
    }

    private static float[] pixels(Modality.Image modality, List<float @Nullable []> batch, @Nullable Change change) {
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
                vary(modality, image, pixels, row * values, change);
            }
        }
        return pixels;
    }

    /** Shift with repeated edges, contrast, and noise: what differs between two exposures of one scene. */
    private static void vary(Modality.Image modality, float[] image, float[] pixels, int offset, Change change) {
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
