package dev.parley.privacy.secagg.share;

import dev.parley.privacy.secagg.key.SecretSeed;
import java.util.Arrays;
import java.util.Collection;

/**
 * Recovers secrets from one set of holders. The Lagrange coefficients at 0 depend only on who the holders are; they are
 * computed once, in {@code threshold^2} products and a single inversion, and each secret then costs
 * {@code 5 threshold} products. Immutable, and safe to use from many threads.
 *
 * <p>{@link SecretSharing#forHolders} makes it.
 */
public final class SharedRecovery {
    private static final int UNUSED = -1;
    private static final int FOREIGN = -2;

    private final SecretSharing sharing;
    private final long[] weights;

    /** By holder: the index of its weight, {@link #UNUSED}, or {@link #FOREIGN} to this set. */
    private final int[] weightOf;

    SharedRecovery(SecretSharing sharing, int[] sortedHolders) {
        this.sharing = sharing;
        this.weights = lagrangeAtZero(Arrays.copyOf(sortedHolders, sharing.threshold()));
        this.weightOf = new int[sharing.holders()];
        Arrays.fill(weightOf, FOREIGN);
        for (int i = 0; i < sortedHolders.length; i++) {
            weightOf[sortedHolders[i]] = i < weights.length ? i : UNUSED;
        }
    }

    /**
     * Recovers one secret.
     *
     * @param shares one from each of the {@code threshold} holders of the set with the lowest indices, which are used,
     *     and perhaps from others of the set, which are not
     * @throws IllegalArgumentException if one is missing, two are of one holder, or one is of a holder outside the set
     * @throws InconsistentSharesException if what comes out is not a 32-byte secret
     */
    public SecretSeed recover(Collection<SecretShare> shares) throws InconsistentSharesException {
        requireOneOfEach(shares);
        long[] limbs = new long[SecretLimbs.COUNT];
        try {
            for (SecretShare share : shares) {
                int weight = weightOf[share.holder()];
                if (weight != UNUSED) {
                    share.addTimes(weights[weight], limbs);
                }
            }
            return SecretLimbs.toSecret(limbs);
        } finally {
            Arrays.fill(limbs, 0);
        }
    }

    private void requireOneOfEach(Collection<SecretShare> shares) {
        boolean[] seen = new boolean[weightOf.length];
        int used = 0;
        for (SecretShare share : shares) {
            int holder = share.holder();
            if (holder >= weightOf.length || weightOf[holder] == FOREIGN) {
                throw new IllegalArgumentException("holder " + holder + " is not in the set that recovers");
            }
            if (seen[holder]) {
                throw new IllegalArgumentException("holder " + holder + " occurs twice");
            }
            seen[holder] = true;
            used += weightOf[holder] == UNUSED ? 0 : 1;
        }
        if (used < weights.length) {
            throw new IllegalArgumentException("recovery takes a share from each of the set's first "
                    + sharing.threshold() + " holders, got " + used + " of them");
        }
    }

    /**
     * The weight of holder i is the product over the others j of {@code x_j / (x_j - x_i)}, that is, with X the product
     * of all abscissas, {@code X / (x_i prod (x_j - x_i))}. All denominators are inverted together (P. Montgomery,
     * 1987): invert their product, then peel the factors off one by one.
     */
    private static long[] lagrangeAtZero(int[] holders) {
        int count = holders.length;
        long product = 1;
        long[] denominators = new long[count];
        for (int i = 0; i < count; i++) {
            long x = SecretSharing.abscissa(holders[i]);
            product = MersenneField.multiply(product, x);
            long denominator = x;
            for (int j = 0; j < count; j++) {
                if (j != i) {
                    long difference = MersenneField.subtract(SecretSharing.abscissa(holders[j]), x);
                    denominator = MersenneField.multiply(denominator, difference);
                }
            }
            denominators[i] = denominator;
        }
        long[] upTo = new long[count + 1];
        upTo[0] = 1;
        for (int i = 0; i < count; i++) {
            upTo[i + 1] = MersenneField.multiply(upTo[i], denominators[i]);
        }
        long[] weights = new long[count];
        long inverseUpTo = MersenneField.inverse(upTo[count]);
        for (int i = count - 1; i >= 0; i--) {
            weights[i] = MersenneField.multiply(product, MersenneField.multiply(inverseUpTo, upTo[i]));
            inverseUpTo = MersenneField.multiply(inverseUpTo, denominators[i]);
        }
        return weights;
    }

    @Override
    public String toString() {
        return "SharedRecovery[" + sharing.threshold() + " of " + sharing.holders() + "]";
    }
}
