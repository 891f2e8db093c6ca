package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.graph.SharingGraph;
import dev.parley.privacy.update.ContentHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One sum. Its id binds the plan (and through it the model, the configuration, the policies, the round), the roster, the
 * terms and the purpose; every seed and every sealed share of the session is derived from or bound to it.
 */
public final class SumSession {
    private final ContentHash plan;
    private final Purpose purpose;
    private final Roster roster;
    private final SecureSumTerms terms;
    private final SharingGraph graph;
    private final byte[] id;

    /** What is summed. */
    public enum Purpose {
        /** Model updates. */
        UPDATE(1),
        /** Counts over held-out records. */
        EVALUATION(2);

        private final int code;

        Purpose(int code) {
            this.code = code;
        }
    }

    public SumSession(ContentHash plan, Purpose purpose, Roster roster, SecureSumTerms terms) {
        this.plan = plan;
        this.purpose = purpose;
        this.roster = roster;
        this.terms = terms;
        this.graph = terms.sums(roster.size(), roster.hash(), plan);
        MessageDigest digest = ContentHash.newDigest();
        digest.update("parley-secagg-v1/session\0".getBytes(StandardCharsets.US_ASCII));
        digest.update(ByteBuffer.allocate(4 * Integer.BYTES)
                .putInt(purpose.code)
                .putInt(terms.threshold())
                .putInt(terms.colluding())
                .putInt(terms.degree())
                .array());
        digest.update(plan.bytes());
        digest.update(roster.hash().bytes());
        if (terms.groups() > 1) {
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, terms.groups()));
        }
        this.id = digest.digest();
    }

    public ContentHash plan() {
        return plan;
    }

    public Purpose purpose() {
        return purpose;
    }

    public Roster roster() {
        return roster;
    }

    public SecureSumTerms terms() {
        return terms;
    }

    SharingGraph graph() {
        return graph;
    }

    /** 32 bytes. */
    byte[] idBytes() {
        return id.clone();
    }

    public ContentHash id() {
        return ContentHash.ofDigest(id);
    }

    /** The same for every session of one plan and purpose, whatever roster or terms came with it: taken part in once. */
    ContentHash occasion() {
        MessageDigest digest = ContentHash.newDigest();
        digest.update("parley-secagg-v1/occasion\0".getBytes(StandardCharsets.US_ASCII));
        digest.update((byte) purpose.code);
        digest.update(plan.bytes());
        return ContentHash.ofDigest(digest.digest());
    }

    /**
     * What a survivor signs: this session, what was scored or trained, and exactly who survived.
     *
     * @param subject the model that the vectors were made from
     */
    byte[] confirmationStatement(ContentHash subject, MemberSet survivors) {
        byte[] label = "parley-secagg-v1/survivors\0".getBytes(StandardCharsets.US_ASCII);
        byte[] set = survivors.toBytes(roster.size());
        return ByteBuffer.allocate(label.length + 2 * ContentHash.SIZE_BYTES + set.length)
                .put(label)
                .put(id)
                .put(subject.bytes())
                .put(set)
                .array();
    }

    /** What a sealed share is bound to. */
    byte[] sealContext(int from, int to) {
        return ByteBuffer.allocate(id.length + 2 * Integer.BYTES)
                .put(id)
                .putInt(from)
                .putInt(to)
                .array();
    }

    /** The index of {@code holder} among the holders of a dealer's shares: its share in Shamir's scheme. */
    int index(int dealer, int holder) {
        return terms.degree() == 0 && terms.groups() == 1 ? holder : Arrays.binarySearch(holders(dealer), holder);
    }

    /** Who holds shares of a dealer's secrets: its peers and itself, ascending. */
    int[] holders(int dealer) {
        return IntStream.concat(IntStream.of(dealer), IntStream.of(graph.neighbours(dealer)))
                .sorted()
                .toArray();
    }

    /** Those of {@code members} that are in the same sum as {@code member}. */
    MemberSet sumOf(int member, MemberSet members) {
        int component = graph.component(member);
        return MemberSet.of(members.stream().filter(other -> graph.component(other) == component));
    }

    MemberSet peers(int member) {
        return MemberSet.of(graph.neighbours(member));
    }

    /** Those of the cohort whose shares a member holds: its peers and itself. */
    MemberSet dealers(int holder, MemberSet cohort) {
        return peers(holder).with(holder).and(cohort);
    }

    /** How many of the dealer's holders are in {@code members}. */
    int holdersAmong(int dealer, MemberSet members) {
        int count = members.contains(dealer) ? 1 : 0;
        for (int peer : graph.neighbours(dealer)) {
            if (members.contains(peer)) {
                count++;
            }
        }
        return count;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SumSession session && Arrays.equals(id, session.id);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(id);
    }

    @Override
    public String toString() {
        return "SumSession[" + purpose + ", " + id().abbreviated() + "]";
    }
}
