package dev.parley.privacy.secagg.graph;

import dev.parley.privacy.update.ContentHash;
import java.util.Optional;

/**
 * How many neighbours each member has, and how many of them recover its secrets.
 *
 * <p>The conditions are those of Bell, Bonawitz, Gascon, Lepoint, Raykova (CCS 2020; ePrint 2020/704) for graphs that
 * are good with overwhelming probability and hypergeometric tails are exact.
 * Write n, k, t for members, degree and threshold, A for the corrupt, D for the lost, Hyp(N, M, k) for the marked among
 * k drawn of N with M marked. The order on the circle is uniform, so that the k neighbours of a member are k of the
 * other n - 1, drawn without replacement; n members share every bound (union).
 *
 * <ol>
 *   <li><b>Correctness</b> (section 3): some surviving member has fewer
 *       than t surviving neighbours, with probability at most {@code n P[Hyp(n-1, n-D-1, k) < t] <= 2^-eta}. A lost
 *       member has one more survivor to draw from; the bound covers it.
 *   <li><b>Exposure</b>, semi-honest (section 3): some honest member has t corrupt
 *       neighbours, with probability at most {@code n P[Hyp(n-1, A, k) >= t] <= 2^-(sigma+1)}.
 *   <li><b>Exposure</b>, semi-malicious (section 4): c corrupt neighbours give shares of both of a member's secrets,
 *       and k - c honest ones give one of one kind, k + c in all, while both secrets take 2t. So {@code 2t > k + c}
 *       must hold: {@code n P[Hyp(n-1, A, k) >= 2t - k] <= 2^-(sigma+1)}.
 *   <li><b>Separation</b> (section 3): two honest survivors are cut off from each other if
 *       and only if the circle is broken in two disjoint places by k/2 neighbours in a row who are corrupt or lost.
 *       There are n(n-k-1)/2 pairs of places: {@code n(n-k-1)/2 C(n-k, A+D-k) / C(n, A+D) <= 2^-(sigma+1)}.
 *   <li><b>Separation by choice</b>, in place of the former where the coordinator chooses who is lost. Ours, not the
 *       paper's. To read a group's sum it needs the self seeds of all the group's members, also of the two at the ends
 *       of the group. The last one's k/2 next neighbours are all corrupt or declared lost. Those declared lost do not
 *       answer, so its t shares come from k/2 neighbours on its own side and from the corrupt on the other: the latter
 *       have to be {@code s = t - k/2} at least. So do those before the first one. The two sets of k/2 are disjoint,
 *       and counts of corrupt in disjoint places are negatively associated (Joag-Dev, Proschan 1983): with n(n-k-1)
 *       pairs of ends, {@code n(n-k-1) P[Hyp(n-2, A, k/2) >= s]^2 <= 2^-(sigma+1)}. The bound is a generous one:
 *       drawn graphs of 100 can be cut some twenty times more rarely.
 * </ol>
 *
 * <p>Exposure and separation each get half of the security budget, hence sigma + 1. Google's parameter finder
 * (federated-compute, {@code fcp/secagg/server/graph_parameter_finder.cc}) has conditions 1 to 4, but draws neighbours
 * from all n members instead of the other n - 1. At a tenth corrupt and a tenth lost both give the same; where many are
 * corrupt or lost, or members are few, the degree here is one to three steps larger. A graph with k = n - 1 is full,
 * cannot be cut, and its tails are certainties.
 *
 * @param members of the cohort
 * @param degree neighbours of each: even, or all the others
 * @param threshold of Shamir's sharing among a member's neighbours, 2 to {@code degree}
 */
public record GraphParameters(int members, int degree, int threshold) {
    /** Largest degree that is looked at: beyond it, a member's work is that of a full graph. */
    public static final int MOST_DEGREE = 1 << 14;

    /** In bits. Above what rounding errs by, so that rounding can refuse parameters and never admit them. */
    private static final double ROUNDING = 1e-6;

    private static final double LN_2 = Math.log(2);

    public GraphParameters {
        if (members < 3 || members > SharingGraph.MOST_MEMBERS) {
            throw new IllegalArgumentException(
                    "a cohort has 3 to " + SharingGraph.MOST_MEMBERS + " members, got " + members);
        }
        if (degree < 2 || degree >= members || (degree % 2 != 0 && degree != members - 1)) {
            throw new IllegalArgumentException("the degree of a graph of " + members
                    + " members is even and at least 2, or all " + (members - 1) + " others, got " + degree);
        }
        if (threshold < 2 || threshold > degree) {
            throw new IllegalArgumentException("a threshold is 2 to the degree " + degree + ", got " + threshold);
        }
    }

