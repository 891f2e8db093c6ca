package dev.parley.server.governance;

import dev.parley.policies.request.Description;
import dev.parley.policies.request.Description.Consent;
import dev.parley.policies.request.Description.Noise;
import dev.parley.policies.request.Description.Site;
import dev.parley.policies.request.Description.SumProtection;
import dev.parley.policies.request.GovernedRequest;
import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.update.UpdateNoise;
import dev.parley.rounds.CohortRule;
import dev.parley.rounds.FederationSpec;
import dev.parley.rounds.MaskingRule;
import dev.parley.rounds.RobustRule;
import dev.parley.rounds.RoundPlan;
import dev.parley.rounds.SiteName;
import dev.parley.rounds.Task;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the coordinator knows of a federation, in the words of requests. It knows of no privacy loss: private training is
 * accounted for at the sites, so that evidence is absent.
 *
 * @param members who may attach; empty for every enrolled site
 */
record FederationFacts(FederationSpec spec, List<SiteName> members, DeclaredUse declared) {
    FederationFacts {
        members = List.copyOf(members);
    }

    GovernedRequest startFederation(Instant now) {
        CohortRule cohort = spec.cohort();
        return new GovernedRequest.StartFederation(
                spec.name().value(),
                now,
                declared.purpose(),
                declared.jurisdiction(),
                sites(members),
                members.isEmpty(),
                spec.totalRounds(),
                new Description.Cohort(cohort.quorum(), cohort.minimum(), cohort.starting(), cohort.maximum()),
                spec.update().clipNorm().value(),
                spec.update().exampleCap(),
                noise(spec.update().noise()),
                protection(),
                consents(members),
                Optional.empty());
    }

    GovernedRequest joinSite(SiteName site, GovernedRequest.JoinSite.Step step, Instant now) {
        return new GovernedRequest.JoinSite(
                spec.name().value(),
                now,
                step,
                site(site),
                declared.purpose(),
                declared.jurisdiction(),
                consents(List.of(site)),
                Optional.empty());
    }

    GovernedRequest runRound(RoundPlan plan, Instant now) {
        SecureSumTerms terms = plan.masking().terms();
        return new GovernedRequest.RunRound(
                spec.name().value(),
                now,
                declared.purpose(),
                declared.jurisdiction(),
                plan.id().round(),
                plan.id().attempt(),
                switch (plan.task()) {
                    case Task.AgreeStatistics statistics -> GovernedRequest.RunRound.Task.STATISTICS;
                    case Task.Train train -> GovernedRequest.RunRound.Task.TRAIN;
                },
                sites(plan.cohort()),
                plan.clipNorm().value(),
                plan.exampleCap(),
                noise(plan.noise()),
                protection(terms),
                consents(plan.cohort()),
                Optional.empty());
    }

    private List<Site> sites(List<SiteName> names) {
        return names.stream().map(this::site).toList();
    }

    private Site site(SiteName name) {
        DeclaredUse.DeclaredSite known = declaredSite(name);
        return new Site(name.value(), known.organisation(), known.jurisdiction());
    }

    private DeclaredUse.DeclaredSite declaredSite(SiteName name) {
        return declared.sites().getOrDefault(name, DeclaredUse.DeclaredSite.UNKNOWN);
    }

    /** Absent where no site has declared anything: silence is no consent, and no refusal either. */
    private Optional<List<Consent>> consents(List<SiteName> names) {
        List<Consent> consents = names.stream()
                .flatMap(name -> declaredSite(name).purposes().stream()
                        .map(purposes -> new Consent(name.value(), "declared by the site", purposes, Optional.empty())))
                .toList();
        return consents.isEmpty() ? Optional.empty() : Optional.of(consents);
    }

    private static Noise noise(UpdateNoise noise) {
        return switch (noise) {
            case UpdateNoise.None none -> new Noise(Noise.Kind.NONE, Optional.empty(), Optional.empty());
            case UpdateNoise.DistributedGaussian gaussian ->
                new Noise(
                        Noise.Kind.DISTRIBUTED_GAUSSIAN,
                        Optional.of(gaussian.multiplier().value()),
                        Optional.of((long) gaussian.shares()));
        };
    }

    /** Of the smallest cohort that the rules allow, because there the sums are smallest. */
    private SumProtection protection() {
        MaskingRule masking = spec.update().masking();
        int members = spec.cohort().minimum();
        return switch (masking.robust()) {
            // A larger cohort may be masked by a sparser graph, of which the threshold may be lower; the quorum holds
            // for all.
            case RobustRule.None none ->
                new SumProtection(true, masking.colluding(), 0, spec.cohort().quorum());
            case RobustRule.Groups groups ->
                protection(SecureSumTerms.grouped(
                        members, masking.colluding(), Math.max(1, Math.min(groups.count(), members / 2))));
        };
    }

    private SumProtection protection(SecureSumTerms terms) {
        // A group's sum is opened when the threshold of its members is there; a single sum only with the quorum, too.
        return terms.groups() > 1
                ? new SumProtection(true, terms.colluding(), terms.groups(), terms.threshold())
                : new SumProtection(
                        true,
                        terms.colluding(),
                        0,
                        Math.max(terms.threshold(), spec.cohort().quorum()));
    }
}
