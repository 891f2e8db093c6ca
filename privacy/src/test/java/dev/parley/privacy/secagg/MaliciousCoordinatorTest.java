package dev.parley.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.secagg.MutatedProtocol.Mutation;
import dev.parley.privacy.secagg.Refusal.Reason;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Honest sites refuse every lie of a malicious coordinator that is written down here, each for its own reason and before
 * anything is revealed; and every one of these lies reaches its goal when the check that refuses it is removed, so that no
 * check is there for show. Where a second check would catch the lie, it is removed as well: the row then has more than one
 * mutation, and the lie is stopped twice.
 */
class MaliciousCoordinatorTest {
    private static final String KEYS = "MemberKeys.java";
    private static final String PLEDGES = "SitePledges.java";
    private static final String DEALING = "MemberDealing.java";
    private static final String MEMBER = "MemberState.java";
    private static final String SECRETS = "MemberSecrets.java";
    private static final String SESSION = "SumSession.java";

    private static final Mutation NOT_OPENED_IS_PASSED_OVER = new Mutation(
            MEMBER,
            "if (opened instanceof Step.Refused<SharePair> refused) { return new Step.Refused<>(refused.refusal()); }",
            "if (opened instanceof Step.Refused<SharePair>) { continue; }");
    private static final Mutation MISSING_IS_PASSED_OVER = never(MEMBER, "shares.size() != peers.size()");
    private static final Mutation OWN_KEYS_UNCHECKED =
            never(KEYS, "position.isEmpty() || !roster.member(position.get()).hash().equals(announcement.hash())");
    private static final Mutation OWN_KEYS_UNCHECKED_AGAIN =
            new Mutation(DEALING, "|| !roster.member(position.get()) .hash() .equals(keys.announcement().hash())", "");
    private static final Mutation DIFFERENCE_UNCHECKED =
            never(PLEDGES, "!difference.isEmpty() && difference.size() < floor");
    private static final Mutation SECOND_SUM_UNCHECKED =
            never(PLEDGES, "!before.contains(survivors) && before.size() >= MAX_SUMS_OF_A_SUBJECT");
    private static final Mutation SECOND_MASK = new Mutation(SECRETS, "if (masked)", "if (false)");
    private static final Mutation SECOND_OPENING = never(MEMBER, "!secrets.open()");
    private static final Mutation SECRETS_KEPT =
            new Mutation(MEMBER, "secrets.close(); return new Taken<>( new Opened(", "return new Taken<>(new Opened(");

    /**
     * A lie and what stops it.
     *
     * @param stopped what {@link Lie#get} gives: a refusal, but for the one lie that an agent's own code would have to tell
     */
    private record Row(Class<? extends Lie> lie, String stopped, List<Mutation> mutations) {
        String name() {
            return lie.getSimpleName() + ", " + stopped;
        }
    }

    private static Row row(Class<? extends Lie> lie, Reason reason, Mutation... mutations) {
        return new Row(lie, "refused: " + reason, List.of(mutations));
    }

    /** The condition never holds. */
    private static Mutation never(String file, String condition) {
        return new Mutation(file, condition, "false");
    }

    private static Stream<Row> rows() {
        return Stream.of(rosterLies(), keyLies(), planLies(), cohortLies(), survivorLies())
                .flatMap(List::stream);
    }

    private static List<Row> rosterLies() {
        return List.of(
                row(
                        RosterLies.ForgedAnnouncement.class,
                        Reason.ANNOUNCEMENT_FORGED,
                        never(KEYS, "!hash.equals(authentic.get(member.site())) && !member.isAuthentic()")),
                row(
                        RosterLies.RosterExchangedAfterTheCheck.class,
                        Reason.ROSTER_UNCHECKED,
                        new Mutation(
                                KEYS,
                                "return roster.members().stream().allMatch(member -> "
                                        + "member.hash().equals(authentic.get(member.site())));",
                                "return true;")),
                row(
                        RosterLies.InventedMember.class,
                        Reason.IDENTITY_NOT_TRUSTED,
                        never(PLEDGES, "!trusted.isEmpty() && !fingerprint.equals(trusted.get(member.site()))")),
                row(
                        RosterLies.ChangedIdentity.class,
                        Reason.IDENTITY_CHANGED,
                        never(PLEDGES, "before != null && !before.fingerprint().equals(fingerprint)")),
                row(
                        RosterLies.OldEpochOfAPeer.class,
                        Reason.EPOCH_TOO_OLD,
                        never(PLEDGES, "before != null && member.epoch() < before.epoch()")),
                row(
                        RosterLies.TwoKeysInOneEpoch.class,
                        Reason.EPOCH_REUSED,
                        never(
                                PLEDGES,
                                "before != null && member.epoch() == before.epoch() "
                                        + "&& !announcement.equals(before.announcement())")),
                row(
                        RosterLies.AnotherFederationsMember.class,
                        Reason.ROSTER_MALFORMED,
                        never(KEYS, "!member.federation().equals(announcement.federation())")),
                row(RosterLies.RosterWithoutThisSite.class, Reason.NOT_IN_ROSTER, OWN_KEYS_UNCHECKED),
                row(
                        RosterLies.RestartToAskAgain.class,
                        Reason.NOT_IN_ROSTER,
                        OWN_KEYS_UNCHECKED,
                        OWN_KEYS_UNCHECKED_AGAIN),
                row(
                        RosterLies.TwoRosters.class,
                        Reason.SHARE_NOT_OPENED,
                        new Mutation(SESSION, "digest.update(roster.hash().bytes());", ""),
                        new Mutation("key/PairSecret.java", "\"pair-key\", rosterHash", "\"pair-key\"")));
    }

