package dev.parley.learning.multimodal;

import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;

/**
 * A small classifier of single images: two convolutions of stride 2, one hidden layer, one score for each class; ReLU
 * between them. It has no normalisation layer, so no example sees another and no statistics differ between sites. For
 * schemas whose only modality is an image, and where the default model would be a hundred times too slow.
 *
 * @param kernel side of both convolution kernels; odd
 * @param firstChannels feature maps after the first convolution
 * @param secondChannels feature maps after the second convolution
 * @param hidden width of the hidden layer
 */
public record ConvolutionalNetwork(int kernel, int firstChannels, int secondChannels, int hidden)
        implements Architecture {
    public static final ConvolutionalNetwork DEFAULT = new ConvolutionalNetwork(5, 16, 32, 64);

    public ConvolutionalNetwork {
        if (kernel < 1 || kernel % 2 == 0) {
            throw new IllegalArgumentException("a kernel side is odd and at least 1, got " + kernel);
        }
        if (firstChannels < 1 || secondChannels < 1 || hidden < 1) {
            throw new IllegalArgumentException("every layer has at least 1 output, got " + firstChannels + ", "
                    + secondChannels + " and " + hidden);
        }
    }

    @Override
    public Network network(RecordSchema schema) {
        if (schema.modalities().size() == 1 && schema.modalities().getFirst() instanceof Modality.Image image) {
            return new ImageClassifier(this, image, schema.classes().size());
        }
        throw new IllegalArgumentException("the convolutional network reads a schema of exactly one image, got "
                + schema.modalityNames() + "; restrict the schema to the image, or choose the bottleneck transformer");
    }
}
