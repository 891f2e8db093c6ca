package dev.parley.learning.multimodal;

import dev.parley.learning.record.RecordSchema;

/** Which model family a federation trains, with every size that decides its parameters. */
public sealed interface Architecture
        permits BottleneckTransformer, ConvolutionalNetwork, LayeredNetwork, HandcraftedFeatures {
    /**
     * The model bound to a schema.
     *
     * @throws IllegalArgumentException if the architecture cannot serve the schema; the message says which modality and
     *     what would do
     */
    Network network(RecordSchema schema);
}
