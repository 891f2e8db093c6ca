package dev.parley.privacy.secagg;

import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The members of a session with their announced keys, ascending by name. Its hash binds every member's identity and keys;
 * two sites that were shown different rosters share no mask.
 *
 * <p>A roster is read without being believed: {@link MemberKeys#checkRoster} decides.
 */
public final class Roster {
    /** Most members; beyond it a roster would not fit what a site has to read before a round. */
    public static final int MAX_MEMBERS = 10_000;

    private static final int MAX_ANNOUNCEMENT_BYTES = 16 << 10;

    private final List<Announcement> members;
    private final byte[] bytes;
    private final ContentHash hash;

    private Roster(List<Announcement> members) {
        this.members = List.copyOf(members);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Announcement member : members) {
            byte[] announcement = member.toBytes();
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(announcement.length)
                    .array());
            out.writeBytes(announcement);
        }
        this.bytes = out.toByteArray();
        this.hash = ContentHash.of(bytes);
    }

    /** @throws IllegalArgumentException if there are too many members, or they are not ascending by name */
    public static Roster of(List<Announcement> members) {
        if (members.isEmpty() || members.size() > MAX_MEMBERS) {
            throw new IllegalArgumentException("a roster has 1 to 10,000 members, got " + members.size());
        }
        for (int i = 1; i < members.size(); i++) {
            if (members.get(i - 1).site().compareTo(members.get(i).site()) >= 0) {
                throw new IllegalArgumentException("a roster is ascending and names each site once, got "
                        + members.get(i - 1).site() + " before "
                        + members.get(i).site());
            }
        }
        return new Roster(members);
    }

    /**
     * Reads what {@link #toBytes} wrote: for each member four bytes of length, big-endian, and its announcement.
     *
     * @throws IllegalArgumentException if the bytes are not exactly one roster
     */
    public static Roster of(byte[] bytes) {
        List<Announcement> members = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
            if (length < 0 || length > MAX_ANNOUNCEMENT_BYTES || length > in.remaining()) {
                throw new IllegalArgumentException("the roster is cut short, or an announcement in it is too long");
            }
            byte[] announcement = new byte[length];
            in.get(announcement);
            members.add(Announcement.of(announcement));
        }
        return of(members);
    }

    public byte[] toBytes() {
        return bytes.clone();
    }

    public ContentHash hash() {
        return hash;
    }

    public List<Announcement> members() {
        return members;
    }

    public int size() {
        return members.size();
    }

    public Announcement member(int position) {
        return members.get(position);
    }

    public List<String> names() {
        return members.stream().map(Announcement::site).toList();
    }

    /** A site's position, if it is a member. */
    public Optional<Integer> position(String site) {
        int low = 0;
        int high = members.size() - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            int order = members.get(middle).site().compareTo(site);
            if (order == 0) {
                return Optional.of(middle);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Roster roster && hash.equals(roster.hash);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "Roster[" + members.size() + " members, " + hash.abbreviated() + "]";
    }
}
