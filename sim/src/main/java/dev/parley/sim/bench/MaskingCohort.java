package dev.parley.sim.bench;

import dev.parley.privacy.secagg.SecureSumTerms;
import dev.parley.privacy.secagg.graph.AttackModel;
import dev.parley.privacy.secagg.graph.FailureTarget;
import dev.parley.privacy.secagg.graph.GraphParameters;
import dev.parley.privacy.secagg.graph.GraphRequirements;
import dev.parley.privacy.secagg.graph.MemberFraction;

/**
 * How many masks a round of secure aggregation costs.
 *
 * @param sites that began the round
 * @param lost of them, before their upload
 * @param degree peers with which each shares a pair seed
 * @param terms of the session that this is
 */
public record MaskingCohort(int sites, int lost, int degree, SecureSumTerms terms) {
    public MaskingCohort {
        if (sites < 3 || sites > 1_000_000) {
            throw new IllegalArgumentException("--sites is 3 to 1,000,000, got " + sites);
        }
        if (degree < 2 || degree > sites - 1) {
            throw new IllegalArgumentException("--degree is 2 to sites - 1 = " + (sites - 1) + ", got " + degree);
        }
        if (lost < 0 || sites - lost < 2) {
            throw new IllegalArgumentException("at least 2 of " + sites + " sites survive, but " + lost + " are lost");
        }
    }

    /** Every site with every other. */
    static MaskingCohort fullGraph(int sites, double lostPercent) {
        return new MaskingCohort(sites, lostOf(sites, lostPercent), sites - 1, SecureSumTerms.full(sites, 0));
    }

    /** As many peers as {@link GraphParameters} finds for a tenth corrupt and a tenth lost, who may be chosen. */
    static MaskingCohort regularGraph(int sites, double lostPercent) {
        MemberFraction tenth = new MemberFraction(0.1);
        GraphParameters found = GraphParameters.find(new GraphRequirements(
                        sites, tenth, tenth, FailureTarget.STANDARD, AttackModel.SEMI_MALICIOUS_CHOOSING_THE_LOST))
                .filter(parameters -> parameters.degree() % 2 == 0)
                .orElseThrow(() -> new IllegalArgumentException(
                        "among " + sites + " sites no sparse graph is safe enough; use --graph full"));
        return new MaskingCohort(
                sites,
                lostOf(sites, lostPercent),
                found.degree(),
                new SecureSumTerms(found.threshold(), tenth.of(sites), found.degree()));
    }

    private static int lostOf(int sites, double lostPercent) {
        if (!(lostPercent >= 0 && lostPercent < 100)) {
            throw new IllegalArgumentException("--lost is 0 to less than 100 per cent, got " + lostPercent);
        }
        return (int) Math.round(sites * lostPercent / 100);
    }

    public int survivors() {
        return sites - lost;
    }

    /** One for each peer and the site's own. */
    public int masksAtSite() {
        return degree + 1;
    }

    /** One for each survivor, and one for each pair of a lost site and a surviving neighbour of it. */
    public long masksAtCoordinator() {
        return survivors() + Math.round((double) lost * degree * survivors() / (sites - 1));
    }
}
