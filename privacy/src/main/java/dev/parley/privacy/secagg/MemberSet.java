package dev.parley.privacy.secagg;

import java.util.BitSet;
import java.util.Collection;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Some members of a roster, by their positions from 0. Immutable. */
public final class MemberSet {
    private final BitSet bits;

    private MemberSet(BitSet bits) {
        this.bits = bits;
    }

    public static MemberSet none() {
        return new MemberSet(new BitSet());
    }

    public static MemberSet of(int... members) {
        return of(IntStream.of(members));
    }

    public static MemberSet of(IntStream members) {
        BitSet bits = new BitSet();
        members.forEach(bits::set);
        return new MemberSet(bits);
    }

    public static MemberSet of(Collection<Integer> members) {
        return of(members.stream().mapToInt(Integer::intValue));
    }

    /** Members 0 to {@code count - 1}. */
    public static MemberSet first(int count) {
        BitSet bits = new BitSet();
        bits.set(0, count);
        return new MemberSet(bits);
    }

    /** Bit i of the bytes, counted from the least significant bit of the first, is member i. */
    public static MemberSet ofBytes(byte[] bytes) {
        return new MemberSet(BitSet.valueOf(bytes));
    }

    /** As {@link #ofBytes} reads it, for a roster of {@code members}. */
    public byte[] toBytes(int members) {
        byte[] bytes = new byte[(members + 7) / 8];
        byte[] set = bits.toByteArray();
        System.arraycopy(set, 0, bytes, 0, set.length);
        return bytes;
    }

    public boolean contains(int member) {
        return member >= 0 && bits.get(member);
    }

    public int size() {
        return bits.cardinality();
    }

    /** Whether every member is also in {@code other}. */
    public boolean within(MemberSet other) {
        BitSet rest = (BitSet) bits.clone();
        rest.andNot(other.bits);
        return rest.isEmpty();
    }

    public MemberSet with(int member) {
        BitSet more = (BitSet) bits.clone();
        more.set(member);
        return new MemberSet(more);
    }

    public MemberSet without(MemberSet other) {
        BitSet fewer = (BitSet) bits.clone();
        fewer.andNot(other.bits);
        return new MemberSet(fewer);
    }

    public MemberSet and(MemberSet other) {
        BitSet common = (BitSet) bits.clone();
        common.and(other.bits);
        return new MemberSet(common);
    }

    /** Ascending. */
    public IntStream stream() {
        return bits.stream();
    }

    /** Ascending. */
    public void forEach(IntConsumer action) {
        bits.stream().forEach(action);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MemberSet set && bits.equals(set.bits);
    }

    @Override
    public int hashCode() {
        return bits.hashCode();
    }

    @Override
    public String toString() {
        return "MemberSet" + bits;
    }
}
