package dev.parley.server.identity;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One-time tokens, at most one open for each site. A token is 256 random bits and carries the authority's fingerprint, so that it
 * is all an agent needs to trust the coordinator before it has a certificate.
 *
 * <p><b>Guarantees</b>: only the hash of a token is stored; it is compared in constant time; it opens the door once, for its
 * site, before it expires, also when two processes or threads try at the same moment. <b>Does not</b> limit attempts: the
 * gateway does.
 */
public final class EnrolmentTokens {
    /** Longest token that is looked at. */
    public static final int MAX_CHARACTERS = 200;

    private static final String PREFIX = "parley1.";
    private static final String SUFFIX = ".json";
    private static final int SECRET_BYTES = 32;
    private static final ObjectMapper JSON = new ObjectMapper();
    /** File locks belong to the whole Java process, so threads need a lock of their own. */
    private static final Object IN_PROCESS = new Object();

    private final Path folder;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /** @param folder created if missing */
    public EnrolmentTokens(Path folder, InstantSource clock) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.clock = clock;
    }

    /** What a token is worth. */
    public sealed interface Verdict {
        /** It opens the door. */
        record Valid() implements Verdict {}

        /** It is not a token of this site. Says no more: the caller may be guessing. */
        record Wrong() implements Verdict {}

        /** It was the right one and has been used. */
        record Used(Instant at) implements Verdict {}

        /** It was the right one and came too late. */
        record Expired(Instant at) implements Verdict {}
    }

    /**
     * Makes a token for a site; an earlier one of the site no longer opens anything.
     *
     * @param validity how long it may be used
     * @param authority fingerprint of the authority that the agent is to trust
     */
    public String create(SiteName site, Duration validity, ContentHash authority) throws IOException {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "." + authority.hex();
        locked(() -> {
            write(site, new Entry(hash(token), clock.instant().plus(validity), Optional.empty()));
            return true;
        });
        return token;
    }

    /**
     * A site's newest token, as far as it may be shown: not the token.
     *
     * @param used when it opened the door; empty if it has not
     */
    public record Issued(SiteName site, Instant expires, Optional<Instant> used) {}

    /** The newest token of each site, ascending by site; used and expired ones too. */
    public List<Issued> issued() throws IOException {
        return locked(() -> {
            List<Issued> all = new ArrayList<>();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
                        SiteName site = new SiteName(name.substring(0, name.length() - SUFFIX.length()));
                        read(site).ifPresent(entry -> all.add(new Issued(site, entry.expires(), entry.used())));
                    }
                }
            }
            all.sort(Comparator.comparing(Issued::site));
            return all;
        });
    }

    /**
     * Makes a site's token worthless.
     *
     * @return whether there was one that could still be used
     */
    public boolean revoke(SiteName site) throws IOException {
        return locked(() -> {
            Optional<Entry> entry = read(site);
            boolean open = entry.isPresent()
                    && entry.get().used().isEmpty()
                    && !clock.instant().isAfter(entry.get().expires());
            Files.deleteIfExists(file(site));
            return open;
        });
    }

    /** Looks at a token without using it up. */
    public Verdict check(SiteName site, String token) throws IOException {
        return locked(() -> judge(read(site), token));
    }

    /** As {@link #check}, and a valid token is used up: the next call with it gets {@link Verdict.Used}. */
    public Verdict redeem(SiteName site, String token) throws IOException {
        return locked(() -> {
            Optional<Entry> entry = read(site);
            Verdict verdict = judge(entry, token);
            if (verdict instanceof Verdict.Valid && entry.isPresent()) {
                write(site, entry.get().usedAt(clock.instant()));
            }
            return verdict;
        });
    }

    private Verdict judge(Optional<Entry> entry, String token) {
        // Hash and compare even when there is no token for the site, so that time does not tell which sites exist.
        ContentHash offered = hash(token.length() > MAX_CHARACTERS ? "" : token);
        ContentHash expected = entry.map(Entry::tokenHash).orElseGet(() -> hash("no such token"));
        boolean equal = MessageDigest.isEqual(offered.bytes(), expected.bytes());
        if (!equal || entry.isEmpty()) {
            return new Verdict.Wrong();
        }
        if (entry.get().used().isPresent()) {
            return new Verdict.Used(entry.get().used().get());
        }
        Instant expires = entry.get().expires();
        return clock.instant().isAfter(expires) ? new Verdict.Expired(expires) : new Verdict.Valid();
    }

    private static ContentHash hash(String token) {
        return ContentHash.of(token.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<Entry> read(SiteName site) throws IOException {
        Path file = file(site);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(Files.readString(file));
            return Optional.of(new Entry(
                    new ContentHash(node.path("token_sha256").asText()),
                    Instant.parse(node.path("expires").asText()),
                    node.has("used")
                            ? Optional.of(Instant.parse(node.path("used").asText()))
                            : Optional.empty()));
        } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
            throw new IOException("the token file " + file + " is damaged: create a new token for the site", e);
        }
    }

    private void write(SiteName site, Entry entry) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put("site", site.value());
        node.put("token_sha256", entry.tokenHash().hex());
        node.put("expires", entry.expires().toString());
        entry.used().ifPresent(at -> node.put("used", at.toString()));
        DurableFiles.writePrivate(file(site), node.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Path file(SiteName site) {
        return folder.resolve(site.value() + SUFFIX);
    }

    private <T> T locked(Step<T> step) throws IOException {
        synchronized (IN_PROCESS) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = channel.lock()) {
                if (!lock.isValid()) {
                    throw new IOException("lost the lock on " + folder);
                }
                return step.run();
            }
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private record Entry(ContentHash tokenHash, Instant expires, Optional<Instant> used) {
        Entry usedAt(Instant at) {
            return new Entry(tokenHash, expires, Optional.of(at));
        }
    }
}
