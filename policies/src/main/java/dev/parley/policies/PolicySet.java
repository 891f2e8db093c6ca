package dev.parley.policies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The policy documents in force, named by what they say.
 *
 * <p><b>Guarantees</b>: two sets have the same {@link #hash} exactly when they hold the same documents under the same
 * names, whatever the order of files or the separator of the operating system. <b>Does not</b> judge whether a document is a
 * valid policy.
 */
public final class PolicySet {
    /** A policy is read by people; a larger file is a mistake. */
    static final int MAX_DOCUMENT_BYTES = 1 << 20;

    static final int MAX_DOCUMENTS = 1_000;

    private static final PolicySet EMPTY = new PolicySet(new TreeMap<>());

    private final SortedMap<String, byte[]> documents;
    private final String hash;

    private PolicySet(SortedMap<String, byte[]> documents) {
        this.documents = documents;
        this.hash = hash(documents);
    }

    /** No policies: a federation that is governed by its sites' own rules only. */
    public static PolicySet empty() {
        return EMPTY;
    }

    /**
     * @param documents content by name; names are relative paths with {@code /}
     * @throws IllegalArgumentException if there are too many documents or one is too large
     */
    public static PolicySet of(Map<String, byte[]> documents) {
        if (documents.size() > MAX_DOCUMENTS) {
            throw new IllegalArgumentException(
                    "a policy set has at most " + MAX_DOCUMENTS + " documents, got " + documents.size());
        }
        SortedMap<String, byte[]> copies = new TreeMap<>();
        documents.forEach((name, content) -> {
            if (content.length > MAX_DOCUMENT_BYTES) {
                throw new IllegalArgumentException("policy " + name + " has " + content.length + " bytes; at most "
                        + MAX_DOCUMENT_BYTES + " are accepted");
            }
            copies.put(name, content.clone());
        });
        return new PolicySet(copies);
    }

    /**
     * Every {@code .yaml} file below a folder. Symbolic links are not followed: a link could change what a hash names.
     *
     * @throws IllegalArgumentException if the folder does not exist, or as {@link #of}
     */
    public static PolicySet load(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "no folder of policies at " + folder + "; leave the setting out for a federation without policies");
        }
        Map<String, byte[]> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> policies = files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .toList();
            for (Path file : policies) {
                if (Files.size(file) > MAX_DOCUMENT_BYTES) {
                    throw new IllegalArgumentException("policy " + file + " has " + Files.size(file)
                            + " bytes; at most " + MAX_DOCUMENT_BYTES + " are accepted");
                }
                found.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the policies below " + folder, e);
        }
        return of(found);
    }

    /** Names in ascending order. */
    public List<String> names() {
        return List.copyOf(documents.keySet());
    }

    /**
     * What a document says, as bytes of the caller's own.
     *
     * @throws IllegalArgumentException if there is no such document
     */
    public byte[] content(String name) {
        byte[] content = documents.get(name);
        if (content == null) {
            throw new IllegalArgumentException("there is no document '" + name + "' in this set");
        }
        return content.clone();
    }

    /** SHA-256 over names and contents, each preceded by its length; 64 hexadecimal digits. */
    public String hash() {
        return hash;
    }

    private static String hash(SortedMap<String, byte[]> documents) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("parley-policy-set-v1\n".getBytes(StandardCharsets.UTF_8));
            documents.forEach((name, content) -> {
                // Lengths first: otherwise a name could run into the content behind it.
                update(digest, name.getBytes(StandardCharsets.UTF_8));
                update(digest, content);
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void update(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }
}
