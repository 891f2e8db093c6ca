package dev.parley.server.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.identity.EnrolmentTokens.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrolmentTokensTest {
    private static final SiteName NORTH = new SiteName("north");
    private static final ContentHash AUTHORITY = ContentHash.of(new byte[] {1});

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-24T10:00:00Z");
    private EnrolmentTokens tokens;

    @BeforeEach
    void open() throws Exception {
        tokens = new EnrolmentTokens(folder, () -> now);
    }

    @Test
    void opensTheDoorOnce() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);

        assertInstanceOf(Verdict.Valid.class, tokens.check(NORTH, token));
        assertInstanceOf(Verdict.Valid.class, tokens.redeem(NORTH, token));
        assertEquals(new Verdict.Used(now), tokens.redeem(NORTH, token));
    }

    @Test
    void stillKnowsThatItWasUsedAfterARestart() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);
        tokens.redeem(NORTH, token);

        assertInstanceOf(Verdict.Used.class, new EnrolmentTokens(folder, () -> now).redeem(NORTH, token));
    }

    @Test
    void opensTheDoorOfItsOwnSiteOnly() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);
        tokens.create(new SiteName("south"), Duration.ofHours(1), AUTHORITY);

        assertInstanceOf(Verdict.Wrong.class, tokens.redeem(new SiteName("south"), token));
        assertInstanceOf(Verdict.Wrong.class, tokens.redeem(new SiteName("nowhere"), token));
    }

    @Test
    void expires() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);
        Instant end = now.plus(Duration.ofHours(1));
        now = end;
        assertInstanceOf(Verdict.Valid.class, tokens.check(NORTH, token));
        now = end.plusMillis(1);
        assertEquals(new Verdict.Expired(end), tokens.redeem(NORTH, token));
    }

    @Test
    void isReplacedByANewOne() throws Exception {
        String first = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);
        String second = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);

        assertNotEquals(first, second);
        assertInstanceOf(Verdict.Wrong.class, tokens.redeem(NORTH, first));
        assertInstanceOf(Verdict.Valid.class, tokens.redeem(NORTH, second));
    }

    @Test
    void tellsAGuesserNothing() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);
        tokens.redeem(NORTH, token);

        for (String guess : List.of("", "x", token + "x", token.substring(1), "y".repeat(100_000))) {
            assertInstanceOf(Verdict.Wrong.class, tokens.redeem(NORTH, guess));
        }
    }

    @Test
    void carriesTheAuthorityAndIsStoredOnlyAsAHash() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);

        assertTrue(token.matches("parley1\\.[A-Za-z0-9_-]{43}\\." + AUTHORITY.hex()), token);
        String secret = token.split("\\.")[1];
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertFalse(Files.readString(file).contains(secret), file + " holds the secret");
            }
        }
        assertEquals("rw-------", permissions(folder.resolve("north.json")));
    }

    @Test
    void opensOnceWhenManyTryAtTheSameMoment() throws Exception {
        String token = tokens.create(NORTH, Duration.ofHours(1), AUTHORITY);
        EnrolmentTokens other = new EnrolmentTokens(folder, () -> now);
        try (var pool = Executors.newFixedThreadPool(8)) {
            List<Callable<Verdict>> attempts = Stream.of(tokens, other, tokens, other, tokens, other, tokens, other)
                    .<Callable<Verdict>>map(each -> () -> each.redeem(NORTH, token))
                    .toList();
            long opened = 0;
            for (var attempt : pool.invokeAll(attempts)) {
                opened += attempt.get() instanceof Verdict.Valid ? 1 : 0;
            }
            assertEquals(1, opened);
        }
    }

    private static String permissions(Path file) throws Exception {
        return java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
