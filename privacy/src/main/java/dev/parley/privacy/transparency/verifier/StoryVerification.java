package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.Checkpoint;
import dev.parley.privacy.transparency.MerkleTree;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.transparency.event.VersionManifest;
import dev.parley.privacy.transparency.event.VersionStory;
import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Verifies the story of one version: that its manifest is the log's, and that the entries about it are in the log. */
public final class StoryVerification {
    private final VersionStory story;
    private final Findings findings = new Findings();

    private StoryVerification(VersionStory story) {
        this.story = story;
    }

    /**
     * Verifies.
     *
     * @param model the hash of a file of weights that is said to be this version
     */
    public static Report verify(VersionStory story, Trust trust, Optional<ContentHash> model) {
        StoryVerification verification = new StoryVerification(story);
        verification.run(trust, model);
        return verification.findings.done();
    }

    private void run(Trust trust, Optional<ContentHash> model) {
        NoteKey key = trust.log().orElse(story.key());
        Optional<Checkpoint> checkpoint = trust.open(story.checkpoint(), key, findings);
        if (checkpoint.isEmpty()) {
            return;
        }
        Optional<List<AuditEntry>> included = entries(checkpoint.get());
        if (included.isEmpty()) {
            return;
        }
        List<AuditEntry> entries = included.get();
        Optional<AuditEvent.RoundReleased> release = release(entries);
        if (release.isEmpty()) {
            findings.refuted("release", "None of the entries releases version " + story.version() + ".");
            return;
        }
        if (!manifest(key, release.get())) {
            return;
        }
        plan(entries, release.get());
        evaluation(entries, release.get());
        weights(model);
        findings.notProved(
                "truth",
                "That entries are true, and that the log holds nothing else about this version: verify the whole log for that.");
    }

    private Optional<List<AuditEntry>> entries(Checkpoint checkpoint) {
        List<AuditEntry> entries = new ArrayList<>();
        for (VersionStory.ProvedEntry proved : story.entries()) {
            if (proved.proof().size() != checkpoint.size()
                    || !proved.proof().proves(MerkleTree.leafHash(proved.entry()), checkpoint.root())) {
                findings.refuted(
                        "entries",
                        "Entry " + proved.proof().index() + " of the story is not in the log that is signed for.");
                return Optional.empty();
            }
            try {
                entries.add(AuditEntry.parse(proved.entry()));
            } catch (IllegalArgumentException e) {
                findings.refuted(
                        "entries",
                        "Entry " + proved.proof().index() + " is not written as entries are: " + e.getMessage());
                return Optional.empty();
            }
        }
        findings.proved(
                "entries", "The " + entries.size() + " entries of the story are in that log, each at its place.");
        return Optional.of(entries);
    }

    private Optional<AuditEvent.RoundReleased> release(List<AuditEntry> entries) {
        return entries.stream()
                .map(AuditEntry::event)
                .filter(AuditEvent.RoundReleased.class::isInstance)
                .map(AuditEvent.RoundReleased.class::cast)
                .filter(released -> released.version().equals(story.version()))
                .findFirst();
    }

    private boolean manifest(NoteKey key, AuditEvent.RoundReleased release) {
        if (!story.manifest().hash().equals(release.manifest())) {
            findings.refuted(
                    "manifest",
                    "The manifest has hash " + story.manifest().hash() + ", entered in the log is " + release.manifest()
                            + ": it was changed.");
            return false;
        }
        VersionManifest manifest;
        try {
            manifest = VersionManifest.parse(story.manifest().payload());
        } catch (IllegalArgumentException e) {
            findings.refuted("manifest", "The manifest cannot be read: " + e.getMessage() + ".");
            return false;
        }
        if (!story.manifest().isSignedBy(key) || !manifest.describes(release)) {
            findings.refuted("manifest", "The manifest is not signed by the log's key, or describes another release.");
            return false;
        }
        findings.proved(
                "manifest",
                "The manifest is the one that was entered at the release, signed by the same key: version "
                        + manifest.version()
                        + " comes from " + manifest.parent() + " in " + manifest.round() + ", from the updates of "
                        + manifest.contributors().size() + " sites, the least hidden among " + manifest.smallestSum()
                        + ".");
        return true;
    }

    private void plan(List<AuditEntry> entries, AuditEvent.RoundReleased release) {
        boolean planned = entries.stream()
                .map(AuditEntry::event)
                .filter(AuditEvent.RoundPlanned.class::isInstance)
                .map(AuditEvent.RoundPlanned.class::cast)
                .anyMatch(plan -> plan.round().equals(release.round())
                        && plan.by().model().equals(release.parent())
                        && plan.cohort().containsAll(release.contributors()));
        if (planned) {
            findings.proved("plan", "The round was entered when it was planned, from that parent, with those sites.");
        } else {
            findings.refuted("plan", "None of the entries plans the round that released the version.");
        }
    }

    private void evaluation(List<AuditEntry> entries, AuditEvent.RoundReleased release) {
        entries.stream()
                .map(AuditEntry::event)
                .filter(AuditEvent.VersionEvaluated.class::isInstance)
                .map(AuditEvent.VersionEvaluated.class::cast)
                .filter(evaluated -> evaluated.round().equals(release.round())
                        && evaluated.version().equals(release.version()))
                .findFirst()
                .ifPresentOrElse(
                        evaluated -> findings.proved(
                                "evaluation",
                                "Its scores over " + evaluated.examples() + " examples were entered: "
                                        + evaluated.metrics() + "."),
                        () -> findings.notProved(
                                "evaluation", "How well it does: the story has no entry with its scores."));
    }

    private void weights(Optional<ContentHash> model) {
        if (model.isEmpty()) {
            findings.notProved("weights", "That a file of weights is this version: give it with --model.");
        } else if (model.get().equals(story.version())) {
            findings.proved("weights", "The given file is this version, bit for bit.");
        } else {
            findings.refuted("weights", "The given file has hash " + model.get() + ": it is not this version.");
        }
    }
}
