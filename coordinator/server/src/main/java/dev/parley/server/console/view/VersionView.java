package dev.parley.server.console.view;

import org.jspecify.annotations.Nullable;

/**
 * A model that was released.
 *
 * @param model SHA-256 of its safetensors bytes
 * @param parent the version it was made from; null for the initial model
 * @param round id of the round that released it; null for the initial model
 * @param released ISO-8601; null for the initial model, or if the coordinator was restarted since
 * @param inForce whether sites train on it now
 */
public record VersionView(
        String model,
        @Nullable String parent,
        @Nullable String round,
        @Nullable String task,
        @Nullable String released,
        int contributions,
        int smallestSum,
        boolean inForce,
        @Nullable EvaluationView evaluation) {}
