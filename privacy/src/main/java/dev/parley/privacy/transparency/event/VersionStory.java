package dev.parley.privacy.transparency.event;

import dev.parley.privacy.transparency.Base64Text;
import dev.parley.privacy.transparency.InclusionProof;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.SignedNote;
import dev.parley.privacy.update.ContentHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What one released version rests on, in one file: its manifest, the entries about it with their proofs, and the
 * checkpoint that the proofs lead to. Whoever has the log's key can check it without the log.
 *
 * @param key the log's, as the file says: a hint, not a reason to believe it
 */
public record VersionStory(
        ContentHash version, NoteKey key, SignedNote checkpoint, List<ProvedEntry> entries, SignedStatement manifest) {
    /** The first member's value, by which a story is told from other files. */
    public static final String FORMAT = "parley-version-story-v1";

    public VersionStory {
        entries = List.copyOf(entries);
    }

    /** An entry of the log, and that it is there. */
    public record ProvedEntry(byte[] entry, InclusionProof proof) {}

    /** The file, canonical. */
    public byte[] toBytes() {
        List<JsonValue> written = new ArrayList<>();
        for (ProvedEntry proved : entries) {
            written.add(new FieldWriter()
                    .text("entry", Base64Text.encode(proved.entry()))
                    .whole("index", proved.proof().index())
                    .whole("size", proved.proof().size())
                    .texts(
                            "path",
                            proved.proof().path().stream().map(ContentHash::hex).toList())
                    .done());
        }
        return new FieldWriter()
                .text("format", FORMAT)
                .hash("version", version)
                .text("key", key.toString())
                .text("checkpoint", checkpoint.toString())
                .put("entries", new JsonValue.ListOf(written))
                .put("manifest", manifest.toJson())
                .done()
                .toBytes();
    }

    /** @throws IllegalArgumentException if the bytes are not a canonical story */
    public static VersionStory parse(byte[] bytes) {
        FieldReader reader = new FieldReader("story", JsonValue.parse(bytes));
        if (!reader.text("format").equals(FORMAT)) {
            throw new IllegalArgumentException("story.format is not " + FORMAT);
        }
        List<ProvedEntry> entries = new ArrayList<>();
        for (JsonValue each : reader.list("entries")) {
            FieldReader entry = new FieldReader("story.entries", each);
            byte[] content = Base64Text.decode(entry.text("entry"))
                    .orElseThrow(() -> new IllegalArgumentException("story.entries.entry is not base64"));
            List<ContentHash> path =
                    entry.texts("path").stream().map(ContentHash::new).toList();
            entries.add(entry.done(
                    new ProvedEntry(content, new InclusionProof(entry.whole("index"), entry.whole("size"), path))));
        }
        return reader.done(new VersionStory(
                reader.hash("version"),
                NoteKey.parse(reader.text("key")),
                SignedNote.parse(reader.text("checkpoint").getBytes(StandardCharsets.UTF_8)),
                entries,
                SignedStatement.read(reader.take("manifest"))));
    }
}