    private static List<Row> keyLies() {
        return List.of(
                row(
                        KeyLies.LowOrderX25519.class,
                        Reason.KEY_WEAK,
                        new Mutation(
                                "key/EpochKeys.java",
                                "if (!X25519.calculateAgreement(x25519, 0, peer.x25519(), 0, agreed, 0)) {",
                                "X25519.calculateAgreement(x25519, 0, peer.x25519(), 0, agreed, 0); if (false) {")),
                row(KeyLies.ZeroMlKem.class, Reason.KEY_WEAK, never("key/EpochKeys.java", "any == 0")),
                row(
                        KeyLies.TamperedEncapsulation.class,
                        Reason.SHARE_NOT_OPENED,
                        NOT_OPENED_IS_PASSED_OVER,
                        MISSING_IS_PASSED_OVER),
                row(
                        KeyLies.EncapsulationFromBehind.class,
                        Reason.KEY_MISSING,
                        never(KEYS, "roster.member(peer).site().compareTo(announcement.site()) >= 0")));
    }

    private static List<Row> planLies() {
        return List.of(
                row(
                        PlanLies.RosterBelowTheFloor.class,
                        Reason.COHORT_BELOW_FLOOR,
                        never(DEALING, "roster.size() < floors.minimumCohort()"),
                        never(MEMBER, "cohort.size() < enough")),
                row(
                        PlanLies.ThresholdTooLow.class,
                        Reason.THRESHOLD_TOO_LOW,
                        never(DEALING, "!terms.excludesTwoStories(roster.size())")),
                row(
                        PlanLies.CollusionNotProvidedFor.class,
                        Reason.COLLUSION_BELOW_FLOOR,
                        never(DEALING, "terms.colluding() < floors.colluding()")),
                row(
                        PlanLies.SparseGraph.class,
                        Reason.SPARSE_NOT_ALLOWED,
                        never(DEALING, "terms.degree() > 0 && !floors.allows(Allowance.SPARSE)"),
                        never(DEALING, "!terms.excludesTwoStories(roster.size())")),
                row(
                        PlanLies.Groups.class,
                        Reason.GROUPS_NOT_ALLOWED,
                        never(DEALING, "terms.groups() > 1 && !floors.allows(Allowance.GROUPS)")),
                row(
                        PlanLies.ReplayedRound.class,
                        Reason.SESSION_REPEATED,
                        never(DEALING, "keys.isSessionUsed(session)"),
                        SECOND_SUM_UNCHECKED),
                row(
                        PlanLies.ChangedConfiguration.class,
                        Reason.SESSION_REPEATED,
                        new Mutation(
                                SESSION,
                                "digest.update((byte) purpose.code);",
                                "digest.update((byte) purpose.code); digest.update(id);")),
                row(
                        PlanLies.TwoModels.class,
                        Reason.SHARE_NOT_OPENED,
                        new Mutation(
                                SESSION,
                                "digest.update(plan.bytes()); digest.update(roster.hash().bytes());",
                                "digest.update(roster.hash().bytes());"),
                        new Mutation(
                                "key/SecretSeed.java",
                                "expand(this, \"vector\", subject)",
                                "expand(this, \"vector\")")));
    }

