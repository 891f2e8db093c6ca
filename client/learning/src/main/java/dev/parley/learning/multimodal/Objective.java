package dev.parley.learning.multimodal;

/**
 * What training minimises: softmax cross-entropy of the fused scores, plus that of each modality's own head.
 *
 * @param labelSmoothing probability mass spread evenly over all classes, in [0, 1)
 * @param auxiliaryWeight weight of the sum of the present modalities' own losses
 * @param augmentation changes of records in training
 */
public record Objective(double labelSmoothing, double auxiliaryWeight, Augmentation augmentation) {}
