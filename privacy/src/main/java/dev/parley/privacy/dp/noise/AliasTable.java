package dev.parley.privacy.dp.noise;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Draws from a symmetric law by Walker's alias method (1977; the construction is Vose's, 1991), from 128 random bits, always.
 *
 * <p>The law's folded probabilities are rounded to multiples of 2^-127 that sum to 1. That many indivisible parts are dealt
 * onto 2^a cells of equal size such that each cell holds parts of at most two magnitudes: of its own number below its
 * threshold, of its alias from there on. So a uniform cell (a bits), a uniform place in it (127 - a bits) and a uniform sign
 * (1 bit) give each magnitude with exactly its rounded probability. The threshold has as many bits as the place: nothing
 * is compared as a floating-point number, and nothing is left to chance but the bits.
 *
 * <p><b>Guarantees</b>: what is drawn is within {@link #distance} of the law, by interval arithmetic over every entry and the
 * tail; no branch and no number of steps depends on the bits. <b>Does not</b> hide which cell is read from someone who shares the
 * processor's caches with this process: a cell is one aligned pair of words in at most 64 KiB.
 */
final class AliasTable {
    /** Bits of a cell and a place together; the sign takes the 128th. */
    private static final int PARTS_BITS = 127;

    private static final BigDecimal PARTS = new BigDecimal(BigInteger.TWO.pow(PARTS_BITS));

    private final int cellBits;
    private final int magnitudes;
    private final StatisticalDistance distance;

    /** Two words for each cell: the threshold's upper bits above the alias, the threshold's lower 64 bits. */
    private final long[] cells;

    private AliasTable(int cellBits, int magnitudes, StatisticalDistance distance, long[] cells) {
        this.cellBits = cellBits;
        this.magnitudes = magnitudes;
        this.distance = distance;
        this.cells = cells;
    }

    static AliasTable of(FoldedMasses masses) {
        int magnitudes = masses.masses().size();
        BigInteger[] parts = parts(masses.masses());
        StatisticalDistance distance = distance(parts, masses);
        int cellBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(magnitudes - 1));
        return new AliasTable(cellBits, magnitudes, distance, deal(parts, cellBits));
    }

    /** Rounded down; what is left over goes to 0, which is the most likely. */
    private static BigInteger[] parts(List<DecimalInterval> masses) {
        BigInteger[] parts = new BigInteger[masses.size()];
        BigInteger left = BigInteger.TWO.pow(PARTS_BITS);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = masses.get(i).low().multiply(PARTS).toBigInteger();
            left = left.subtract(parts[i]);
        }
        parts[0] = parts[0].add(left);
        return parts;
    }

    /** Half the sum of the greatest differences that the intervals allow, and of the tail. */
    private static StatisticalDistance distance(BigInteger[] parts, FoldedMasses masses) {
        BigDecimal sum = masses.tail();
        for (int i = 0; i < parts.length; i++) {
            BigDecimal rounded = new BigDecimal(parts[i]).divide(PARTS);
            DecimalInterval mass = masses.masses().get(i);
            BigDecimal most = rounded.subtract(mass.low())
                    .abs()
                    .max(rounded.subtract(mass.high()).abs());
            sum = sum.add(most, DecimalInterval.UP);
        }
        return new StatisticalDistance(Math.nextUp(sum.doubleValue() / 2));
    }

    private static long[] deal(BigInteger[] parts, int cellBits) {
        int count = 1 << cellBits;
        BigInteger capacity = BigInteger.TWO.pow(PARTS_BITS - cellBits);
        BigInteger[] left = new BigInteger[count];
        Deque<Integer> small = new ArrayDeque<>();
        Deque<Integer> large = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            left[i] = i < parts.length ? parts[i] : BigInteger.ZERO;
            (left[i].compareTo(capacity) < 0 ? small : large).push(i);
        }
        long[] cells = new long[2 * count];
        while (!small.isEmpty()) {
            int own = small.pop();
            // The parts sum to what all cells hold, so where one cell has too few another has too many.
            int alias = large.pop();
            put(cells, own, left[own], alias, cellBits);
            left[alias] = left[alias].subtract(capacity.subtract(left[own]));
            (left[alias].compareTo(capacity) < 0 ? small : large).push(alias);
        }
        // These are exactly full: no threshold, and themselves for an alias.
        large.forEach(own -> put(cells, own, BigInteger.ZERO, own, cellBits));
        return cells;
    }

    private static void put(long[] cells, int own, BigInteger threshold, int alias, int cellBits) {
        cells[2 * own] = threshold.shiftRight(Long.SIZE).longValueExact() << cellBits | alias;
        cells[2 * own + 1] = threshold.longValue();
    }

    StatisticalDistance distance() {
        return distance;
    }

    /** The greatest magnitude that can be drawn. */
    int greatest() {
        return magnitudes - 1;
    }

    /**
     * One value. Every pair of words gives one; uniform pairs give it with its rounded probability.
     *
     * @param high cell, sign and the upper bits of the place, from the most significant bit on
     * @param low the lower 64 bits of the place
     */
    int draw(long high, long low) {
        int placeBits = Long.SIZE - 1 - cellBits;
        int cell = (int) (high >>> placeBits + 1);
        long sign = -(high >>> placeBits & 1);
        long place = high & (1L << placeBits) - 1;
        long word = cells[2 * cell];
        long lowThreshold = cells[2 * cell + 1];
        // The borrow of low - lowThreshold, as unsigned (Warren 2012, section 2-13).
        long borrow = (~low & lowThreshold | (~low | lowThreshold) & low - lowThreshold) >>> Long.SIZE - 1;
        long below = place - (word >>> cellBits) - borrow >> Long.SIZE - 1;
        long alias = word & (1L << cellBits) - 1;
        long magnitude = alias ^ (alias ^ cell) & below;
        return (int) ((magnitude ^ sign) - sign);
    }

    /** How many of a cell's places belong to the cell's own number, read from the cells. */
    BigInteger threshold(int cell) {
        return BigInteger.valueOf(cells[2 * cell] >>> cellBits)
                .shiftLeft(Long.SIZE)
                .add(new BigInteger(Long.toUnsignedString(cells[2 * cell + 1])));
    }

    /** Whose the others are. */
    int alias(int cell) {
        return (int) (cells[2 * cell] & (1L << cellBits) - 1);
    }

    int cellBits() {
        return cellBits;
    }

    /** Exactly how many of 2^127 chances each magnitude has. */
    BigInteger[] chances() {
        BigInteger capacity = BigInteger.TWO.pow(PARTS_BITS - cellBits);
        BigInteger[] chances = new BigInteger[1 << cellBits];
        Arrays.fill(chances, BigInteger.ZERO);
        for (int cell = 0; cell < chances.length; cell++) {
            chances[cell] = chances[cell].add(threshold(cell));
            chances[alias(cell)] = chances[alias(cell)].add(capacity.subtract(threshold(cell)));
        }
        return chances;
    }
}
