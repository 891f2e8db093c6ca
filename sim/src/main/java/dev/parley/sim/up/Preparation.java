package dev.parley.sim.up;

import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.SiteName;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that the processes of one federation need.
 *
 * @param spec how the rounds run; its hashes are those of {@code learning} and of no policies
 * @param model safetensors of the initial model
 * @param learning the learning configuration document
 * @param purpose the use of records that the federation is for
 * @param manifests each site's data manifest
 */
record Preparation(
        FederationSpec spec, byte[] model, byte[] learning, String purpose, SortedMap<SiteName, Path> manifests) {
    Preparation {
        manifests = Collections.unmodifiableSortedMap(new TreeMap<>(manifests));
        if (manifests.isEmpty()) {
            throw new IllegalArgumentException("a federation has at least one site");
        }
    }
}
