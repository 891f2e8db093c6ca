package dev.parley.server.console.view;

import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.SiteName;
import dev.parley.server.configuration.FederationConfiguration;
import dev.parley.server.identity.CertificateRegister;
import dev.parley.server.identity.EnrolmentTokens;
import dev.parley.server.status.FederationRecord;
import dev.parley.server.status.FederationStatus;
import dev.parley.server.status.FederationStatus.Evaluation;
import dev.parley.server.status.RoundRecord;
import dev.parley.server.status.RoundRecord.Fate;
import dev.parley.server.status.RoundRecord.Member;
import dev.parley.server.status.SiteRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads what there is to see, in the form in which it is shown. */
public final class Reading {
    /** Two-sided 95 %, Normal distribution. */
    private static final double Z = 1.959963984540054;

    private final FederationRecord record;
    private final FederationConfiguration configuration;
    private final CertificateRegister certificates;
    private final EnrolmentTokens tokens;
    private final LongSupplier upBytes;
    private final LongSupplier downBytes;
    private final InstantSource clock;

    /**
     * @param upBytes message bytes received from sites so far
     * @param downBytes message bytes sent to sites so far
     */
    public Reading(
            FederationRecord record,
            FederationConfiguration configuration,
            CertificateRegister certificates,
            EnrolmentTokens tokens,
            LongSupplier upBytes,
            LongSupplier downBytes,
            InstantSource clock) {
        this.record = record;
        this.configuration = configuration;
        this.certificates = certificates;
        this.tokens = tokens;
        this.upBytes = upBytes;
        this.downBytes = downBytes;
        this.clock = clock;
    }

    public FederationRecord record() {
        return record;
    }

    /** Whether a federation runs, or has ended in order. */
    public boolean alive() {
        return record.status().map(status -> !"failed".equals(status.phase())).orElse(false);
    }

    public FederationView federation() {
        int total = configuration.trainingRounds() + (configuration.agreeStatistics() ? 1 : 0);
        Optional<FederationStatus> known = record.status();
        int released =
                (int) record.rounds().stream().filter(RoundRecord::released).count();
        FederationStatus status = known.orElseGet(() -> new FederationStatus(
                configuration.name().value(),
                "waiting",
                null,
                null,
                total,
                null,
                null,
                "",
                List.of(),
                List.of(),
                null));
        return new FederationView(
                status.federation(),
                status.phase(),
                status.round(),
                status.attempt(),
                status.rounds(),
                released,
                status.task(),
                status.deadline(),
                status.model(),
                status.outcome(),
                (int) status.sites().stream()
                        .filter(FederationStatus.Site::attached)
                        .count(),
                status.sites().size(),
                upBytes.getAsLong(),
                downBytes.getAsLong(),
                FederationFacts.of(configuration));
    }

    /** Newest first. */
    public List<RoundView> rounds() {
        List<RoundView> views = new ArrayList<>();
        record.rounds().forEach(round -> views.addFirst(view(round)));
        return views;
    }

    public Optional<RoundView> round(String id) {
        return record.rounds().stream()
                .filter(round -> round.id().equals(id))
                .findFirst()
                .map(Reading::view);
    }

    private static RoundView view(RoundRecord round) {
        String outcome = round.outcome();
        String state = outcome == null ? "running" : round.released() ? "released" : "abandoned";
        List<PhaseView> phases = new ArrayList<>();
        for (RoundRecord.Phase phase : round.phases()) {
            Instant end = phase.ended() == null ? phase.started() : phase.ended();
            phases.add(new PhaseView(
                    phase.name(),
                    phase.started().toString(),
                    written(phase.ended()),
                    Duration.between(phase.started(), end).toMillis()));
        }
        int counted = outcome == null
                ? (int) round.sites().stream()
                        .filter(site -> site.submitted() != null)
                        .count()
                : round.contributions();
        return new RoundView(
                round.id(),
                round.round(),
                round.attempt(),
                round.task(),
                state,
                state.equals("abandoned") && outcome != null ? outcome.replaceFirst("^abandoned: ", "") : null,
                round.model(),
                round.parent(),
                written(round.started()),
                written(round.ended()),
                round.millis(),
                round.sites().size(),
                counted,
                (int) round.count(Fate.REFUSED),
                (int) round.count(Fate.LOST),
                round.smallestSum(),
                view(round.evaluation()),
                phases,
                round.sites().stream().map(Reading::view).toList());
    }

