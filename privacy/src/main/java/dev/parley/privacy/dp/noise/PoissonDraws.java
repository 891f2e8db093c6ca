package dev.parley.privacy.dp.noise;

import dev.parley.privacy.dp.SamplingRate;
import java.util.Arrays;

/**
 * Who takes part in a step: each unit by its own coin, independently of all others (Poisson sampling). What sampling adds
 * to privacy rests on nobody knowing the coins, so they come from the same generator as the noise, and the sizes of the
 * samples are as secret as their members.
 *
 * <p>Not thread-safe, as its source is not.
 */
public final class PoissonDraws {
    private static final double WORDS = 0x1p63;

    private final NoiseSource source;

    /** @param source gives the coins; it may be the one that gives the noise of the same steps */
    public PoissonDraws(NoiseSource source) {
        this.source = source;
    }

    /**
     * Positions of those who take part, ascending. A coin falls for a unit with the rate rounded down to a multiple of
     * 2^-63, so never more often than accounted.
     *
     * @param units how many there are; 0 gives nobody
     */
    public int[] participants(SamplingRate rate, int units) {
        int[] chosen = new int[units];
        if (rate.value() == 1) {
            Arrays.setAll(chosen, i -> i);
            return chosen;
        }
        long below = (long) (rate.value() * WORDS);
        int count = 0;
        for (int unit = 0; unit < units; unit++) {
            if (source.nextWord() >>> 1 < below) {
                chosen[count++] = unit;
            }
        }
        return Arrays.copyOf(chosen, count);
    }

    /**
     * A uniform choice of {@code count} of {@code from} positions without replacement, all if there are no more. Ascending.
     *
     * @param count at least 1
     */
    public int[] choose(int count, int from) {
        int[] positions = new int[from];
        Arrays.setAll(positions, i -> i);
        if (count >= from) {
            return positions;
        }
        for (int i = 0; i < count; i++) {
            int j = i + below(from - i);
            int swapped = positions[i];
            positions[i] = positions[j];
            positions[j] = swapped;
        }
        int[] chosen = Arrays.copyOf(positions, count);
        Arrays.sort(chosen);
        return chosen;
    }

    /** Uniform in [0, bound), by rejection. */
    private int below(int bound) {
        long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
        long word;
        do {
            word = source.nextWord() >>> 1;
        } while (word >= limit);
        return (int) (word % bound);
    }

    /**
     * A seed for what a step draws besides, such as dropout. It has to be secret and fresh too: an observer who knew it
     * would see one record's absence in what all later records of the batch draw.
     */
    public long seed() {
        return source.nextWord();
    }
}
