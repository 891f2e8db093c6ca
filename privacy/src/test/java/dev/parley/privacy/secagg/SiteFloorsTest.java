package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.HonestSites.refused;
import static dev.parley.privacy.secagg.HonestSites.taken;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.SiteFloors.Allowance;
import dev.parley.privacy.secagg.SumSession.Purpose;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an owner demands is demanded of every plan, before anything leaves. */
class SiteFloorsTest {
    private static final HonestSites SITES = HonestSites.agreed(6, new DeterministicRandom(20261127));

    @Test
    void twoHonestSitesMustBeLeftInASum() {
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(3, 2, 1, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(3, 1, 0, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(1, 2, 0, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new SiteFloors(3, 2, -1, Map.of()));
        assertDoesNotThrow(() -> new SiteFloors(2, 3, 1, Map.of()));
    }

    @Test
    void aPlanBelowTheFloorsIsRefused() {
        SecureSumTerms full = SecureSumTerms.full(6, 0);

        assertEquals(Reason.COHORT_BELOW_FLOOR, dealing(full, new SiteFloors(7, 2, 0, Map.of())));
        assertEquals(Reason.COLLUSION_BELOW_FLOOR, dealing(full, new SiteFloors(2, 3, 1, Map.of())));
        assertEquals(Reason.THRESHOLD_TOO_LOW, dealing(new SecureSumTerms(3, 0, 0), HonestSites.FLOORS));
        assertEquals(Reason.THRESHOLD_UNREACHABLE, dealing(new SecureSumTerms(7, 0, 0), HonestSites.FLOORS));
        assertEquals(Reason.THRESHOLD_UNREACHABLE, dealing(new SecureSumTerms(4, 0, 0, 2), HonestSites.GROUP_FLOORS));
        assertEquals(Reason.THRESHOLD_TOO_LOW, dealing(new SecureSumTerms(2, 1, 0, 2), HonestSites.GROUP_FLOORS));
    }

    @Test
    void sparseGraphsAreRefusedUnlessAllowedAndThenChecked() {
        SecureSumTerms sparse = new SecureSumTerms(4, 0, 4);

        assertEquals(Reason.SPARSE_NOT_ALLOWED, dealing(sparse, HonestSites.FLOORS));
        taken(MemberState.deal(session(sparse), SITES.keys(0), HonestSites.SPARSE_FLOORS, new DeterministicRandom(1)));
        assertEquals(Reason.THRESHOLD_TOO_LOW, dealing(new SecureSumTerms(3, 0, 4), HonestSites.SPARSE_FLOORS));
    }

    @Test
    void groupsAreRefusedUnlessAllowed() {
        SecureSumTerms grouped = SecureSumTerms.grouped(6, 0, 2);

        assertEquals(Reason.GROUPS_NOT_ALLOWED, dealing(grouped, HonestSites.FLOORS));
        assertEquals(Reason.GROUPS_NOT_ALLOWED, dealing(grouped, HonestSites.SPARSE_FLOORS));
        taken(MemberState.deal(session(grouped), SITES.keys(0), HonestSites.GROUP_FLOORS, new DeterministicRandom(1)));
    }

    /** The owner's way to forbid small groups: a cohort large enough, but this site's own sum is not. */
    @Test
    void aGroupSmallerThanTheSmallestSumIsRefused() {
        SumSession session = session(SecureSumTerms.grouped(6, 0, 2));
        SiteFloors floors = new SiteFloors(6, 4, 0, Map.of(), Set.of(Allowance.GROUPS));
        AggregatorState.Dealing dealing = AggregatorState.begin(session);
        Map<Integer, MemberState.Dealt> dealt = new HashMap<>();
        for (int i = 0; i < 6; i++) {
            MemberState.Dealing deal =
                    taken(MemberState.deal(session, SITES.keys(i), floors, new DeterministicRandom(i)));
            dealt.put(i, deal.state());
            dealing = taken(dealing.receive(deal.deal()));
        }
        AggregatorState.Summing summing = SessionVectorWriter.on(dealing.close(MemberSet.first(6)));

        for (int i = 0; i < 6; i++) {
            MemberState.Dealt state = java.util.Objects.requireNonNull(dealt.get(i));
            assertEquals(Reason.COHORT_BELOW_FLOOR, refused(state.join(summing.notice(i))));
        }
    }

    private static Reason dealing(SecureSumTerms terms, SiteFloors floors) {
        return refused(MemberState.deal(session(terms), SITES.keys(0), floors, new DeterministicRandom(1)));
    }

    private static SumSession session(SecureSumTerms terms) {
        return new SumSession(HonestSites.hash("plan of " + terms), Purpose.UPDATE, SITES.roster(6), terms);
    }
}
