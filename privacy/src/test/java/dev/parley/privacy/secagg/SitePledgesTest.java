package dev.parley.privacy.secagg;

import static dev.parley.privacy.secagg.HonestSites.refused;
import static dev.parley.privacy.secagg.HonestSites.taken;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.update.ContentHash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a site remembers stops what cannot be stopped within a session. */
class SitePledgesTest {
    private static final ContentHash MODEL = HonestSites.hash("model");
    private static final Set<String> ALL = Set.of("a", "b", "c", "d", "e", "f", "g");
    private static final int FLOOR = 3;
    private static final DeterministicRandom RANDOM = new DeterministicRandom(20261128);
    private static final SiteIdentityKey IDENTITY = SiteIdentityKey.generate(RANDOM);

    @Test
    void sumsThatDifferInFewerThanTheFloorAreRefused() {
        SitePledges pledges = opened(SitePledges.none(), ALL);

        assertEquals(Optional.of(Reason.SURVIVORS_TOO_SIMILAR), objection(pledges, without("a")));
        assertEquals(Optional.of(Reason.SURVIVORS_TOO_SIMILAR), objection(pledges, without("a", "b")));
        assertEquals(Optional.of(Reason.SUBJECT_EXHAUSTED), objection(pledges, without("a", "b", "c")));
        Set<String> exchanged = new TreeSet<>(without("a"));
        exchanged.add("h");
        assertEquals(Optional.of(Reason.SURVIVORS_TOO_SIMILAR), objection(pledges, exchanged));
    }

    @Test
    void theSameSetMayBeOpenedAgain() {
        SitePledges once = opened(SitePledges.none(), ALL);
        SitePledges twice = opened(once, ALL);

        assertEquals(once, twice);
        assertEquals(Optional.empty(), objection(twice, ALL));
    }

    /** 1234, 4567 and all but 4: the first two less the third leave 4. Any two have a member in common that opened the first. */
    @Test
    void threeSumsThatWouldShowASiteAreRefusedAtTheSecond() {
        SitePledges pledges = opened(SitePledges.none(), Set.of("a", "b", "c", "d"));

        assertEquals(Optional.of(Reason.SUBJECT_EXHAUSTED), objection(pledges, Set.of("d", "e", "f", "g")));
        assertEquals(Optional.of(Reason.SUBJECT_EXHAUSTED), objection(pledges, without("d")));
    }

    @Test
    void subjectsAndPurposesAreCountedByThemselves() {
        SitePledges pledges = opened(opened(SitePledges.none(), ALL), without("a", "b", "c"));

        assertEquals(Optional.empty(), pledges.objection(Purpose.EVALUATION, MODEL, without("a"), FLOOR));
        assertEquals(
                Optional.empty(), pledges.objection(Purpose.UPDATE, HonestSites.hash("another"), without("a"), FLOOR));
    }

    @Test
    void anIdentityIsTheFirstOneSeenUnderAName() {
        SitePledges pledges = taken(SitePledges.none().meet(roster(announced(IDENTITY, 1)), Map.of()));
        SiteIdentityKey another = SiteIdentityKey.generate(RANDOM);

        assertEquals(Reason.IDENTITY_CHANGED, refused(pledges.meet(roster(announced(another, 2)), Map.of())));
    }

    @Test
    void onlyListedIdentitiesAreTrustedWhereThereIsAList() {
        Roster roster = roster(announced(IDENTITY, 1));
        String fingerprint = IDENTITY.identity().fingerprint();

        taken(SitePledges.none().meet(roster, Map.of("site", fingerprint)));
        assertEquals(
                Reason.IDENTITY_NOT_TRUSTED,
                refused(SitePledges.none()
                        .meet(roster, Map.of("site", HonestSites.hash("x").hex()))));
        assertEquals(
                Reason.IDENTITY_NOT_TRUSTED, refused(SitePledges.none().meet(roster, Map.of("other", fingerprint))));
    }

    @Test
    void epochsGoForwardsAndHaveOneSetOfKeys() {
        Announcement second = announced(IDENTITY, 2);
        SitePledges pledges = taken(SitePledges.none().meet(roster(second), Map.of()));

        assertEquals(pledges, taken(pledges.meet(roster(second), Map.of())));
        assertEquals(Reason.EPOCH_TOO_OLD, refused(pledges.meet(roster(announced(IDENTITY, 1)), Map.of())));
        assertEquals(Reason.EPOCH_REUSED, refused(pledges.meet(roster(announced(IDENTITY, 2)), Map.of())));
        SitePledges later = taken(pledges.meet(roster(announced(IDENTITY, 3)), Map.of()));
        assertEquals(Reason.EPOCH_TOO_OLD, refused(later.meet(roster(second), Map.of())));
    }

    @Test
    void ownEpochsAreCounted() {
        assertEquals(2, SitePledges.none().withNextEpoch().withNextEpoch().epoch());
        assertThrows(
                ArithmeticException.class, () -> new SitePledges(Long.MAX_VALUE, Map.of(), Map.of()).withNextEpoch());
    }

    private static Announcement announced(SiteIdentityKey identity, long epoch) {
        return MemberKeys.begin("test", "site", epoch, identity, RANDOM).announcement();
    }

    private static Roster roster(Announcement member) {
        return Roster.of(List.of(member));
    }

    private static SitePledges opened(SitePledges pledges, Set<String> survivors) {
        return pledges.withOpened(Purpose.UPDATE, MODEL, survivors);
    }

    private static Optional<Reason> objection(SitePledges pledges, Set<String> survivors) {
        return pledges.objection(Purpose.UPDATE, MODEL, survivors, FLOOR).map(Refusal::reason);
    }

    private static Set<String> without(String... sites) {
        Set<String> rest = new TreeSet<>(ALL);
        rest.removeAll(Set.of(sites));
        return rest;
    }
}
