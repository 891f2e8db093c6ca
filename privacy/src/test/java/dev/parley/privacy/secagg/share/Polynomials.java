package dev.parley.privacy.secagg.share;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Polynomials over GF(2^61 - 1) on big integers, written without a look at the product. Lowest coefficient first. */
final class Polynomials {
    static final BigInteger P = BigInteger.TWO.pow(61).subtract(BigInteger.ONE);

    private Polynomials() {}

    static BigInteger at(List<BigInteger> coefficients, long x) {
        BigInteger value = BigInteger.ZERO;
        BigInteger power = BigInteger.ONE;
        for (BigInteger coefficient : coefficients) {
            value = value.add(coefficient.multiply(power)).mod(P);
            power = power.multiply(BigInteger.valueOf(x)).mod(P);
        }
        return value;
    }

    /** The one polynomial of degree below {@code xs.length} through the points, by solving Vandermonde's equations. */
    static List<BigInteger> through(long[] xs, BigInteger[] ys) {
        int size = xs.length;
        BigInteger[][] rows = new BigInteger[size][size + 1];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                rows[row][column] = BigInteger.valueOf(xs[row]).modPow(BigInteger.valueOf(column), P);
            }
            rows[row][size] = ys[row];
        }
        for (int pivot = 0; pivot < size; pivot++) {
            int found = pivot;
            while (rows[found][pivot].signum() == 0) {
                found++;
            }
            BigInteger[] exchanged = rows[pivot];
            rows[pivot] = rows[found];
            rows[found] = exchanged;
            BigInteger inverse = rows[pivot][pivot].modInverse(P);
            for (int column = 0; column <= size; column++) {
                rows[pivot][column] = rows[pivot][column].multiply(inverse).mod(P);
            }
            for (int row = 0; row < size; row++) {
                BigInteger factor = rows[row][pivot];
                if (row != pivot && factor.signum() != 0) {
                    for (int column = 0; column <= size; column++) {
                        rows[row][column] = rows[row][column]
                                .subtract(factor.multiply(rows[pivot][column]))
                                .mod(P);
                    }
                }
            }
        }
        List<BigInteger> coefficients = new ArrayList<>();
        for (BigInteger[] row : rows) {
            coefficients.add(row[size]);
        }
        return coefficients;
    }
}
