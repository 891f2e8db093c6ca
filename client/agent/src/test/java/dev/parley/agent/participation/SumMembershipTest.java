package dev.parley.agent.participation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.agent.egress.Verdict;
import dev.parley.agent.storage.PledgeBook;
import dev.parley.privacy.secagg.CohortNotice;
import dev.parley.privacy.secagg.Confirmation;
import dev.parley.privacy.secagg.MemberSet;
import dev.parley.privacy.secagg.Opening;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.Roster;
import dev.parley.privacy.secagg.SiteFloors;
import dev.parley.privacy.secagg.SitePledges;
import dev.parley.privacy.secagg.Step;
import dev.parley.privacy.secagg.SumSession.Purpose;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.EncodedRing;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SumMembershipTest {
    private static final RingModulus RING = new RingModulus(24);
    private static final MemberSet ALL = MemberSet.first(3);
    private static final ContentHash PLAN = hash("plan");
    private static final ContentHash MODEL = Assignments.MODEL.hash();

    private final FailingBook book = new FailingBook();
    private SumMembership north;
    private SumPeers peers;
    private Assignment assignment;

    /** Pledges in memory, until the disk is full. */
    private static final class FailingBook implements PledgeBook {
        private final PledgeBook kept = PledgeBook.inMemory();
        private boolean full;

        @Override
        public SitePledges pledges() {
            return kept.pledges();
        }

        @Override
        public void keep(SitePledges pledges) throws IOException {
            if (full) {
                throw new IOException("no space left on device");
            }
            kept.keep(pledges);
        }
    }

    private static ContentHash hash(String text) {
        return ContentHash.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Reason refused(Step<?> step) {
        return assertInstanceOf(Step.Refused.class, step).refusal().reason();
    }

    @BeforeEach
    void agree() throws Exception {
        north = SumPeers.membership("north", book);
        peers = SumPeers.of(north.announcement());
        peers.agreed(SumPeers.taken(north.agree(peers.roster(), MemberSet.of(2))));
        Assignments.Draft draft = new Assignments.Draft();
        draft.roster = peers.roster().hash();
        assignment = draft.build();
    }

    private SumPeers.Sums dealt(ContentHash plan) throws Exception {
        return peers.deal(
                plan, assignment, SumPeers.taken(north.deal(plan, assignment, peers.roster(), peers.forNorth())));
    }

    private SumPeers.Sums joined(ContentHash plan) throws Exception {
        SumPeers.Sums sums = dealt(plan);
        north.join(
                plan,
                sums.update().notice(1),
                Optional.of(sums.evaluation().orElseThrow().notice(1)));
        return sums;
    }

    @Test
    void wornKeysAreReplacedBetweenRounds() throws Exception {
        long epoch = north.announcement().epoch();
        north.renew();
        assertEquals(epoch, north.announcement().epoch(), "fresh keys stay");

        for (int plan = 0; plan < SumPeers.WORN / 2; plan++) {
            north.leave();
            assertFalse(north.needsNewEpoch());
            dealt(hash("plan " + plan));
        }
        assertFalse(north.needsNewEpoch(), "a round is under way that needs the keys");
        north.renew();
        assertEquals(epoch, north.announcement().epoch());

        north.leave();
        assertTrue(north.needsNewEpoch());
        book.full = true;
        assertThrows(IOException.class, north::renew);
        assertEquals(epoch, north.announcement().epoch(), "what is not durable is not announced");
        book.full = false;
        north.renew();
        assertEquals(epoch + 1, north.announcement().epoch());
        assertEquals(epoch + 1, book.pledges().epoch());
        assertFalse(north.needsNewEpoch());
    }

    private byte[] masked(ContentHash plan, int... vector) {
        return north.mask(
                        plan,
                        Purpose.UPDATE,
                        MODEL,
                        mask -> EncodedRing.adopting(vector.clone(), RING).mask(mask))
                .orElseThrow()
                .toBytes();
    }

    private SumPeers.NorthAnswers answers() {
        return new SumPeers.NorthAnswers() {
            @Override
            public Confirmation confirm(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
                return SumPeers.taken(north.confirm(plan, purpose, subject, survivors));
            }

            @Override
            public Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations)
                    throws IOException {
                return SumPeers.taken(north.open(plan, purpose, confirmations));
            }
        };
    }

    private int[] sum(SumPeers.Sums sums, byte[] upload, SumPeers.NorthAnswers answers) throws Exception {
        return sums.update()
                .close(
                        upload,
                        RING,
                        2,
                        MODEL,
                        mask -> EncodedRing.adopting(new int[] {10, 20}, RING).mask(mask),
                        mask -> EncodedRing.adopting(new int[] {100, 200}, RING).mask(mask),
                        answers);
    }

    @Test
    void opensTheSumOfAllAndPledgesForIt() throws Exception {
        SumPeers.Sums sums = joined(PLAN);

        int[] opened = sum(sums, masked(PLAN, 1, 2), answers());

        SumPeers.assertSum(opened, RING, new int[] {111, 222});
        assertEquals(
                List.of(Set.of("east", "north", "south")),
                book.pledges().opened().get(Purpose.UPDATE + "/" + MODEL.hex()));
    }

    @Test
    void theSameQuestionGetsTheSameAnswerAgain() throws Exception {
        SumMembership.Deals deals = SumPeers.taken(north.deal(PLAN, assignment, peers.roster(), peers.forNorth()));
        SumPeers.Sums sums = peers.deal(PLAN, assignment, deals);
        north.join(PLAN, sums.update().notice(1), Optional.empty());
        byte[] upload = masked(PLAN, 1, 2);
        sum(sums, upload, new SumPeers.NorthAnswers() {
            @Override
            public Confirmation confirm(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
                Confirmation first = SumPeers.taken(north.confirm(plan, purpose, subject, survivors));
                assertEquals(first, SumPeers.taken(north.confirm(plan, purpose, subject, survivors)));
                return first;
            }

            @Override
            public Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations)
                    throws IOException {
                Opening first = SumPeers.taken(north.open(plan, purpose, confirmations));
                assertEquals(first, SumPeers.taken(north.open(plan, purpose, confirmations)));
                return first;
            }
        });

        assertEquals(deals, SumPeers.taken(north.deal(PLAN, assignment, peers.roster(), Map.of())));
    }

    @Test
    void aPledgeThatCannotBeKeptRevealsNothing() throws Exception {
        SumPeers.Sums sums = joined(PLAN);
        byte[] upload = masked(PLAN, 1, 2);

        assertThrows(
                IOException.class,
                () -> sum(sums, upload, new SumPeers.NorthAnswers() {
                    @Override
                    public Confirmation confirm(
                            ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
                        return SumPeers.taken(north.confirm(plan, purpose, subject, survivors));
                    }

                    @Override
                    public Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations)
                            throws IOException {
                        book.full = true;
                        assertThrows(IOException.class, () -> north.open(plan, purpose, confirmations));
                        book.full = false;
                        assertEquals(Reason.SESSION_UNKNOWN, refused(north.open(plan, purpose, confirmations)));
                        throw new IOException("asked again without success");
                    }
                }));
    }

    @Test
    void aRefusedOpeningIsNotMendedByAskingAgain() throws Exception {
        SumPeers.Sums sums = joined(PLAN);
        byte[] upload = masked(PLAN, 1, 2);

        assertThrows(
                IOException.class,
                () -> sum(sums, upload, new SumPeers.NorthAnswers() {
                    @Override
                    public Confirmation confirm(
                            ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
                        return SumPeers.taken(north.confirm(plan, purpose, subject, survivors));
                    }

                    @Override
                    public Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations)
                            throws IOException {
                        assertEquals(Reason.CONFIRMATIONS_TOO_FEW, refused(north.open(plan, purpose, List.of())));
                        assertEquals(Reason.SESSION_UNKNOWN, refused(north.open(plan, purpose, confirmations)));
                        throw new IOException("asked again without success");
                    }
                }));
        assertTrue(book.pledges().opened().isEmpty());
    }

    @Test
    void aSecondSetOfSurvivorsIsNotSignedAndTheFirstStillOpens() throws Exception {
        SumPeers.Sums sums = joined(PLAN);

        int[] opened = sum(sums, masked(PLAN, 1, 2), new SumPeers.NorthAnswers() {
            @Override
            public Confirmation confirm(ContentHash plan, Purpose purpose, ContentHash subject, MemberSet survivors) {
                Confirmation first = SumPeers.taken(north.confirm(plan, purpose, subject, survivors));
                assertEquals(
                        Reason.SESSION_UNKNOWN, refused(north.confirm(plan, purpose, subject, MemberSet.of(0, 1))));
                assertEquals(Reason.SESSION_UNKNOWN, refused(north.confirm(plan, purpose, hash("other"), survivors)));
                return first;
            }

            @Override
            public Opening open(ContentHash plan, Purpose purpose, List<Confirmation> confirmations)
                    throws IOException {
                return SumPeers.taken(north.open(plan, purpose, confirmations));
            }
        });

        SumPeers.assertSum(opened, RING, new int[] {111, 222});
    }

    @Test
    void aPlanThatItDoesNotKnowIsUnknownAndChangesNothing() throws Exception {
        SumPeers.Sums sums = dealt(PLAN);
        ContentHash other = hash("never sent");

        north.join(other, sums.update().notice(1), Optional.empty());

        assertEquals(Reason.SESSION_UNKNOWN, refused(north.confirm(other, Purpose.UPDATE, MODEL, ALL)));
        assertEquals(Reason.SESSION_UNKNOWN, refused(north.open(other, Purpose.UPDATE, List.of())));
        assertTrue(north.mask(other, Purpose.UPDATE, MODEL, mask -> "masked").isEmpty());
        assertTrue(north.awaitCohort(PLAN, 1).isEmpty(), "the plan under way still waits for its cohort");
    }

    @Test
    void oneVectorIsMaskedInASum() throws Exception {
        SumPeers.Sums unused = joined(PLAN);
        byte[] first = masked(PLAN, 1, 2);

        assertEquals(RING.packedSizeBytes(2), first.length);
        assertTrue(north.mask(PLAN, Purpose.UPDATE, MODEL, mask -> "again").isEmpty());
    }

    @Test
    void aSecondCohortForTheSamePlanChangesNothing() throws Exception {
        SumPeers.Sums sums = joined(PLAN);

        north.join(
                PLAN, new CohortNotice(MemberSet.of(1), sums.update().notice(1).shares()), Optional.empty());

        assertInstanceOf(Verdict.Allowed.class, north.awaitCohort(PLAN, 1).orElseThrow());
        SumPeers.assertSum(sum(sums, masked(PLAN, 1, 2), answers()), RING, new int[] {111, 222});
    }

    /** Masking a large vector takes long; heartbeats, a closed round and a stopping agent do not wait for it. */
    @Test
    @Timeout(60)
    void othersMayAskWhileAVectorIsMaskedAndItIsKeptBackIfTheRoundHasEnded() throws Exception {
        SumPeers.Sums unused = joined(PLAN);
        CountDownLatch masking = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        CompletableFuture<Optional<byte[]>> upload = CompletableFuture.supplyAsync(
                () -> north.mask(PLAN, Purpose.UPDATE, MODEL, mask -> {
                    masking.countDown();
                    assertTrue(await(left));
                    return EncodedRing.adopting(new int[2], RING).mask(mask).toBytes();
                }),
                thread -> Thread.ofVirtual().start(thread));
        assertTrue(await(masking));

        assertEquals(
                Reason.SESSION_UNKNOWN,
                refused(north.confirm(PLAN, Purpose.UPDATE, MODEL, ALL)),
                "that a vector is in the sum is signed when there is one");
        north.leave();
        assertEquals(Optional.empty(), north.plan());
        left.countDown();

        assertTrue(upload.get().isEmpty());
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void aListOfTrustedSitesNeedsNotNameTheSiteItselfAndKeepsOthersOut() throws Exception {
        SumMembership east = SumPeers.membership("east");
        SumMembership south = SumPeers.membership("south");
        String eastern = east.announcement().identity().fingerprint();
        String southern = south.announcement().identity().fingerprint();
        SumMembership trusting = trusting(Map.of("east", eastern, "south", southern));
        SumMembership deceived = trusting(Map.of("east", eastern, "south", eastern));

        AgreedMembers agreed = new AgreedMembers(List.of(east, trusting, south));

        assertEquals(3, agreed.roster().size());
        Roster invented = Roster.of(List.of(east.announcement(), deceived.announcement(), south.announcement()));
        assertEquals(Reason.IDENTITY_NOT_TRUSTED, refused(deceived.agree(invented, MemberSet.of(2))));
    }

    private static SumMembership trusting(Map<String, String> identities) throws IOException {
        SecureRandom random = new SecureRandom();
        return new SumMembership(
                "hospital",
                "north",
                SiteIdentityKey.generate(random),
                new SiteFloors(3, 3, 0, identities),
                PledgeBook.inMemory(),
                random);
    }

    @Test
    void anotherRosterThanThePlansIsRefused() throws Exception {
        Assignment foreign = Assignments.good();

        assertEquals(Reason.ROSTER_NOT_THE_PLANS, refused(north.deal(PLAN, foreign, peers.roster(), peers.forNorth())));
    }

    @Test
    void termsThatFitNoGraphAreRefusedAndDoNotBreakTheSite() throws Exception {
        Assignments.Draft draft = new Assignments.Draft();
        draft.roster = peers.roster().hash();
        draft.masking = new dev.parley.privacy.secagg.UpdateMasking(
                RING, new dev.parley.privacy.secagg.SecureSumTerms(2, 0, 7));

        assertEquals(
                Reason.THRESHOLD_UNREACHABLE,
                refused(north.deal(PLAN, draft.build(), peers.roster(), peers.forNorth())));
    }

    @Test
    void aSecondPlanTakesTheFirstOnesPlace() throws Exception {
        SumPeers.Sums first = joined(PLAN);

        SumPeers.Sums second = joined(hash("next plan"));

        assertTrue(north.mask(PLAN, Purpose.UPDATE, MODEL, mask -> first).isEmpty());
        assertEquals(Reason.SESSION_UNKNOWN, refused(north.confirm(PLAN, Purpose.UPDATE, MODEL, ALL)));
        SumPeers.assertSum(sum(second, masked(hash("next plan"), 1, 2), answers()), RING, new int[] {111, 222});
    }

    @Test
    void aRefusedCohortEndsTheWaitWithARefusal() throws Exception {
        SumPeers.Sums sums = dealt(PLAN);
        assertTrue(north.awaitCohort(PLAN, 1).isEmpty(), "nobody has named a cohort yet");

        north.join(
                PLAN, new CohortNotice(MemberSet.of(1), sums.update().notice(1).shares()), Optional.empty());

        Verdict verdict = north.awaitCohort(PLAN, 60_000).orElseThrow();
        assertTrue(
                assertInstanceOf(Verdict.Refused.class, verdict).reason().contains("COHORT_BELOW_FLOOR"),
                verdict.toString());
    }

    @Test
    void aCohortThatIsNamedWakesWhoWaits() throws Exception {
        SumPeers.Sums sums = dealt(PLAN);
        Thread coordinator = Thread.ofVirtual()
                .unstarted(() -> north.join(PLAN, sums.update().notice(1), Optional.empty()));
        coordinator.start();

        Optional<Verdict> verdict = north.awaitCohort(PLAN, 60_000);

        assertInstanceOf(Verdict.Allowed.class, verdict.orElseThrow());
        coordinator.join();
    }

    @Test
    void survivorsOfAnotherModelOrASecondSetAreRefused() throws Exception {
        SumPeers.Sums unused = joined(PLAN);
        byte[] upload = masked(PLAN, 1, 2);
        assertTrue(upload.length > 0);

        assertEquals(Reason.SUBJECT_NOT_OURS, refused(north.confirm(PLAN, Purpose.UPDATE, hash("other"), ALL)));
    }

    @Test
    void aRestartedSiteKnowsNoneOfItsSessionsAndKeepsItsPledges() throws Exception {
        sum(joined(PLAN), masked(PLAN, 1, 2), answers());
        long epoch = north.announcement().epoch();

        SumMembership restarted = SumPeers.membership("north", book);

        assertEquals(epoch + 1, restarted.announcement().epoch());
        assertEquals(Reason.SESSION_UNKNOWN, refused(restarted.open(PLAN, Purpose.UPDATE, List.of())));
        assertEquals(Reason.NOT_IN_ROSTER, refused(restarted.deal(PLAN, assignment, peers.roster(), peers.forNorth())));
        assertEquals(1, book.pledges().opened().size());
    }
}
