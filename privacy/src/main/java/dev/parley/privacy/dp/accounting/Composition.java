package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.NeighbouringRelation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Releases that were or will be made from the same records, and the relation under which they are accounted. A value:
 * adding to it makes another.
 *
 * <p>Guarantees: the order of releases does not matter, equal ones are counted, not repeated. Does not: check that they
 * were made. Adaptively chosen releases compose like this as long as each mechanism was fixed before the first of them was
 * made (else a filter or odometer is needed: Rogers, Roth, Ullman and Vadhan 2016).
 */
public final class Composition {
    private final NeighbouringRelation relation;
    private final Map<Mechanism, Long> counts;

    private Composition(NeighbouringRelation relation, Map<Mechanism, Long> counts) {
        this.relation = relation;
        this.counts = Collections.unmodifiableMap(counts);
    }

    /** Nothing released yet. */
    public static Composition under(NeighbouringRelation relation) {
        return new Composition(relation, Map.of());
    }

    /** With one more release. */
    public Composition and(Mechanism mechanism) {
        return and(mechanism, 1);
    }

    /**
     * With more releases of the same kind.
     *
     * @param times 1 or more
     */
    public Composition and(Mechanism mechanism, long times) {
        if (times < 1) {
            throw new IllegalArgumentException("a release is made 1 time or more, got " + times);
        }
        var more = new LinkedHashMap<>(counts);
        more.merge(mechanism, times, Math::addExact);
        return new Composition(relation, more);
    }

    public NeighbouringRelation relation() {
        return relation;
    }

    /** How often each mechanism is used. */
    public Map<Mechanism, Long> counts() {
        return counts;
    }
}
