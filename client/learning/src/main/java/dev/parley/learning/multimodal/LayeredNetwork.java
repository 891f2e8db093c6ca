package dev.parley.learning.multimodal;

import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;
import java.util.List;

/**
 * A classifier of single images, layer by layer: convolutions, each with max-pooling if asked for, then hidden layers, then
 * one score for each class. For the models of the literature on private training, which are small and whose activations
 * are bounded (Papernot, Thakurta, Song, Chien, Erlingsson, "Tempered sigmoid activations for deep learning with
 * differential privacy", AAAI 2021): {@link #PAPERNOT} is theirs for MNIST.
 *
 * @param convolutions first to last; none for a perceptron
 * @param hidden widths of the hidden layers
 * @param activation after every layer but the last
 */
public record LayeredNetwork(List<Convolution> convolutions, List<Integer> hidden, Activation activation)
        implements Architecture {
    /** The 26,010 parameters of table 1 of the paper, for images of 28 x 28 and ten classes. */
    public static final LayeredNetwork PAPERNOT = new LayeredNetwork(
            List.of(new Convolution(16, 8, 2, 3, 2), new Convolution(32, 4, 2, 0, 2)), List.of(32), Activation.TANH);

    /** What follows each layer. */
    public enum Activation {
        RELU,
        TANH
    }

    /**
     * @param channels feature maps
     * @param kernel side of the kernel
     * @param stride along both axes
     * @param padding zeros on every side
     * @param pool side of the max-pooling window, which moves by one; 1 for none
     */
    public record Convolution(int channels, int kernel, int stride, int padding, int pool) {
        public Convolution {
            if (channels < 1 || kernel < 1 || stride < 1 || padding < 0 || padding >= kernel || pool < 1) {
                throw new IllegalArgumentException("a convolution has at least 1 channel, kernel and stride at least 1,"
                        + " padding below the kernel and a pooling window of at least 1, got " + channels
                        + " channels, kernel " + kernel + ", stride " + stride + ", padding " + padding + ", pool "
                        + pool);
            }
        }

        /** What becomes of a side. */
        int side(int before) {
            int convolved = (before + 2 * padding - kernel) / stride + 1;
            int pooled = convolved - pool + 1;
            if (before + 2 * padding < kernel || pooled < 1) {
                throw new IllegalArgumentException("a kernel of " + kernel + " with padding " + padding
                        + " and a pooling window of " + pool + " leave nothing of a side of " + before);
            }
            return pooled;
        }
    }

    public LayeredNetwork {
        convolutions = List.copyOf(convolutions);
        hidden = List.copyOf(hidden);
        if (hidden.stream().anyMatch(width -> width < 1)) {
            throw new IllegalArgumentException("a hidden layer has at least 1 output, got " + hidden);
        }
    }

    @Override
    public Network network(RecordSchema schema) {
        if (schema.modalities().size() == 1 && schema.modalities().getFirst() instanceof Modality.Image image) {
            return new LayeredClassifier(this, image, schema.classes().size());
        }
        throw new IllegalArgumentException("a layered network reads a schema of exactly one image, got "
                + schema.modalityNames() + "; restrict the schema to the image, or choose the bottleneck transformer");
    }
}
