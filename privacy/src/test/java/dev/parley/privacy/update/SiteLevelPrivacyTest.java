package dev.parley.privacy.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.accounting.Composition;
import dev.parley.privacy.dp.ledger.PrivacyLoss;
import dev.parley.privacy.dp.ledger.Release;
import dev.parley.privacy.dp.noise.InsecureNoiseSource;
import dev.parley.privacy.dp.noise.NoiseSource;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.RingModulus;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Neighbouring cohorts told apart from what is released: the whole way of an update, from clipping to the decoded mean, with
 * one site's update there or zeros in its place. The attacker knows everything else and asks for the component along that
 * update, which is the most powerful test between two Gaussians; from its errors follows an epsilon that the mechanism
 * certainly has (Jagielski, Ullman, Oprea 2020, section 3). It has to stay below the claim, and to pass it as soon as there is
 * less noise than was claimed.
 */
class SiteLevelPrivacyTest {
    private static final int D = 6;
    private static final int SITES = 10;
    private static final int SHARES = 9;
    private static final int TRIALS = 10_000;
    private static final double MULTIPLIER = 2;
    private static final Delta DELTA = new Delta(1e-5);
    private static final long SEED = 20261201;

    /** ln(2 / 10^-6): each of two error rates is beyond its bound with a probability below 5 10^-7. */
    private static final double CONFIDENCE = Math.log(2e6);

    private final ParameterLayout layout = ParameterLayout.of(List.of(Block.of("w", D)));
    private final UpdateEncoding encoding = new UpdateEncoding(
            D,
            new ClipNorm(1),
            SITES,
            new RingModulus(24),
            RandomisedHadamardTest.seed(1),
            new UpdateNoise.DistributedGaussian(new NoiseMultiplier(MULTIPLIER), SHARES));

    @Test
    void aSiteIsHiddenAsClaimedAndNotWithLessNoise() {
        double claimed = claimed();
        // One site less than all makes the whole noise: the attacker knows what the tenth has added, and takes it off.
        double whole = measured(SHARES);
        double third = measured(1);

        System.out.printf(
                "site-level: claimed %.4f, certain %.4f with the whole noise, %.4f with a share alone, seed %d%n",
                claimed, whole, third, SEED);
        assertTrue(whole <= claimed, whole + " is certain, " + claimed + " was claimed");
        assertTrue(third > claimed, "the test does not see that eight of nine shares are missing: " + third);
        assertTrue(whole > 0.15 * claimed, "the attack is too weak to say anything: " + whole);
    }

    /** The exact value for a Gaussian of this multiplier is 1.9931 at delta 1e-5 (Balle and Wang 2018, theorem 8). */
    @Test
    void theClaimIsThatOfTheGaussian() {
        assertEquals(1.9931, claimed(), 0.001);
    }

    private double claimed() {
        Release release = Release.of("one sum", encoding.release().orElseThrow());
        return PrivacyLoss.of(
                        Composition.under(NeighbouringRelation.ADD_OR_REMOVE_ONE)
                                .and(release.mechanism()),
                        release.distance(),
                        DELTA)
                .value();
    }

    /** @param sharing honest sites that add their noise; the others are taken to be known */
    private double measured(int sharing) {
        NoiseSource source = InsecureNoiseSource.replaying(SEED + sharing);
        double[] with = components(true, sharing, source);
        double[] without = components(false, sharing, source);
        Arrays.sort(with);
        Arrays.sort(without);
        double certain = 0;
        for (double share = 0.001; share < 1; share *= 1.5) {
            double threshold = without[(int) ((1 - share) * (TRIALS - 1))];
            certain = Math.max(certain, certain(above(with, threshold), above(without, threshold)));
        }
        return certain;
    }

    private static double certain(double found, double alarms) {
        double least = found - Math.sqrt(2 * found * CONFIDENCE / TRIALS);
        double most = alarms + Math.sqrt(2 * alarms * CONFIDENCE / TRIALS) + 2 * CONFIDENCE / TRIALS;
        return least > DELTA.value() ? Math.log((least - DELTA.value()) / most) : 0;
    }

    private static double above(double[] sorted, double threshold) {
        int at = Arrays.binarySearch(sorted, threshold);
        int first = at < 0 ? -at - 1 : at;
        return (double) (sorted.length - first) / sorted.length;
    }

    /** Of the released sum along the update of site 0. */
    private double[] components(boolean there, int sharing, NoiseSource source) {
        ContributionWeight full = new ContributionWeight(1);
        double[] found = new double[TRIALS];
        for (int trial = 0; trial < TRIALS; trial++) {
            int[] sum = new int[encoding.length()];
            for (int site = 0; site < SITES; site++) {
                ParameterVector update = site == 0 && !there ? ParameterVector.zeros(layout) : update(site);
                SecretSeed rounding = secret((long) trial * SITES + site);
                int[] sent = site < sharing
                        ? encoding.noisedElements(update, full, rounding, source)
                        : encoding.encodedElements(update, full, rounding);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += sent[i];
                }
            }
            ParameterVector mean = encoding.decode(sum, SITES, layout).update();
            ParameterVector victim = update(0);
            for (int i = 0; i < D; i++) {
                found[trial] += mean.get(i) * victim.get(i);
            }
        }
        return found;
    }

    private ParameterVector update(int site) {
        Random random = new Random(SEED + site);
        float[] values = new float[D];
        for (int i = 0; i < D; i++) {
            values[i] = (float) random.nextGaussian();
        }
        double norm = ParameterVector.of(layout, values).norm();
        for (int i = 0; i < D; i++) {
            values[i] = (float) (values[i] / norm * 0.9999);
        }
        return ParameterVector.of(layout, values);
    }

    private static SecretSeed secret(long number) {
        byte[] bytes = new byte[SecretSeed.SIZE_BYTES];
        new Random(number).nextBytes(bytes);
        return SecretSeed.copyOf(bytes, SecretAccess.token());
    }
}
