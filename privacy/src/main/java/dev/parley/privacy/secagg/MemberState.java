package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.CohortNotice.IncomingShare;
import dev.parley.privacy.secagg.MemberSecrets.SharePair;
import dev.parley.privacy.secagg.Opening.OpenedShare;
import dev.parley.privacy.secagg.Refusal.Reason;
import dev.parley.privacy.secagg.Step.Taken;
import dev.parley.privacy.secagg.key.PairKey;
import dev.parley.privacy.secagg.key.SealedBox;
import dev.parley.privacy.secagg.key.SecretAccess;
import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.update.ContentHash;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A site's end of one session.
 *
 * <pre>
 * deal -> Dealt -(cohort)-> Ready -(vector)-> Masked -(survivors)-> Confirmed -(confirmations)-> opened, wiped
 * </pre>
 *
 * <p><b>Guarantees</b>: nothing leaves before the owner's floors, the roster and the terms have been checked; a vector
 * leaves masked with every peer of the cohort; in a session one set of survivors is signed; shares are revealed once, one
 * kind for each dealer, and only when enough of that dealer's holders have signed the very set that this site signed.
 * <b>Does not</b> stop a member from sending a lie, and does not hide the sum.
 *
 * <p>A {@link Refusal} ends the session at this site: {@link #abandon} wipes what is left.
 */
public sealed interface MemberState {
    SumSession session();

    /** Ends the session at this site without revealing anything more. */
    void abandon();

    /** What dealing gave: the keys with the session marked as used, the state, and the message. */
    record Dealing(MemberKeys keys, Dealt state, Deal deal) {}

    /**
     * Takes part.
     *
     * @param keys whose roster check ({@link MemberKeys#checkRoster}) has passed for the session's roster
     * @param floors the owner's
     */
    static Step<Dealing> deal(SumSession session, MemberKeys keys, SiteFloors floors, SecureRandom random) {
        return MemberDealing.deal(session, keys, floors, random);
    }

    /** The shares are out. */
    record Dealt(
            SumSession session,
            int me,
            SiteFloors floors,
            SiteIdentityKey identity,
            MemberSecrets secrets,
            Map<Integer, PairKey> pairKeys)
            implements MemberState {
        public Dealt {
            pairKeys = Map.copyOf(pairKeys);
        }

        /** Checks who is in, and takes the shares that peers have sealed for this site. */
        public Step<Ready> join(CohortNotice notice) {
            MemberSet cohort = notice.cohort();
            if (!cohort.within(MemberSet.first(session.roster().size()))) {
                return Step.refused(
                        Reason.COHORT_NOT_OF_ROSTER, "the cohort has members that the roster does not have");
            }
            if (!cohort.contains(me)) {
                return Step.refused(Reason.NOT_IN_COHORT, "the cohort leaves this site out");
            }
            int enough = Math.max(floors.minimumCohort(), floors.minimumSurvivors());
            if (cohort.size() < enough) {
                return Step.refused(
                        Reason.COHORT_BELOW_FLOOR,
                        cohort.size() + " members are in the cohort, this site asks for at least " + enough);
            }
            int together = session.sumOf(me, cohort).size();
            if (together < floors.minimumSurvivors()) {
                return Step.refused(
                        Reason.COHORT_BELOW_FLOOR,
                        together + " members are in this site's sum, it asks for at least "
                                + floors.minimumSurvivors());
            }
            int holders = session.holdersAmong(me, cohort);
            if (holders < session.terms().threshold()) {
                return Step.refused(
                        Reason.THRESHOLD_UNREACHABLE,
                        holders + " holders of this site's shares are in the cohort, "
                                + session.terms().threshold() + " are needed to open anything");
            }
            MemberSet peers = session.peers(me).and(cohort);
            Map<Integer, SharePair> shares = new TreeMap<>();
            for (IncomingShare incoming : notice.shares()) {
                int from = incoming.from();
                if (!peers.contains(from) || shares.containsKey(from)) {
                    return Step.refused(
                            Reason.SHARES_INCOMPLETE,
                            "a share of member " + from + " came, who is no peer or came twice");
                }
                Step<SharePair> opened = open(incoming);
                if (opened instanceof Step.Refused<SharePair> refused) {
                    return new Step.Refused<>(refused.refusal());
                }
                shares.put(from, ((Taken<SharePair>) opened).result());
            }
            if (shares.size() != peers.size()) {
                return Step.refused(
                        Reason.SHARES_INCOMPLETE,
                        "the shares of " + (peers.size() - shares.size()) + " peers in the cohort are missing");
            }
            if (!secrets.join()) {
                return Step.refused(Reason.COHORT_CHANGED, "a cohort was named in this session before");
            }
            secrets.hold(shares);
            return new Taken<>(new Ready(session, me, floors, identity, secrets, cohort));
        }

        private Step<SharePair> open(IncomingShare incoming) {
            int from = incoming.from();
            String name = session.roster().member(from).site();
            PairKey key = Objects.requireNonNull(pairKeys.get(from), "a peer without a key");
            Optional<byte[]> both;
            try (SecretSeed sealing = key.sealingKey(session.idBytes(), from, me)) {
                both = SealedBox.open(sealing, incoming.box().shared(), session.sealContext(from, me));
            }
            if (both.isEmpty()) {
                return Step.refused(
                        Reason.SHARE_NOT_OPENED,
                        "the shares from site " + name
                                + " do not open: they are another's, or the two sites do not hold the same key");
            }
            byte[] opened = both.get();
            try {
                int size = SecretShare.SIZE_BYTES;
                if (opened.length != 2 * size) {
                    return Step.refused(
                            Reason.SHARE_MALFORMED,
                            "the shares from site " + name + " have " + opened.length + " bytes, expected " + 2 * size);
                }
                byte[] recovery = Arrays.copyOf(opened, size);
                byte[] self = Arrays.copyOfRange(opened, size, 2 * size);
                try {
                    return read(incoming, name, recovery, self);
                } finally {
                    Arrays.fill(recovery, (byte) 0);
                    Arrays.fill(self, (byte) 0);
                }
            } finally {
                Arrays.fill(opened, (byte) 0);
            }
        }

        private Step<SharePair> read(IncomingShare incoming, String name, byte[] recovery, byte[] self) {
            int from = incoming.from();
            if (!Deal.Commitments.match(session, from, me, ShareKind.RECOVERY_KEY, recovery, incoming.commitment())
                    || !Deal.Commitments.match(session, from, me, ShareKind.SELF_SEED, self, incoming.commitment())) {
                return Step.refused(
                        Reason.SHARE_NOT_COMMITTED,
                        "the shares from site " + name + " are not those that it committed to");
            }
            try {
                int index = session.index(from, me);
                SecretShare first = SecretShare.fromBytes(index, recovery, SecretAccess.token());
                SecretShare second = SecretShare.fromBytes(index, self, SecretAccess.token());
                return new Taken<>(new SharePair(first, second));
            } catch (IllegalArgumentException e) {
                return Step.refused(Reason.SHARE_MALFORMED, "the shares from site " + name + ": " + e.getMessage());
            }
        }

        @Override
        public void abandon() {
            secrets.close();
        }
    }

    /** The cohort is known and every peer's shares are held; a vector may be masked. */
    record Ready(
            SumSession session,
            int me,
            SiteFloors floors,
            SiteIdentityKey identity,
            MemberSecrets secrets,
            MemberSet cohort)
            implements MemberState {
        /**
         * Lets the session's one mask be added to what this site contributes.
         *
         * @param subject the model that the contribution was made from
         * @param masking adds the mask, which works once: a second vector under it would show their difference
         * @throws IllegalStateException the second time
         */
        public <T> Contributed<T> contribute(ContentHash subject, Function<OneTimeMask, T> masking) {
            OneTimeMask mask = secrets.mask(me, session.peers(me).and(cohort), subject);
            return new Contributed<>(
                    new Masked(session, me, floors, identity, secrets, cohort, subject), masking.apply(mask));
        }

        @Override
        public void abandon() {
            secrets.close();
        }
    }

    /** What masking gave. */
    record Contributed<T>(Masked state, T result) {}

    /** The masked vector is made; the set of survivors is awaited. */
    record Masked(
            SumSession session,
            int me,
            SiteFloors floors,
            SiteIdentityKey identity,
            MemberSecrets secrets,
            MemberSet cohort,
            ContentHash subject)
            implements MemberState {

        /** What confirming gave: the state, and the signature to send. */
        public record Confirming(Confirmed state, Confirmation confirmation) {}

        /**
         * Signs the set of survivors, the first that is shown and no other.
         *
         * @param claimed the model that the survivors are said to have made their vectors from
         */
        public Step<Confirming> confirm(ContentHash claimed, MemberSet survivors, SitePledges pledges) {
            if (!claimed.equals(subject)) {
                return Step.refused(
                        Reason.SUBJECT_NOT_OURS,
                        "the vectors are said to be made from model " + claimed.abbreviated()
                                + "..., this site's is of " + subject.abbreviated() + "...");
            }
            if (!survivors.within(cohort)) {
                return Step.refused(
                        Reason.SURVIVORS_NOT_OF_COHORT, "the survivors have members that the cohort does not have");
            }
            if (!survivors.contains(me)) {
                return Step.refused(Reason.NOT_A_SURVIVOR, "the survivors leave this site out");
            }
            MemberSet together = session.sumOf(me, survivors);
            int enough = Math.max(floors.minimumSurvivors(), session.terms().threshold());
            if (together.size() < enough) {
                return Step.refused(
                        Reason.SURVIVORS_BELOW_FLOOR,
                        together.size() + " vectors would be opened together, at least " + enough + " are needed");
            }
            Set<String> names = new TreeSet<>();
            together.forEach(member -> names.add(session.roster().member(member).site()));
            Optional<Refusal> objection =
                    pledges.objection(session.purpose(), subject, names, floors.minimumSurvivors());
            if (objection.isPresent()) {
                return new Step.Refused<>(objection.get());
            }
            if (!secrets.confirm(survivors)) {
                return Step.refused(Reason.SURVIVORS_CHANGED, "another set of survivors was signed in this session");
            }
            byte[] statement = session.confirmationStatement(subject, survivors);
            Confirmation confirmation = new Confirmation(me, Deal.Bytes.of(identity.signBriefly(statement)));
            return new Taken<>(new Confirming(
                    new Confirmed(session, me, floors, secrets, cohort, survivors, subject, names), confirmation));
        }

        @Override
        public void abandon() {
            secrets.close();
        }
    }

    /** The set of survivors is signed; the others' signatures are awaited. */
    record Confirmed(
            SumSession session,
            int me,
            SiteFloors floors,
            MemberSecrets secrets,
            MemberSet cohort,
            MemberSet survivors,
            ContentHash subject,
            Set<String> survivorNames)
            implements MemberState {
        public Confirmed {
            survivorNames = Set.copyOf(survivorNames);
        }

        /** What opening gave: the pledges to make durable before the message is sent, and the message. */
        public record Opened(SitePledges pledges, Opening opening) {}

        /**
         * Reveals one share for each dealer, if enough of its holders have signed this very set. Afterwards the session's
         * secrets are wiped.
         */
        public Step<Opened> open(List<Confirmation> confirmations, SitePledges pledges) {
            byte[] statement = session.confirmationStatement(subject, survivors);
            Set<Integer> signers = new HashSet<>();
            for (Confirmation confirmation : confirmations) {
                int from = confirmation.from();
                if (!survivors.contains(from)
                        || !session.roster()
                                .member(from)
                                .identity()
                                .verifiesBriefly(
                                        statement, confirmation.signature().shared())) {
                    return Step.refused(
                            Reason.CONFIRMATION_FORGED,
                            "a confirmation in the name of member " + from + " is not its signature under this set");
                }
                signers.add(from);
            }
            signers.add(me);
            MemberSet confirming = MemberSet.of(signers);
            int needed = session.terms().confirmations(session.roster().size());
            if (session.sumOf(me, confirming).size() < needed) {
                return Step.refused(
                        Reason.CONFIRMATIONS_TOO_FEW,
                        session.sumOf(me, confirming).size() + " members have confirmed the survivors, " + needed
                                + " are needed");
            }
            MemberSet dealers = session.dealers(me, cohort);
            int threshold = session.terms().threshold();
            for (int dealer : dealers.stream().toArray()) {
                int agree = session.holdersAmong(dealer, confirming);
                if (agree < threshold) {
                    return Step.refused(
                            Reason.CONFIRMATIONS_TOO_FEW,
                            agree + " holders of the shares of site "
                                    + session.roster().member(dealer).site() + " have confirmed the survivors, "
                                    + threshold + " are needed");
                }
            }
            Optional<Refusal> objection =
                    pledges.objection(session.purpose(), subject, survivorNames, floors.minimumSurvivors());
            if (objection.isPresent()) {
                return new Step.Refused<>(objection.get());
            }
            if (!secrets.open()) {
                return Step.refused(Reason.ALREADY_REVEALED, "shares were revealed in this session");
            }
            List<OpenedShare> shares = new ArrayList<>();
            dealers.forEach(dealer -> {
                ShareKind kind = ShareKind.opening(dealer, survivors);
                byte[] share = secrets.share(dealer, kind).toBytes(SecretAccess.token());
                shares.add(new OpenedShare(dealer, kind, Deal.Bytes.of(share)));
            });
            secrets.close();
            return new Taken<>(
                    new Opened(pledges.withOpened(session.purpose(), subject, survivorNames), new Opening(me, shares)));
        }

        @Override
        public void abandon() {
            secrets.close();
        }
    }
}
