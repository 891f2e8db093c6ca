package dev.parley.server.audit;

import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.statistics.EvaluationCounts;
import dev.parley.privacy.statistics.EvaluationMetrics;
import dev.parley.privacy.transparency.event.AuditEvent;
import dev.parley.privacy.transparency.event.SignedStatement;
import dev.parley.privacy.transparency.event.VersionManifest;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.RoundOutcome;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.server.cluster.RoundTrail;
import dev.parley.server.registry.Blobs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** Enters what happens to rounds in the audit log, and signs a manifest for each version that is released. */
public final class LoggedRounds implements RoundTrail {
    /**
     * Sites that are named one by one in an entry, which has at most 64 KiB; of larger cohorts the roster's hash says
     * who they are.
     */
    private static final int MAX_NAMED = 400;

    private final AuditLog log;
    private final Blobs blobs;
    private final String software;

    /**
     * @param blobs where rosters are and manifests go
     * @param software which program this is, in which version
     */
    public LoggedRounds(AuditLog log, Blobs blobs, String software) {
        this.log = log;
        this.blobs = blobs;
        this.software = software;
    }

    @Override
    public void planned(RoundPlan plan) throws IOException {
        AuditEvent.PlannedBy by = new AuditEvent.PlannedBy(plan.modelHash(), plan.learningHash(), plan.policyHash());
        AuditEvent event = new AuditEvent.RoundPlanned(
                round(plan), plan.task().word(), by, plan.roster(), fingerprints(plan, Set.copyOf(plan.cohort())));
        // The first plan of a federation says that it began, and from what; told again, it is the plan that is known.
        if (plan.id().round() == 0 && plan.id().attempt() == 0 && !log.has(event)) {
            log.enter(new AuditEvent.FederationStarted(
                    plan.federation().value(), by.model(), by.learning(), by.policies(), software));
        }
        log.enter(event);
    }

    @Override
    public void released(RoundPlan plan, SortedSet<SiteName> contributors, ContentHash version) throws IOException {
        // A plan that could not be entered when it was made has to be before its version is.
        planned(plan);
        List<String> fingerprints = fingerprints(plan, contributors);
        VersionManifest manifest = new VersionManifest(
                version,
                round(plan),
                plan.task().word(),
                plan.modelHash(),
                plan.learningHash(),
                plan.policyHash(),
                plan.roster(),
                fingerprints,
                plan.smallestSum(contributors),
                software,
                terms(plan));
        SignedStatement signed = log.sign(manifest.toStatement());
        ContentHash stored = blobs.put(signed.toBytes());
        log.enter(new AuditEvent.RoundReleased(round(plan), plan.modelHash(), version, fingerprints, stored));
    }

    @Override
    public void closed(RoundPlan plan, RoundOutcome outcome) throws IOException {
        switch (outcome) {
            case RoundOutcome.Released released -> {
                Optional<EvaluationMetrics> metrics = released.evaluation().flatMap(EvaluationCounts::metrics);
                if (metrics.isPresent()) {
                    log.enter(new AuditEvent.VersionEvaluated(
                            round(plan), released.version(), metrics.get().n(), decimals(metrics.get())));
                }
            }
            case RoundOutcome.TooFew abandoned -> abandoned(plan, outcome);
            case RoundOutcome.ReleaseFailed abandoned -> abandoned(plan, outcome);
            case RoundOutcome.Cancelled abandoned -> abandoned(plan, outcome);
        }
    }

    private void abandoned(RoundPlan plan, RoundOutcome outcome) throws IOException {
        log.enter(new AuditEvent.RoundAbandoned(round(plan), outcome.description()));
    }

    private static AuditEvent.Round round(RoundPlan plan) {
        return new AuditEvent.Round(
                plan.federation().value(), plan.id().round(), plan.id().attempt(), plan.hash());
    }

    /** Fingerprints of sites' keys in the roster's order: what the log calls the sites. */
    private List<String> fingerprints(RoundPlan plan, Set<SiteName> sites) throws IOException {
        if (plan.cohort().size() > MAX_NAMED) {
            return List.of();
        }
        byte[] bytes = blobs.read(plan.roster())
                .orElseThrow(
                        () -> new IOException("the roster " + plan.roster() + " of " + plan.id() + " is not stored"));
        List<String> fingerprints = new ArrayList<>();
        for (Announcement member : Roster.of(bytes).members()) {
            if (sites.contains(new SiteName(member.site()))) {
                fingerprints.add(member.identity().fingerprint());
            }
        }
        return fingerprints;
    }

    private static SortedMap<String, String> terms(RoundPlan plan) {
        SortedMap<String, String> terms = new TreeMap<>();
        terms.put("clipNorm", Double.toString(plan.clipNorm().value()));
        terms.put("exampleCap", Long.toString(plan.exampleCap()));
        terms.put("proximalMu", Double.toString(plan.proximalMu()));
        terms.put(
                "noise",
                switch (plan.noise()) {
                    case UpdateNoise.None none -> "none";
                    case UpdateNoise.DistributedGaussian gaussian ->
                        "distributed Gaussian, multiplier "
                                + gaussian.multiplier().value() + ", " + gaussian.shares() + " shares";
                });
        terms.put("ringBits", Integer.toString(plan.masking().modulus().bits()));
        terms.put("threshold", Integer.toString(plan.masking().terms().threshold()));
        terms.put("colluding", Integer.toString(plan.masking().terms().colluding()));
        terms.put("seed", Long.toString(plan.seed()));
        return terms;
    }

    private static SortedMap<String, String> decimals(EvaluationMetrics metrics) {
        SortedMap<String, String> decimals = new TreeMap<>();
        decimals.put("accuracy", Double.toString(metrics.accuracy()));
        decimals.put("macroF1", Double.toString(metrics.macroF1()));
        metrics.auroc().ifPresent(auroc -> decimals.put("auroc", Double.toString(auroc)));
        decimals.put("ece", Double.toString(metrics.ece()));
        decimals.put("brier", Double.toString(metrics.brier()));
        return decimals;
    }
}
