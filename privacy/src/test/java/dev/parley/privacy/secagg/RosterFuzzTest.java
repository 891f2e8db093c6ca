package dev.parley.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.parley.privacy.secagg.key.EpochKeys;
import dev.parley.privacy.secagg.key.EpochPublicKeys;
import dev.parley.privacy.secagg.key.WeakKeyException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;

/**
 * What a coordinator may send for a roster or an announcement: any bytes. They are read or refused with an {@link
 * IllegalArgumentException}; what is read is exactly the bytes; and what was changed is not authentic.
 */
class RosterFuzzTest {
    private static final HonestSites SITES = HonestSites.agreed(3, new DeterministicRandom(20261125));
    private static final byte[] ROSTER = SITES.roster(3).toBytes();
    private static final byte[] ANNOUNCEMENT = SITES.keys(1).announcement().toBytes();
    private static final EpochKeys KEYS = EpochKeys.generate(new DeterministicRandom(7));

    /** The names and the epoch, where a flipped bit changes more than a key. */
    private static final int HEADER_BYTES = 32;

    @Property(tries = 4_000, seed = "20261125")
    void damagedRosterIsReadAsItIsOrRefused(
            @ForAll @IntRange(min = 0, max = 3) int flips, @ForAll @LongRange(min = 0) long seed) {
        byte[] damaged = damaged(ROSTER, flips, new DeterministicRandom(seed));

        Optional<Roster> read = read(Roster::of, damaged);

        Statistics.label("roster")
                .collect(read.isPresent() ? "read" : "refused")
                .coverage(ends -> {
                    ends.check("read").percentage(percent -> percent > 5);
                    ends.check("refused").percentage(percent -> percent > 5);
                });
        read.ifPresent(roster -> assertArrayEquals(damaged, roster.toBytes()));
    }

    @Property(tries = 10_000, seed = "20261126")
    void damagedAnnouncementIsReadAsItIsOrRefused(
            @ForAll @IntRange(min = 0, max = 3) int flips, @ForAll @LongRange(min = 0) long seed) {
        byte[] damaged = damaged(ANNOUNCEMENT, flips, new DeterministicRandom(seed));

        Optional<Announcement> read = read(Announcement::of, damaged);

        Statistics.label("announcement")
                .collect(read.isPresent() ? "read" : "refused")
                .coverage(ends -> {
                    ends.check("read").percentage(percent -> percent > 5);
                    ends.check("refused").percentage(percent -> percent > 5);
                });
        read.ifPresent(announcement -> assertArrayEquals(damaged, announcement.toBytes()));
    }

    @Property(tries = 500, seed = "20261127")
    void flippedAnnouncementIsNotAuthentic(@ForAll @LongRange(min = 0) long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        byte[] flipped = ANNOUNCEMENT.clone();
        flip(flipped, random);

        Optional<Announcement> read = read(Announcement::of, flipped);

        read.ifPresent(announcement -> assertFalse(announcement.isAuthentic()));
    }

    @Property(tries = 1_000, seed = "20261128")
    void anyBytesAreRefused(@ForAll @IntRange(min = 0, max = 40_000) int size, @ForAll @LongRange(min = 0) long seed) {
        byte[] bytes = new byte[size];
        new DeterministicRandom(seed).nextBytes(bytes);

        Optional<Roster> read = read(Roster::of, bytes);

        assertFalse(read.isPresent());
    }

    /** Keys of random bytes are agreed with, or weak; nothing else comes of them. */
    @Property(tries = 200, seed = "20261129")
    void anyKeysAreAgreedWithOrWeak(@ForAll @LongRange(min = 0) long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        byte[] keys = new byte[EpochPublicKeys.SIZE_BYTES];
        random.nextBytes(keys);
        byte[] encapsulation = new byte[random.nextBoolean() ? EpochKeys.ENCAPSULATION_BYTES : random.nextInt(2000)];
        random.nextBytes(encapsulation);
        EpochPublicKeys peer = EpochPublicKeys.of(keys);

        boolean strong = agrees(() -> KEYS.encapsulate(peer, random));
        boolean opened = agrees(() -> KEYS.decapsulate(peer, encapsulation));

        Statistics.label("agreed").collect(strong, opened);
    }

    private interface Agreement {
        Object agree() throws WeakKeyException;
    }

    private static boolean agrees(Agreement agreement) {
        try {
            agreement.agree();
            return true;
        } catch (WeakKeyException e) {
            return false;
        }
    }

    private static <T> Optional<T> read(Function<byte[], T> reader, byte[] bytes) {
        try {
            return Optional.of(reader.apply(bytes));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Bits flipped, or cut, or both. */
    private static byte[] damaged(byte[] whole, int flips, DeterministicRandom random) {
        byte[] damaged = whole.clone();
        for (int i = 0; i < flips; i++) {
            flip(damaged, random);
        }
        boolean cut = flips == 0 || random.nextInt(4) == 0;
        return cut ? Arrays.copyOf(damaged, random.nextInt(damaged.length)) : damaged;
    }

    private static void flip(byte[] bytes, DeterministicRandom random) {
        int at = random.nextBoolean() ? random.nextInt(HEADER_BYTES) : random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
}
