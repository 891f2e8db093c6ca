package dev.parley.server;

import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A small federation's files in a folder. */
record ConfigurationText(Path folder) {
    static final ParameterLayout LAYOUT =
            ParameterLayout.of(List.of(Block.of("dense.weight", 30, 10), Block.of("dense.bias", 11)));

    /** Writes the initial model (all zero) and a learning document beside the configuration. */
    static ConfigurationText in(Path folder) throws IOException {
        Files.write(folder.resolve("initial.safetensors"), Safetensors.write(ParameterVector.zeros(LAYOUT), Map.of()));
        Files.writeString(folder.resolve("learning.json"), "{\"kind\": \"test\"}");
        return new ConfigurationText(folder);
    }

    /** The configuration, with the federation's own lines as given. */
    Path file(String federation) throws IOException {
        return Files.writeString(
                folder.resolve("coordinator.yaml"), """
                data: data
                model: initial.safetensors
                learning: learning.json
                listen:
                  port: 0
                limits:
                  heartbeat: 500 ms
                federation:
                """ + federation.indent(2) + "  evaluation: {classes: 2}\n");
    }
}
