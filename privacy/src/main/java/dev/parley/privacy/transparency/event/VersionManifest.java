package dev.parley.privacy.transparency.event;

import dev.parley.privacy.update.ContentHash;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a released version comes from, as an in-toto statement (v1) about the hash of its weights. The predicate's
 * {@code resources} are those of OpenSSF's model_signing predicate; what is beside them is Parley's.
 *
 * @param version SHA-256 of the weights in safetensors
 * @param parent the version that sites trained from
 * @param roster SHA-256 of the roster of the round's sums
 * @param contributors fingerprints of the keys of the sites whose updates are in it, in the roster's order
 * @param software which program, in which version
 * @param terms what the plan says about how updates were bounded, hidden and seeded, by name
 * @param smallestSum contributions in the smallest sum that was opened: among how many sites the least hidden one is
 */
public record VersionManifest(
        ContentHash version,
        AuditEvent.Round round,
        String task,
        ContentHash parent,
        ContentHash learning,
        ContentHash policies,
        ContentHash roster,
        List<String> contributors,
        int smallestSum,
        String software,
        SortedMap<String, String> terms) {
    private static final String STATEMENT = "https://in-toto.io/Statement/v1";
    private static final String PREDICATE = "urn:parley:predicate:released-version:v1";
    private static final String FILE = "model.safetensors";

    public VersionManifest {
        contributors = List.copyOf(contributors);
        terms = Collections.unmodifiableSortedMap(new TreeMap<>(terms));
    }

    /** The statement, canonical. */
    public byte[] toStatement() {
        JsonValue subject = new FieldWriter()
                .put("digest", new FieldWriter().hash("sha256", version).done())
                .text("name", FILE)
                .done();
        JsonValue resource = new FieldWriter()
                .text("algorithm", "sha256")
                .hash("digest", version)
                .text("name", FILE)
                .done();
        JsonValue lineage = new FieldWriter()
                .put("round", round.fields())
                .text("task", task)
                .hash("parent", parent)
                .hash("learning", learning)
                .hash("policies", policies)
                .hash("roster", roster)
                .texts("contributors", contributors)
                .whole("smallestSum", smallestSum)
                .text("software", software)
                .texts("terms", terms)
                .done();
        return new FieldWriter()
                .text("_type", STATEMENT)
                .text("predicateType", PREDICATE)
                .put(
                        "predicate",
                        new FieldWriter()
                                .put("lineage", lineage)
                                .put("resources", new JsonValue.ListOf(List.of(resource)))
                                .done())
                .put("subject", new JsonValue.ListOf(List.of(subject)))
                .done()
                .toBytes();
    }

    /**
     * @throws IllegalArgumentException unless the bytes are exactly what {@link #toStatement} writes of some manifest
     */
    public static VersionManifest parse(byte[] statement) {
        FieldReader reader = new FieldReader("statement", JsonValue.parse(statement));
        if (!reader.text("_type").equals(STATEMENT)
                || !reader.text("predicateType").equals(PREDICATE)) {
            throw new IllegalArgumentException("the statement is not of type " + PREDICATE);
        }
        FieldReader lineage = reader.object("predicate").object("lineage");
        List<JsonValue> subjects = reader.list("subject");
        if (subjects.size() != 1) {
            throw new IllegalArgumentException("the statement is about one file, got " + subjects.size());
        }
        ContentHash version =
                new FieldReader("subject", subjects.getFirst()).object("digest").hash("sha256");
        VersionManifest manifest = lineage.done(new VersionManifest(
                version,
                AuditEvent.Round.read(lineage.object("round")),
                lineage.text("task"),
                lineage.hash("parent"),
                lineage.hash("learning"),
                lineage.hash("policies"),
                lineage.hash("roster"),
                lineage.texts("contributors"),
                lineage.count("smallestSum"),
                lineage.text("software"),
                lineage.textsByName("terms")));
        if (!java.util.Arrays.equals(manifest.toStatement(), statement)) {
            throw new IllegalArgumentException("the statement says more than a manifest says, or something else");
        }
        return manifest;
    }

    /** Whether a release is the one that this manifest describes. */
    public boolean describes(AuditEvent.RoundReleased released) {
        return version.equals(released.version())
                && parent.equals(released.parent())
                && round.equals(released.round())
                && contributors.equals(released.contributors());
    }
}