    private static List<Row> cohortLies() {
        return List.of(
                row(
                        CohortLies.CohortBelowTheFloor.class,
                        Reason.COHORT_BELOW_FLOOR,
                        never(MEMBER, "cohort.size() < enough")),
                row(
                        CohortLies.CohortOutsideTheRoster.class,
                        Reason.COHORT_NOT_OF_ROSTER,
                        never(MEMBER, "!cohort.within(MemberSet.first(session.roster().size()))")),
                row(
                        CohortLies.CohortOfOneFewerThanTheThreshold.class,
                        Reason.THRESHOLD_UNREACHABLE,
                        never(MEMBER, "holders < session.terms().threshold()")),
                row(
                        CohortLies.CohortWithoutThisSite.class,
                        Reason.NOT_IN_COHORT,
                        never(MEMBER, "!cohort.contains(me)")),
                row(
                        CohortLies.SecondCohort.class,
                        Reason.COHORT_CHANGED,
                        never(MEMBER, "!secrets.join()"),
                        SECOND_MASK),
                new Row(CohortLies.VectorMaskedTwice.class, "broken: a session masks one vector", List.of(SECOND_MASK)),
                row(CohortLies.SharesWithheld.class, Reason.SHARES_INCOMPLETE, MISSING_IS_PASSED_OVER),
                row(
                        CohortLies.TruncatedShare.class,
                        Reason.SHARE_MALFORMED,
                        never(MEMBER, "opened.length != 2 * size")),
                row(
                        CohortLies.ExchangedCommitment.class,
                        Reason.SHARE_NOT_COMMITTED,
                        never(
                                MEMBER,
                                "!Deal.Commitments.match(session, from, me, ShareKind.RECOVERY_KEY, recovery, "
                                        + "incoming.commitment()) || !Deal.Commitments.match(session, from, me, "
                                        + "ShareKind.SELF_SEED, self, incoming.commitment())")),
                row(
                        CohortLies.SwappedBoxes.class,
                        Reason.SHARE_NOT_OPENED,
                        NOT_OPENED_IS_PASSED_OVER,
                        MISSING_IS_PASSED_OVER),
                row(
                        CohortLies.ReflectedBox.class,
                        Reason.SHARE_NOT_OPENED,
                        new Mutation(
                                "key/PairKey.java",
                                "ByteBuffer.allocate(2 * Integer.BYTES).putInt(from).putInt(to).array()",
                                "ByteBuffer.allocate(0).array()"),
                        new Mutation(SESSION, ".put(id) .putInt(from) .putInt(to)", ".put(id)"),
                        new Mutation("Deal.java", ".putInt(dealer) .putInt(holder)", "")),
                row(
                        CohortLies.BoxOfAnotherSession.class,
                        Reason.SHARE_NOT_OPENED,
                        new Mutation("key/PairKey.java", "\"seal\", session,", "\"seal\","),
                        new Mutation(SESSION, ".put(id) .putInt(from) .putInt(to)", ".putInt(from).putInt(to)"),
                        new Mutation("Deal.java", "digest.update(session.idBytes());", "")));
    }

    private static List<Row> survivorLies() {
        return List.of(
                row(
                        SurvivorLies.SurvivorsOutsideTheCohort.class,
                        Reason.SURVIVORS_NOT_OF_COHORT,
                        never(MEMBER, "!survivors.within(cohort)")),
                row(
                        SurvivorLies.SurvivorsWithoutThisSite.class,
                        Reason.NOT_A_SURVIVOR,
                        never(MEMBER, "!survivors.contains(me)")),
                row(
                        SurvivorLies.SurvivorsBelowTheFloor.class,
                        Reason.SURVIVORS_BELOW_FLOOR,
                        never(MEMBER, "together.size() < enough")),
                row(
                        SurvivorLies.AnotherSubject.class,
                        Reason.SUBJECT_NOT_OURS,
                        never(MEMBER, "!claimed.equals(subject)")),
                row(
                        SurvivorLies.SumsThatDifferByOne.class,
                        Reason.SURVIVORS_TOO_SIMILAR,
                        DIFFERENCE_UNCHECKED,
                        SECOND_SUM_UNCHECKED),
                row(
                        SurvivorLies.InterleavedSums.class,
                        Reason.SURVIVORS_TOO_SIMILAR,
                        new Mutation(
                                MEMBER,
                                "if (objection.isPresent()) { return new Step.Refused<>(objection.get()); } "
                                        + "if (!secrets.open())",
                                "if (!secrets.open())")),
                row(SurvivorLies.SumsWithOneInCommon.class, Reason.SUBJECT_EXHAUSTED, SECOND_SUM_UNCHECKED),
                row(SurvivorLies.ManySums.class, Reason.SUBJECT_EXHAUSTED, SECOND_SUM_UNCHECKED),
                row(
                        SurvivorLies.TwoSetsSigned.class,
                        Reason.SURVIVORS_CHANGED,
                        never(MEMBER, "!secrets.confirm(survivors)")),
                row(
                        SurvivorLies.BothKinds.class,
                        Reason.SUBJECT_EXHAUSTED,
                        SECOND_SUM_UNCHECKED,
                        never(MEMBER, "!secrets.confirm(survivors)"),
                        SECOND_OPENING,
                        SECRETS_KEPT),
                row(SurvivorLies.SecondOpening.class, Reason.ALREADY_REVEALED, SECOND_OPENING, SECRETS_KEPT),
                row(
                        SurvivorLies.SplitViewUnconfirmed.class,
                        Reason.CONFIRMATIONS_TOO_FEW,
                        never(MEMBER, "session.sumOf(me, confirming).size() < needed"),
                        never(MEMBER, "agree < threshold")),
                row(
                        SurvivorLies.SplitViewForged.class,
                        Reason.CONFIRMATION_FORGED,
                        new Mutation(
                                MEMBER,
                                "|| !session.roster().member(from).identity().verifiesBriefly("
                                        + "statement, confirmation.signature().shared())",
                                "")),
                row(
                        SurvivorLies.ConfirmationsOfAnotherSession.class,
                        Reason.CONFIRMATION_FORGED,
                        new Mutation(SESSION, ".put(label) .put(id)", ".put(label)")));
    }

