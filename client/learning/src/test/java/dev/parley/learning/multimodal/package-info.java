/** Tests of the model families on their own: tensors, gradients, masking, statistics; no optimiser, no rounds. */
@NullMarked
package dev.parley.learning.multimodal;

import org.jspecify.annotations.NullMarked;
