package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.share.SecretShare;
import dev.parley.privacy.update.ContentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one member must keep secret in one session, and what it may do once only. States are values and could be used
 * twice; this is not one, so that a second mask, a second set of survivors or a second opening is noticed whatever the
 * caller does with the states.
 */
final class MemberSecrets implements AutoCloseable {
    private final SecretSeed self;
    private final Map<Integer, SecretSeed> pairSeeds;
    private final Map<Integer, SharePair> held = new TreeMap<>();
    private @Nullable MemberSet confirmed;
    private boolean joined;
    private boolean masked;
    private boolean opened;

    /** Both shares of one dealer; at most one of them is ever revealed. */
    record SharePair(SecretShare recovery, SecretShare self) {}

    /**
     * @param self the seed b
     * @param pairSeeds the seeds s_ij by peer
     * @param own the member's shares of its own secrets
     */
    MemberSecrets(SecretSeed self, Map<Integer, SecretSeed> pairSeeds, int me, SharePair own) {
        this.self = self;
        this.pairSeeds = Map.copyOf(pairSeeds);
        held.put(me, own);
    }

    synchronized void hold(Map<Integer, SharePair> shares) {
        held.putAll(shares);
    }

    /** Whether this is the first cohort that the session has. */
    synchronized boolean join() {
        boolean first = !joined;
        joined = true;
        return first;
    }

    /**
     * The mask over the peers in the cohort for a vector made from {@code subject}: added towards those after {@code me},
     * subtracted towards those before.
     *
     * @throws IllegalStateException the second time
     */
    synchronized OneTimeMask mask(int me, MemberSet peers, ContentHash subject) {
        if (masked) {
            throw new IllegalStateException("a session masks one vector");
        }
        masked = true;
        byte[] of = subject.bytes();
        List<MaskTerm> terms = new ArrayList<>();
        peers.forEach(peer -> terms.add(new MaskTerm(
                java.util.Objects.requireNonNull(pairSeeds.get(peer), "a peer without a pair seed")
                        .forSubject(of),
                me < peer)));
        return OneTimeMask.of(self.forSubject(of), terms);
    }

    /** Whether {@code survivors} is the first set of this session, or the same again. */
    synchronized boolean confirm(MemberSet survivors) {
        if (confirmed == null) {
            confirmed = survivors;
        }
        return confirmed.equals(survivors);
    }

    /** Whether this is the first opening. */
    synchronized boolean open() {
        boolean first = !opened;
        opened = true;
        return first;
    }

    /** The one share of a dealer that is revealed. */
    synchronized SecretShare share(int dealer, ShareKind kind) {
        SharePair pair = java.util.Objects.requireNonNull(held.get(dealer), "a dealer whose shares are not held");
        return switch (kind) {
            case RECOVERY_KEY -> pair.recovery();
            case SELF_SEED -> pair.self();
        };
    }

    @Override
    public synchronized void close() {
        self.close();
        pairSeeds.values().forEach(SecretSeed::close);
        held.values().forEach(pair -> {
            pair.recovery().close();
            pair.self().close();
        });
        held.clear();
    }

    @Override
    public String toString() {
        return "MemberSecrets[redacted]";
    }
}
