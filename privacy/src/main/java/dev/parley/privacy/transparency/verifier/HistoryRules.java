package dev.parley.privacy.transparency.verifier;

import dev.parley.privacy.transparency.event.AuditEntry;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.update.ContentHash;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the entries of an honest log say about each other, however they are hashed: a version is released after its
 * round was planned, once, from the version that was in force, and is scored after that. Entries are seen in their
 * order.
 */
final class HistoryRules {
    private final Map<AuditEvent.Round, AuditEvent.RoundPlanned> planned = new HashMap<>();
    private final Set<AuditEvent.Round> released = new HashSet<>();
    private final Map<AuditEvent.Round, ContentHash> versions = new HashMap<>();
    private final Map<String, ContentHash> inForce = new HashMap<>();
    private final Map<String, Long> counts = new java.util.TreeMap<>();

    /** Sees the next entry; what is wrong with it, if anything is. */
    Optional<String> see(AuditEntry entry) {
        counts.merge(entry.event().type(), 1L, Long::sum);
        return switch (entry.event()) {
            case AuditEvent.FederationStarted started -> {
                inForce.put(started.federation(), started.model());
                yield Optional.empty();
            }
            case AuditEvent.RoundPlanned plan -> planned(plan);
            case AuditEvent.RoundReleased release -> released(release);
            case AuditEvent.VersionEvaluated evaluated -> evaluated(evaluated);
            case AuditEvent.RoundAbandoned abandoned ->
                wrongUnless(
                        planned.containsKey(abandoned.round()),
                        abandoned.round() + " is abandoned, and no plan of it was entered before");
            case AuditEvent.SiteEnrolled enrolled -> Optional.empty();
            case AuditEvent.Other other -> Optional.empty();
        };
    }

    private Optional<String> planned(AuditEvent.RoundPlanned plan) {
        if (planned.put(plan.round(), plan) != null) {
            return Optional.of(plan.round() + " is planned twice");
        }
        return wrongUnless(
                plan.by().model().equals(inForce.get(plan.round().federation())),
                plan.round() + " is planned from a version that was not in force");
    }

    private Optional<String> released(AuditEvent.RoundReleased release) {
        AuditEvent.RoundPlanned plan = planned.get(release.round());
        if (plan == null) {
            return Optional.of(release.round() + " is released, and no plan of it was entered before");
        }
        if (!released.add(release.round())) {
            return Optional.of(release.round() + " is released twice");
        }
        if (!plan.by().model().equals(release.parent())) {
            return Optional.of(release.round() + " is released from another version than it was planned from");
        }
        if (!plan.cohort().containsAll(release.contributors())) {
            return Optional.of(release.round() + " has a contributor that was not invited");
        }
        versions.put(release.round(), release.version());
        inForce.put(release.round().federation(), release.version());
        return Optional.empty();
    }

    private Optional<String> evaluated(AuditEvent.VersionEvaluated evaluated) {
        return wrongUnless(
                evaluated.version().equals(versions.get(evaluated.round())),
                evaluated.round() + " has scores of a version that it did not release");
    }

    private static Optional<String> wrongUnless(boolean right, String otherwise) {
        return right ? Optional.empty() : Optional.of(otherwise);
    }

    /** How many entries of each type were seen, in words. */
    String summary() {
        return String.join(
                ", ",
                counts.entrySet().stream()
                        .map(each -> each.getValue() + " " + each.getKey())
                        .toList());
    }
}
