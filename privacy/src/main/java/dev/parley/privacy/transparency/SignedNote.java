package dev.parley.privacy.transparency;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A text and its signatures (C2SP signed-note). Reading one proves nothing; {@link #isSignedBy} does.
 *
 * @param text whole lines, the last one's end included
 */
public record SignedNote(String text, List<NoteSignature> signatures) {
    /** Bytes of a note that is read. */
    public static final int MAX_BYTES = 1 << 20;

    /** Signatures of a note; other tools refuse more. */
    public static final int MAX_SIGNATURES = 100;

    private static final int DELETE = 0x7F;

    /** @throws IllegalArgumentException if the text is not whole lines or there are too many signatures */
    public SignedNote {
        if (!text.endsWith("\n") || text.codePoints().anyMatch(c -> (c < ' ' && c != '\n') || c == DELETE)) {
            throw new IllegalArgumentException("a note's text is whole lines without control characters");
        }
        if (signatures.size() > MAX_SIGNATURES) {
            throw new IllegalArgumentException(
                    "a note has at most " + MAX_SIGNATURES + " signatures, got " + signatures.size());
        }
        signatures = List.copyOf(signatures);
    }

    /** @throws IllegalArgumentException if the bytes are not a note with at least one signature */
    public static SignedNote parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a note has at most " + MAX_BYTES + " bytes, got " + bytes.length);
        }
        String whole;
        try {
            whole = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a note is UTF-8", e);
        }
        int blank = whole.lastIndexOf("\n\n");
        if (blank < 0 || !whole.endsWith("\n") || blank + 2 >= whole.length()) {
            throw new IllegalArgumentException("a note is a text, an empty line and its signatures");
        }
        List<NoteSignature> signatures = new ArrayList<>();
        for (String line : whole.substring(blank + 2, whole.length() - 1).split("\n", -1)) {
            signatures.add(NoteSignature.parse(line)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "signature " + (signatures.size() + 1) + " of the note is not of a signature's form")));
        }
        return new SignedNote(whole.substring(0, blank + 1), signatures);
    }

    public byte[] toBytes() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The signature of a key; empty if there is none that verifies, or one by its name and id that does not: a note
     * that is wrong in a part that can be checked is not believed for the rest.
     */
    public Optional<NoteSignature> signatureOf(NoteKey key) {
        List<NoteSignature> named = signatures.stream().filter(key::isNamedBy).toList();
        return named.stream().allMatch(signature -> key.verifies(text, signature))
                ? named.stream().findFirst()
                : Optional.empty();
    }

    public boolean isSignedBy(NoteKey key) {
        return signatureOf(key).isPresent();
    }

    public SignedNote with(NoteSignature signature) {
        List<NoteSignature> more = new ArrayList<>(signatures);
        more.add(signature);
        return new SignedNote(text, more);
    }

    /** The note as it is stored and sent. */
    @Override
    public String toString() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(signature -> note.append(signature).append('\n'));
        return note.toString();
    }
}
