package dev.parley.privacy.update;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a model in their one deterministic order: ascending by name. Two sites that agree on the blocks agree
 * on every offset.
 */
public final class ParameterLayout {
    private final List<Block> blocks;
    private final Map<String, Integer> offsets;
    private final int size;
    private final ContentHash hash;

    private ParameterLayout(List<Block> sorted) {
        this.blocks = List.copyOf(sorted);
        Map<String, Integer> byName = new LinkedHashMap<>();
        int offset = 0;
        StringBuilder canonical = new StringBuilder("parley-layout-v1\n");
        for (Block block : sorted) {
            if (byName.put(block.name(), offset) != null) {
                throw new IllegalArgumentException("two blocks are named " + block.name());
            }
            if (block.size() > Integer.MAX_VALUE - offset) {
                throw new IllegalArgumentException(
                        "the blocks up to " + block.name() + " have more than 2^31-1 values");
            }
            offset += block.size();
            canonical.append(block.name()).append(' ').append(block.shape()).append('\n');
        }
        this.offsets = byName;
        this.size = offset;
        this.hash = ContentHash.of(canonical.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IllegalArgumentException if two blocks share a name, or all together have more than 2^31-1 values */
    public static ParameterLayout of(Collection<Block> blocks) {
        List<Block> sorted = new ArrayList<>(blocks);
        sorted.sort(Comparator.comparing(Block::name));
        return new ParameterLayout(sorted);
    }

    public List<Block> blocks() {
        return blocks;
    }

    /** Total number of values over all blocks. */
    public int size() {
        return size;
    }

    /** Identifies names, shapes and order; equal for two layouts exactly when they are interchangeable. */
    public ContentHash hash() {
        return hash;
    }

    public boolean contains(String name) {
        return offsets.containsKey(name);
    }

    /** Index of the first value of a block. */
    public int offset(String name) {
        Integer offset = offsets.get(name);
        if (offset == null) {
            throw new IllegalArgumentException("no block named " + name + "; known: " + offsets.keySet());
        }
        return offset;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ParameterLayout that && blocks.equals(that.blocks);
    }

    @Override
    public int hashCode() {
        return blocks.hashCode();
    }

    @Override
    public String toString() {
        return "ParameterLayout[" + blocks.size() + " blocks, " + size + " values, " + hash.abbreviated() + "]";
    }
}
