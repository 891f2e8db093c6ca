/**
 * Model families: how records become tensors, tokens and class scores. Tensors live inside a {@link
 * dev.parley.learning.multimodal.StepScope} and die with it; no optimiser, no loop over rounds and no network may enter.
 */
@NullMarked
package dev.parley.learning.multimodal;

import org.jspecify.annotations.NullMarked;