    private static RoundSiteView view(Member member) {
        return new RoundSiteView(
                member.site(),
                member.fate().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                member.invited().toString(),
                written(member.accepted()),
                written(member.submitted()),
                written(member.refused()),
                written(member.evaluated()),
                member.step(),
                member.steps());
    }

    private static @Nullable EvaluationView view(@Nullable Evaluation evaluation) {
        if (evaluation == null) {
            return null;
        }
        double n = evaluation.n();
        double p = evaluation.accuracy();
        double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
        double half = Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
        return new EvaluationView(
                evaluation.n(),
                p,
                Math.max(0, middle - half),
                Math.min(1, middle + half),
                evaluation.auroc(),
                evaluation.macroF1(),
                evaluation.ece(),
                evaluation.brier());
    }

    /** Every site that has attached or holds a certificate, ascending by name. */
    public List<SiteView> sites() throws IOException {
        Map<String, SiteRecord> known = new TreeMap<>();
        record.sites().forEach(site -> known.put(site.site(), site));
        Map<String, Instant> expiry = new TreeMap<>();
        for (CertificateRegister.Issued issued : certificates.certificates()) {
            if (issued.inForce()) {
                expiry.merge(issued.site().value(), issued.notAfter(), (a, b) -> a.isAfter(b) ? a : b);
            }
        }
        expiry.keySet()
                .forEach(site -> known.computeIfAbsent(
                        site, name -> new SiteRecord(name, false, "idle", 0, 0, null, 0, 0, 0, 0)));
        List<SiteView> views = new ArrayList<>();
        known.forEach((name, site) -> views.add(new SiteView(
                name,
                site.attached(),
                site.state(),
                site.step(),
                site.steps(),
                written(site.lastSeen()),
                written(expiry.get(name)),
                site.invited(),
                site.counted(),
                site.refused(),
                site.lost())));
        return views;
    }

    /** Newest first; the initial model is the last. */
    public List<VersionView> versions() {
        String inForce = record.status().map(FederationStatus::model).orElse("");
        List<VersionView> versions = new ArrayList<>();
        record.initialModel()
                .ifPresent(initial -> versions.add(
                        new VersionView(initial, null, null, null, null, 0, 0, initial.equals(inForce), null)));
        for (RoundRecord round : record.rounds()) {
            String model = round.model();
            if (round.released() && model != null) {
                versions.addFirst(new VersionView(
                        model,
                        round.parent(),
                        round.id(),
                        round.task(),
                        written(round.ended()),
                        round.contributions(),
                        round.smallestSum(),
                        model.equals(inForce),
                        view(round.evaluation())));
            }
        }
        return versions;
    }

    /** The newest token of each site, ascending by site. */
    public List<TokenView> tokens() throws IOException {
        Instant now = clock.instant();
        return tokens.issued().stream()
                .map(token -> new TokenView(
                        token.site().value(),
                        token.used().isPresent() ? "used" : now.isAfter(token.expires()) ? "expired" : "open",
                        token.expires().toString(),
                        token.used().map(Instant::toString).orElse(null)))
                .toList();
    }

    /** By site, a site's newest first. */
    public List<CertificateView> certificates() throws IOException {
        Instant now = clock.instant();
        return certificates.certificates().stream()
                .map(issued -> new CertificateView(
                        issued.site().value(),
                        issued.serial(),
                        issued.notBefore().toString(),
                        issued.notAfter().toString(),
                        !issued.inForce() ? "revoked" : now.isAfter(issued.notAfter()) ? "expired" : "in-force"))
                .toList();
    }

    /** Whether a site of this name may take part here. */
    public boolean admits(SiteName site) {
        return configuration.sites().isEmpty() || configuration.sites().contains(site);
    }

    public PrivacyView privacy() {
        List<PrivacyView.RoundExposure> exposures = new ArrayList<>();
        for (RoundRecord round : record.rounds()) {
            if (round.released()) {
                exposures.addFirst(new PrivacyView.RoundExposure(
                        round.id(), round.task(), round.contributions(), round.smallestSum()));
            }
        }
        return new PrivacyView(
                configuration.update().noise() instanceof UpdateNoise.None ? "none-known" : "site-level",
                "not reported to the coordinator",
                "not reported to the coordinator",
                FederationFacts.protections(configuration),
                exposures);
    }

    private static @Nullable String written(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
