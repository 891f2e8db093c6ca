package dev.parley.learning.multimodal;

import dev.parley.learning.multimodal.Network.Pace;
import dev.parley.privacy.update.Block;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The layers of a network whose every trained block has a per-example rule. To have one is to know that the model can be
 * trained under differential privacy.
 *
 * @param layers names, in the order of the layout
 * @param blocks what is trained, in the order of the layout
 */
public record PerExampleRules(List<String> layers, List<Block> blocks) {
    public PerExampleRules {
        layers = List.copyOf(layers);
        blocks = List.copyOf(blocks);
    }

    /**
     * @throws IllegalArgumentException naming every trained block that has no rule, and what to do about it
     */
    public static PerExampleRules of(Network network) {
        List<String> without = new ArrayList<>();
        Set<String> layers = new LinkedHashSet<>();
        List<Block> blocks = new ArrayList<>();
        for (Block block : network.layout().blocks()) {
            if (network.pace(block) == Pace.FROZEN) {
                continue;
            }
            GradientRule rule = network.rule(block);
            if (rule == GradientRule.NONE) {
                without.add(block.name());
            } else {
                layers.add(rule.layerOf(block.name()));
                blocks.add(block);
            }
        }
        if (!without.isEmpty()) {
            throw new IllegalArgumentException(
                    "under differential privacy every trained block is read by a layer that tells"
                            + " the gradient of each example, and these are not: " + String.join(", ", without)
                            + "; declare their rule (GradientRule) and read them through that layer, freeze them, or train"
                            + " without the privacy section");
        }
        return new PerExampleRules(List.copyOf(layers), blocks);
    }
}
