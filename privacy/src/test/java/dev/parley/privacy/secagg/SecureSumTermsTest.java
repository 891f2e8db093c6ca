package dev.parley.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.graph.AttackModel;
import dev.parley.privacy.secagg.graph.FailureTarget;
import dev.parley.privacy.secagg.graph.GraphParameters;
import dev.parley.privacy.secagg.graph.GraphRequirements;
import dev.parley.privacy.secagg.graph.GroupedGraph;
import dev.parley.privacy.secagg.graph.MemberFraction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SecureSumTermsTest {
    @Property(tries = 300, seed = "20261125")
    void fullTermsHaveTheLowestThresholdThatExcludesTwoStories(
            @ForAll @IntRange(min = 3, max = 200) int members, @ForAll @IntRange(max = 20) int colluding) {
        SecureSumTerms terms = SecureSumTerms.full(members, colluding);
        SecureSumTerms lower = new SecureSumTerms(Math.max(2, terms.threshold() - 1), colluding, 0);

        assertEquals(members, terms.holders(members));
        assertEquals(terms.threshold(), terms.confirmations(members));
        assertTrue(terms.excludesTwoStories(members));
        assertEquals(lower.equals(terms), lower.excludesTwoStories(members));
        assertTrue(terms.fit(members));
    }

    /** The largest group decides: in a smaller one the same threshold excludes two stories all the more. */
    @Property(tries = 300, seed = "20261125")
    void groupedTermsExcludeTwoStoriesInTheLargestGroup(
            @ForAll @IntRange(min = 6, max = 200) int members,
            @ForAll @IntRange(max = 1000) int choice,
            @ForAll @IntRange(max = 5) int colluding) {
        int groups = 2 + choice % (members / 3 - 1);
        SecureSumTerms terms = SecureSumTerms.grouped(members, colluding, groups);
        int largest = GroupedGraph.largest(members, groups);

        assertEquals(largest, terms.holders(members));
        assertTrue(2 * terms.threshold() > largest + colluding);
        assertTrue(terms.excludesTwoStories(members));
        SecureSumTerms lower = new SecureSumTerms(Math.max(2, terms.threshold() - 1), colluding, 0, groups);
        assertEquals(lower.equals(terms), lower.excludesTwoStories(members));
    }

    @Test
    void sparseTermsAreThoseOfTheGraphsAnalysis() {
        GraphParameters found = GraphParameters.find(new GraphRequirements(
                        200,
                        new MemberFraction(20.5 / 200),
                        MemberFraction.NONE,
                        FailureTarget.STANDARD,
                        AttackModel.SEMI_MALICIOUS_CHOOSING_THE_LOST))
                .orElseThrow();
        int threshold = found.threshold() + 1; // the dealer's own share is the one more

        assertTrue(new SecureSumTerms(threshold, 20, found.degree()).excludesTwoStories(200));
        assertFalse(new SecureSumTerms(threshold - 1, 20, found.degree()).excludesTwoStories(200));
        assertFalse(new SecureSumTerms(threshold, 60, found.degree()).excludesTwoStories(200));
        assertFalse(new SecureSumTerms(found.degree() + 2, 20, found.degree()).excludesTwoStories(200));
    }

    /**
     * Two arcs between two gaps of lost members: the end of an arc is opened by the k / 2 members on its own side and by its
     * own share, so k / 2 + 1 is no threshold, even if nobody colludes.
     */
    @Test
    void aSparseGraphIsNotCutByDeclaringMembersLost() {
        assertFalse(new SecureSumTerms(3, 0, 4).excludesTwoStories(10));
        assertTrue(new SecureSumTerms(4, 0, 4).excludesTwoStories(10));
    }

    @Test
    void moreThanHalfOfAllConfirmASparseSum() {
        assertEquals(6, new SecureSumTerms(4, 0, 4).confirmations(10));
        assertEquals(53, new SecureSumTerms(8, 5, 12).confirmations(100));
        assertEquals(60, new SecureSumTerms(60, 5, 80).confirmations(100));
    }

    @Test
    void termsFitOrNot() {
        assertTrue(SecureSumTerms.full(2, 0).fit(2));
        assertFalse(SecureSumTerms.full(2, 0).fit(1));
        assertTrue(SecureSumTerms.grouped(6, 0, 3).fit(6));
        assertFalse(SecureSumTerms.grouped(6, 0, 3).fit(5));
        assertFalse(new SecureSumTerms(2, 0, 0, 1 << 30).fit(6), "twice as many members as an int holds");
        assertTrue(new SecureSumTerms(3, 0, 4).fit(5));
        assertFalse(new SecureSumTerms(3, 0, 4).fit(4));
        assertFalse(new SecureSumTerms(3, 0, 3).fit(10));
    }

    @Test
    void argumentsAreValidated() {
        assertThrows(IllegalArgumentException.class, () -> new SecureSumTerms(1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new SecureSumTerms(2, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> new SecureSumTerms(2, 0, -2));
        assertThrows(IllegalArgumentException.class, () -> new SecureSumTerms(2, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new SecureSumTerms(3, 0, 4, 2));
    }

    /** The evaluation has one sum, whatever the updates have; a session of groups is another than one without. */
    @Test
    void groupsAreOfUpdatesOnlyAndNameAnotherSession() {
        Roster roster = HonestSites.agreed(6, new DeterministicRandom(31)).roster(6);
        SecureSumTerms grouped = SecureSumTerms.grouped(6, 0, 2);
        SecureSumTerms same = new SecureSumTerms(grouped.threshold(), 0, 0);

        assertEquals(SecureSumTerms.full(6, 0), grouped.ungrouped(6));
        assertNotEquals(
                new SumSession(HonestSites.hash("plan"), Purpose.UPDATE, roster, grouped).id(),
                new SumSession(HonestSites.hash("plan"), Purpose.UPDATE, roster, same).id());
    }
}
