package dev.parley.privacy.transparency.event;

import dev.parley.privacy.update.ContentHash;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Something that happened in a federation, as it is entered in its log. Names of sites do not appear: a site goes by
 * the fingerprint of its signing key, by which it and its peers recognise it and a stranger does not; an enrolment by
 * the hash of its certificate.
 */
public sealed interface AuditEvent {
    /**
     * A coordinator has begun a federation.
     *
     * @param model the initial one
     * @param software which program, in which version
     */
    record FederationStarted(
            String federation, ContentHash model, ContentHash learning, ContentHash policies, String software)
            implements AuditEvent {}

    /**
     * A site has been given a certificate.
     *
     * @param certificate SHA-256 of its DER bytes
     */
    record SiteEnrolled(ContentHash certificate) implements AuditEvent {}

    /**
     * Sites have been invited to a round.
     *
     * @param round with the hash of the plan as sites were sent it; what else is here can be read out of the plan
     * @param cohort fingerprints of the invited sites' keys, in the roster's order
     */
    record RoundPlanned(Round round, String task, PlannedBy by, ContentHash roster, List<String> cohort)
            implements AuditEvent {
        public RoundPlanned {
            cohort = List.copyOf(cohort);
        }
    }

    /** A new version is about to be in force. No version is released that is not entered first. */
    record RoundReleased(
            Round round, ContentHash parent, ContentHash version, List<String> contributors, ContentHash manifest)
            implements AuditEvent {
        public RoundReleased {
            contributors = List.copyOf(contributors);
        }
    }

    /** A round has ended without a version. */
    record RoundAbandoned(Round round, String reason) implements AuditEvent {}

    /**
     * Sites have scored a version.
     *
     * @param examples that were scored, over all sites
     * @param metrics decimal numbers by name
     */
    record VersionEvaluated(Round round, ContentHash version, long examples, SortedMap<String, String> metrics)
            implements AuditEvent {
        public VersionEvaluated {
            metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
        }
    }

    /** A type that this program does not know: entered by a newer one, kept as it is. */
    record Other(String type, JsonValue fields) implements AuditEvent {}

    /**
     * Which round.
     *
     * @param plan the plan's hash, by which two rounds with the same number are told apart
     */
    record Round(String federation, int round, int attempt, ContentHash plan) {
        JsonValue.Fields fields() {
            return new FieldWriter()
                    .text("federation", federation)
                    .whole("round", round)
                    .whole("attempt", attempt)
                    .hash("plan", plan)
                    .done();
        }

        static Round read(FieldReader reader) {
            return reader.done(new Round(
                    reader.text("federation"), reader.count("round"), reader.count("attempt"), reader.hash("plan")));
        }

        @Override
        public String toString() {
            return "round " + round + " (attempt " + attempt + ") of " + federation;
        }
    }

    /** What a plan names by hash. */
    record PlannedBy(ContentHash model, ContentHash learning, ContentHash policies) {}

    /** The word for it in an entry. */
    default String type() {
        return switch (this) {
            case FederationStarted started -> "federation-started";
            case SiteEnrolled enrolled -> "site-enrolled";
            case RoundPlanned planned -> "round-planned";
            case RoundReleased released -> "round-released";
            case RoundAbandoned abandoned -> "round-abandoned";
            case VersionEvaluated evaluated -> "version-evaluated";
            case Other other -> other.type();
        };
    }

    /** What is entered of it. */
    default JsonValue fields() {
        return switch (this) {
            case FederationStarted started ->
                new FieldWriter()
                        .text("federation", started.federation())
                        .hash("model", started.model())
                        .hash("learning", started.learning())
                        .hash("policies", started.policies())
                        .text("software", started.software())
                        .done();
            case SiteEnrolled enrolled ->
                new FieldWriter().hash("certificate", enrolled.certificate()).done();
            case RoundPlanned planned ->
                new FieldWriter()
                        .put("round", planned.round().fields())
                        .text("task", planned.task())
                        .hash("model", planned.by().model())
                        .hash("learning", planned.by().learning())
                        .hash("policies", planned.by().policies())
                        .hash("roster", planned.roster())
                        .texts("cohort", planned.cohort())
                        .done();
            case RoundReleased released ->
                new FieldWriter()
                        .put("round", released.round().fields())
                        .hash("parent", released.parent())
                        .hash("version", released.version())
                        .texts("contributors", released.contributors())
                        .hash("manifest", released.manifest())
                        .done();
            case RoundAbandoned abandoned ->
                new FieldWriter()
                        .put("round", abandoned.round().fields())
                        .text("reason", abandoned.reason())
                        .done();
            case VersionEvaluated evaluated ->
                new FieldWriter()
                        .put("round", evaluated.round().fields())
                        .hash("version", evaluated.version())
                        .whole("examples", evaluated.examples())
                        .texts("metrics", evaluated.metrics())
                        .done();
            case Other other -> other.fields();
        };
    }

    /** @throws IllegalArgumentException if fields of a known type are not that type's */
    static AuditEvent read(String type, JsonValue fields) {
        FieldReader reader = new FieldReader(type, fields);
        return switch (type) {
            case "federation-started" ->
                reader.done(new FederationStarted(
                        reader.text("federation"),
                        reader.hash("model"),
                        reader.hash("learning"),
                        reader.hash("policies"),
                        reader.text("software")));
            case "site-enrolled" -> reader.done(new SiteEnrolled(reader.hash("certificate")));
            case "round-planned" ->
                reader.done(new RoundPlanned(
                        Round.read(reader.object("round")),
                        reader.text("task"),
                        new PlannedBy(reader.hash("model"), reader.hash("learning"), reader.hash("policies")),
                        reader.hash("roster"),
                        reader.texts("cohort")));
            case "round-released" ->
                reader.done(new RoundReleased(
                        Round.read(reader.object("round")),
                        reader.hash("parent"),
                        reader.hash("version"),
                        reader.texts("contributors"),
                        reader.hash("manifest")));
            case "round-abandoned" ->
                reader.done(new RoundAbandoned(Round.read(reader.object("round")), reader.text("reason")));
            case "version-evaluated" ->
                reader.done(new VersionEvaluated(
                        Round.read(reader.object("round")),
                        reader.hash("version"),
                        reader.whole("examples"),
                        reader.textsByName("metrics")));
            default -> new Other(type, fields);
        };
    }
}
