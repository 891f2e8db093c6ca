package dev.parley.privacy.transparency;

import dev.parley.privacy.update.ContentHash;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a log commits to: that of its name, with so many entries, the tree has this root (C2SP tlog-checkpoint).
 *
 * @param origin the log's name, which is its key's too
 * @param size entries
 */
public record Checkpoint(String origin, long size, ContentHash root) {
    // Eighteen digits fit a long. Lines behind the root are allowed by the format; their meaning is their writer's.
    private static final Pattern FORM =
            Pattern.compile("([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*");

    /** @throws IllegalArgumentException if the size is negative, or the tree without entries has another root */
    public Checkpoint {
        MerkleTree.requireSize(size);
        if (size == 0 && !root.equals(MerkleTree.EMPTY_ROOT)) {
            throw new IllegalArgumentException("the tree without entries has the root of nothing, got " + root);
        }
    }

    /**
     * Reads a note's text.
     *
     * @throws IllegalArgumentException if it is not a checkpoint
     */
    public static Checkpoint parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a checkpoint is the log's name, its size and its root, a line each");
        }
        byte[] root = Base64Text.decode(matcher.group(3))
                .orElseThrow(() -> new IllegalArgumentException("the root of a checkpoint is base64 of 32 bytes"));
        return new Checkpoint(matcher.group(1), Long.parseLong(matcher.group(2)), ContentHash.ofDigest(root));
    }

    /** The text that is signed. */
    public String text() {
        return origin + "\n" + size + "\n" + Base64Text.encode(root.bytes()) + "\n";
    }
}
