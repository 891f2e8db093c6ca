package dev.parley.privacy.secagg.share;

import static dev.parley.privacy.secagg.share.Polynomials.P;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Every operation of {@link MersenneField} is that of big integers modulo 2^61 - 1. */
class MersenneFieldTest {
    /** Where a reduction goes wrong first. */
    private static final long[] EDGES = {
        0, 1, 2, 3, 7, 8, (1L << 32) - 1, 1L << 32, 1L << 60, MersenneField.P - 2, MersenneField.P - 1
    };

    @Provide
    Arbitrary<Long> elements() {
        return Arbitraries.longs().between(0, MersenneField.P - 1);
    }

    @Property(tries = 5000, seed = "20261124")
    void operationsAreThoseOfIntegersModuloP(@ForAll("elements") long a, @ForAll("elements") long b) {
        BigInteger x = BigInteger.valueOf(a);
        BigInteger y = BigInteger.valueOf(b);

        assertEquals(x.add(y).mod(P).longValueExact(), MersenneField.add(a, b));
        assertEquals(x.subtract(y).mod(P).longValueExact(), MersenneField.subtract(a, b));
        assertEquals(x.multiply(y).mod(P).longValueExact(), MersenneField.multiply(a, b));
    }

    @Property(tries = 3000, seed = "20261124")
    void itIsAField(@ForAll("elements") long a, @ForAll("elements") long b, @ForAll("elements") long c) {
        assertEquals(MersenneField.multiply(a, b), MersenneField.multiply(b, a));
        assertEquals(
                MersenneField.multiply(a, MersenneField.multiply(b, c)),
                MersenneField.multiply(MersenneField.multiply(a, b), c));
        assertEquals(
                MersenneField.multiply(a, MersenneField.add(b, c)),
                MersenneField.add(MersenneField.multiply(a, b), MersenneField.multiply(a, c)));
        assertEquals(0, MersenneField.add(a, MersenneField.subtract(0, a)));
        if (a != 0) {
            assertEquals(1, MersenneField.multiply(a, MersenneField.inverse(a)));
        }
    }

    @Property(tries = 5000, seed = "20261124")
    void aHornerStepIsCongruentAndFitsTheNext(
            @ForAll @LongRange(min = 0, max = (1L << 62) + (1L << 24) - 1) long a,
            @ForAll @LongRange(min = 1, max = SecretSharing.MOST_HOLDERS) long x,
            @ForAll("elements") long c) {
        long next = MersenneField.hornerStep(a, x, c);

        BigInteger exact = BigInteger.valueOf(a).multiply(BigInteger.valueOf(x)).add(BigInteger.valueOf(c));
        assertTrue(next >= 0 && next < (1L << 62) + (1L << 24), () -> "step gives " + next);
        assertEquals(exact.mod(P).longValueExact(), MersenneField.reduce(next));
    }

    @Test
    void edgesMeetEdges() {
        for (long a : EDGES) {
            for (long b : EDGES) {
                operationsAreThoseOfIntegersModuloP(a, b);
                for (long c : EDGES) {
                    itIsAField(a, b, c);
                }
            }
        }
        aHornerStepIsCongruentAndFitsTheNext(
                (1L << 62) + (1L << 24) - 1, SecretSharing.MOST_HOLDERS, MersenneField.P - 1);
    }

    @Test
    void anElementHasOneRepresentative() {
        assertTrue(MersenneField.isCanonical(0));
        assertTrue(MersenneField.isCanonical(MersenneField.P - 1));
        assertFalse(MersenneField.isCanonical(MersenneField.P));
        assertFalse(MersenneField.isCanonical(-1));
        assertFalse(MersenneField.isCanonical(Long.MAX_VALUE));
        assertFalse(MersenneField.isCanonical(Long.MIN_VALUE));
    }
}