    /**
     * The smallest degree that meets the requirements, and for it the smallest threshold that is secure: recovery is
     * the cheaper, the smaller the threshold. Degrees are even, because the circle has two sides, except that of the
     * full graph.
     *
     * @return empty if not even the full graph meets them, or none up to {@value #MOST_DEGREE} neighbours
     */
    public static Optional<GraphParameters> find(GraphRequirements required) {
        int others = required.members() - 1;
        int threshold = 2;
        for (int next = 2; next <= Math.min(others + 1, MOST_DEGREE); next += 2) {
            int degree = Math.min(next, others);
            if (log2Separation(required, degree, degree) > log2AllowedInsecurity(required)) {
                continue; // whatever the threshold
            }
            // The smallest secure threshold never falls as the degree grows, so the last one is where to go on; except
            // when the graph becomes full, where nothing separates any more.
            if (degree == others) {
                threshold = 2;
            }
            while (threshold <= degree && !isSecure(required, degree, threshold)) {
                threshold++;
            }
            if (threshold <= degree && isCorrect(required, degree, threshold)) {
                return Optional.of(new GraphParameters(required.members(), degree, threshold));
            }
        }
        return Optional.empty();
    }

    /**
     * Whether these parameters meet {@code required}: what a member checks before it takes part in a plan that it was
     * handed.
     */
    public boolean satisfy(GraphRequirements required) {
        return members == required.members()
                && isSecure(required, degree, threshold)
                && isCorrect(required, degree, threshold);
    }

    /** The graph that {@code seed} gives; {@link RegularGraph} says how the seed has to come about. */
    public SharingGraph graph(ContentHash seed) {
        return degree == members - 1 ? new FullGraph(members) : new RegularGraph(members, degree, seed);
    }

    private static boolean isSecure(GraphRequirements required, int degree, int threshold) {
        double allowed = log2AllowedInsecurity(required);
        return log2Exposure(required, degree, threshold) <= allowed
                && log2Separation(required, degree, threshold) <= allowed;
    }

    private static double log2AllowedInsecurity(GraphRequirements required) {
        return -(required.target().securityBits() + 1) - ROUNDING;
    }

    private static boolean isCorrect(GraphRequirements required, int degree, int threshold) {
        return log2TooFewSurvivors(required, degree, threshold)
                <= -required.target().correctnessBits() - ROUNDING;
    }

    /** log2 of the bound on the probability that a surviving member cannot be recovered. */
    static double log2TooFewSurvivors(GraphRequirements required, int degree, int threshold) {
        int n = required.members();
        int otherSurvivors = Math.max(0, n - required.lostMembers() - 1);
        return log2(n) + new Hypergeometric(n - 1, otherSurvivors, degree).log2AtMost(threshold - 1);
    }

    /** log2 of the bound on the probability that corrupt neighbours get hold of an honest member's contribution. */
    static double log2Exposure(GraphRequirements required, int degree, int threshold) {
        int n = required.members();
        int corrupt = Math.min(n - 1, required.corruptMembers());
        int corruptNeighbours = switch (required.attack()) {
            case SEMI_HONEST -> threshold;
            case SEMI_MALICIOUS, SEMI_MALICIOUS_CHOOSING_THE_LOST -> 2 * threshold - degree;
        };
        return log2(n) + new Hypergeometric(n - 1, corrupt, degree).log2AtLeast(corruptNeighbours);
    }

    /** log2 of the bound on the probability that honest survivors are cut off from each other. */
    static double log2Separation(GraphRequirements required, int degree, int threshold) {
        if (degree == required.members() - 1) {
            return Double.NEGATIVE_INFINITY;
        }
        return switch (required.attack()) {
            case SEMI_HONEST, SEMI_MALICIOUS -> log2SeparationByChance(required, degree);
            case SEMI_MALICIOUS_CHOOSING_THE_LOST -> log2SeparationByChoice(required, degree, threshold);
        };
    }

    private static double log2SeparationByChance(GraphRequirements required, int degree) {
        int n = required.members();
        int gone = Math.min(n, required.corruptMembers() + required.lostMembers());
        if (degree > gone) {
            return Double.NEGATIVE_INFINITY;
        }
        double logAllGone = Hypergeometric.logChoose(n - degree, gone - degree) - Hypergeometric.logChoose(n, gone);
        return log2(n) + log2(n - degree - 1) - 1 + logAllGone / LN_2;
    }

    private static double log2SeparationByChoice(GraphRequirements required, int degree, int threshold) {
        int n = required.members();
        int corrupt = Math.min(n - 2, required.corruptMembers());
        double log2OneEnd = new Hypergeometric(n - 2, corrupt, degree / 2).log2AtLeast(threshold - degree / 2);
        return log2(n) + log2(n - degree - 1) + 2 * log2OneEnd;
    }

    private static double log2(double value) {
        return Math.log(value) / LN_2;
    }
}
