package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parley.agent.storage.PledgeFile;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A site that has helped to open a sum, whose process has ended since. Its pledges are on disk. */
class RestartedMemberTest {
    private static final int NORTH = 1;
    private static final MemberSet ALL = MemberSet.first(4);
    private static final ContentHash MODEL = Assignments.MODEL.hash();
    private static final ContentHash FIRST = hash("plan before the restart");
    private static final ContentHash SECOND = hash("plan after the restart");

    @TempDir
    Path folder;

    private final SiteIdentityKey identity = SiteIdentityKey.generate(new SecureRandom());
    private AgreedMembers before;
    private AgreedMembers after;

    private static ContentHash hash(String text) {
        return ContentHash.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private SumMembership north() throws IOException {
        return new SumMembership(
                "hospital",
                "north",
                identity,
                SumPeers.FLOORS,
                PledgeFile.open(folder.resolve("pledges.json")),
                new SecureRandom());
    }

    @BeforeEach
    void openASumAndRestart() throws Exception {
        SumMembership east = SumPeers.membership("east");
        SumMembership south = SumPeers.membership("south");
        SumMembership west = SumPeers.membership("west");
        before = new AgreedMembers(List.of(east, north(), south, west));
        before.contribute(FIRST, MODEL);
        List<Confirmation> confirmations = before.confirm(FIRST, MODEL, ALL);
        SumPeers.taken(before.member(NORTH).open(FIRST, Purpose.UPDATE, confirmations));

        after = new AgreedMembers(List.of(east, north(), south, west));
    }

    private static Reason refused(Step<?> step) {
        return assertInstanceOf(Step.Refused.class, step).refusal().reason();
    }

    @Test
    void beginsANewEpochInWhichTheOldPlanMeansNothing() throws Exception {
        SumMembership north = after.member(NORTH);

        assertEquals(2, north.announcement().epoch());
        assertEquals(
                Reason.NOT_IN_ROSTER,
                refused(north.deal(FIRST, before.assignment(MODEL), before.roster(), before.inbox(NORTH))));
        assertEquals(Reason.SESSION_UNKNOWN, refused(north.confirm(FIRST, Purpose.UPDATE, MODEL, ALL)));
        assertEquals(Reason.SESSION_UNKNOWN, refused(north.open(FIRST, Purpose.UPDATE, List.of())));
    }

    @Test
    void doesNotHelpToOpenASumOfTheSameModelThatLacksOneSite() throws Exception {
        after.contribute(SECOND, MODEL);

        Step<Confirmation> answer = after.member(NORTH).confirm(SECOND, Purpose.UPDATE, MODEL, MemberSet.of(0, 1, 2));

        assertEquals(Reason.SURVIVORS_TOO_SIMILAR, refused(answer));
    }

    @Test
    void helpsToOpenTheSameSumAgain() throws Exception {
        after.contribute(SECOND, MODEL);
        List<Confirmation> confirmations = after.confirm(SECOND, MODEL, ALL);

        assertEquals(
                4,
                SumPeers.taken(after.member(NORTH).open(SECOND, Purpose.UPDATE, confirmations))
                        .shares()
                        .size());
    }

    @Test
    void helpsWithFewerSitesWhenTheModelIsAnother() throws Exception {
        ContentHash next = hash("next model");
        after.contribute(SECOND, next);
        MemberSet three = MemberSet.of(0, 1, 2);
        List<Confirmation> confirmations = after.confirm(SECOND, next, three);

        assertEquals(
                4,
                SumPeers.taken(after.member(NORTH).open(SECOND, Purpose.UPDATE, confirmations))
                        .shares()
                        .size());
    }
}
