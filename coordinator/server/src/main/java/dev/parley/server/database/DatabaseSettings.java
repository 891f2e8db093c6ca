package dev.parley.server.database;

import java.nio.file.Path;
import java.util.Locale;

/** Which PostgreSQL. */
public sealed interface DatabaseSettings {
    /**
     * One that this program starts and stops, and that listens on loopback only.
     *
     * @param programs folder into which PostgreSQL is unpacked once for each of its versions; may be shared by coordinators
     */
    record Embedded(Path programs) implements DatabaseSettings {
        /** In the user's own cache, so that the next coordinator on this computer starts a second sooner. */
        public static Embedded standard() {
            String cache = System.getenv("XDG_CACHE_HOME");
            Path base = cache != null && cache.startsWith("/")
                    ? Path.of(cache)
                    : Path.of(System.getProperty("user.home"), ".cache");
            return new Embedded(base.resolve("parley").toAbsolutePath().normalize());
        }
    }

    /**
     * One that others run, version 14 or newer.
     *
     * @param url {@code jdbc:postgresql://host:port/database}, with {@code ?sslmode=verify-full} off this computer; without user
     *     and password
     * @param passwordFile its first line is the password
     */
    record External(String url, String user, Path passwordFile) implements DatabaseSettings {
        /** @throws IllegalArgumentException that says the rule */
        public External {
            url = checkedUrl(url);
            user = checkedUser(user);
        }

        /** {@code user}, if it is a name. */
        public static String checkedUser(String user) {
            if (user.isBlank()) {
                throw new IllegalArgumentException("expected the name of a database user");
            }
            return user;
        }

        /** {@code url}, if it is one that may be configured. */
        public static String checkedUrl(String url) {
            if (!url.startsWith("jdbc:postgresql:")) {
                throw new IllegalArgumentException("expected a URL such as jdbc:postgresql://host:5432/parley");
            }
            String lower = url.toLowerCase(Locale.ROOT);
            if (lower.contains("password=") || lower.contains("user=") || lower.contains("@")) {
                throw new IllegalArgumentException(
                        "user and password do not belong into the URL, which is shown in errors; give 'user' and"
                                + " 'password-file'");
            }
            return url;
        }
    }
}
