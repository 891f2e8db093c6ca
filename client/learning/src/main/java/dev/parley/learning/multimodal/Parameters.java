package dev.parley.learning.multimodal;

import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterLayout;
import dev.parley.privacy.update.ParameterVector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters that a network has declared, in their order. */
final class Parameters {
    private final Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    private final ParameterLayout layout;

    /** @param declared each name once */
    Parameters(List<ParameterSpec> declared) {
        declared.forEach(spec -> specs.put(spec.block().name(), spec));
        this.layout =
                ParameterLayout.of(declared.stream().map(ParameterSpec::block).toList());
    }

    ParameterLayout layout() {
        return layout;
    }

    /** Starting values; the same seed gives the same bits. */
    ParameterVector initialise(long seed) {
        float[] values = new float[layout.size()];
        specs.forEach((name, spec) -> spec.initialise(seed, values, layout.offset(name)));
        return ParameterVector.of(layout, values);
    }

    /** What was declared for a block. */
    ParameterSpec of(Block block) {
        ParameterSpec spec = specs.get(block.name());
        if (spec == null) {
            throw new IllegalArgumentException("no block named " + block.name() + " among " + specs.keySet());
        }
        return spec;
    }
}
