package dev.parley.privacy.transparency;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** Signs notes with a key that it does not hold: the bytes to sign go to whoever does. */
public final class NoteSigner {
    private final NoteKey key;
    private final UnaryOperator<byte[]> ed25519;

    /** @param ed25519 signs a message with the secret half of {@code key} */
    public NoteSigner(NoteKey key, UnaryOperator<byte[]> ed25519) {
        this.key = key;
        this.ed25519 = ed25519;
    }

    /** The public half, by which the signatures verify. */
    public NoteKey key() {
        return key;
    }

    /**
     * Signs a note's text.
     *
     * @param at the time, which a witness puts beside its signature and signs too; a log's signature has none
     */
    public NoteSignature sign(String text, Instant at) {
        byte[] bytes = switch (key.algorithm()) {
            case ED25519 -> ed25519.apply(text.getBytes(StandardCharsets.UTF_8));
            case COSIGNATURE_V1 -> {
                byte[] signature = ed25519.apply(NoteKey.cosigned(text, at));
                yield ByteBuffer.allocate(Long.BYTES + signature.length)
                        .putLong(at.getEpochSecond())
                        .put(signature)
                        .array();
            }
        };
        return new NoteSignature(key.name(), key.id(), bytes);
    }

    /** Signs bytes that are no note; who calls it has made sure that they are not mistaken for one. */
    public byte[] signMessage(byte[] message) {
        return ed25519.apply(message);
    }
}