    @TestFactory
    Stream<DynamicTest> honestSitesRefuseTheLie() {
        return rows().map(row -> DynamicTest.dynamicTest(row.name(), () -> {
            Lie lie = instance(row.lie());

            String outcome = lie.get();

            assertEquals(row.stopped(), outcome);
        }));
    }

    @TestFactory
    Stream<DynamicTest> withoutTheCheckTheLieReachesItsGoal() {
        return rows().map(row -> DynamicTest.dynamicTest(row.name(), () -> {
            MutatedProtocol mutant = new MutatedProtocol(row.mutations());

            String outcome = mutant.tell(row.lie());

            assertTrue(outcome.startsWith(Lie.REACHED), outcome);
        }));
    }

    /** What is said of rows with several mutations: any one of their checks stops the lie. */
    @TestFactory
    Stream<DynamicTest> eachOfSeveralChecksStopsTheLieAlone() {
        return rows().filter(row -> row.mutations().size() > 1)
                .flatMap(row -> row.mutations().stream()
                        .map(kept -> DynamicTest.dynamicTest(row.name() + ", " + kept.original(), () -> {
                            List<Mutation> others = new ArrayList<>(row.mutations());
                            others.remove(kept);
                            MutatedProtocol mutant = new MutatedProtocol(others);

                            assertFalse(reaches(mutant, row.lie()));
                        })));
    }

    /** Whether the lie comes to its goal; an honest end that breaks under it has not helped it. */
    private static boolean reaches(MutatedProtocol mutant, Class<? extends Lie> lie) {
        try {
            return mutant.tell(lie).startsWith(Lie.REACHED);
        } catch (RuntimeException | AssertionError e) {
            return false;
        }
    }

    /** That a lie is believed by a mutant is the mutation's doing, not the other class loader's. */
    @Test
    void aCopyWithoutMutationsRefusesAsTheProductDoes() {
        MutatedProtocol copy = new MutatedProtocol(List.of());

        String outcome = copy.tell(SurvivorLies.TwoSetsSigned.class);

        assertEquals("refused: SURVIVORS_CHANGED", outcome);
    }

    @Test
    void everyReasonOfASiteHasItsLie() {
        Set<Reason> refused = rows().map(Row::stopped)
                .filter(stopped -> stopped.startsWith("refused: "))
                .map(stopped -> Reason.valueOf(stopped.substring("refused: ".length())))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Reason.class)));

        Set<Reason> without = EnumSet.complementOf(EnumSet.copyOf(refused));

        // Both are the agent's, which knows the plan and which sessions it is in.
        assertEquals(EnumSet.of(Reason.ROSTER_NOT_THE_PLANS, Reason.SESSION_UNKNOWN), without);
    }

    @Test
    void everyLieThatIsWrittenDownIsTold() {
        Set<Class<?>> written = Stream.of(
                        RosterLies.class, KeyLies.class, PlanLies.class, CohortLies.class, SurvivorLies.class)
                .flatMap(lies -> Arrays.stream(lies.getDeclaredClasses()))
                .filter(lie -> !java.lang.reflect.Modifier.isAbstract(lie.getModifiers()))
                .collect(Collectors.toSet());

        Set<Class<?>> told = rows().map(Row::lie).collect(Collectors.toSet());

        assertEquals(written, told);
    }

    private static Lie instance(Class<? extends Lie> lie) throws ReflectiveOperationException {
        Constructor<? extends Lie> constructor = lie.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }
}
