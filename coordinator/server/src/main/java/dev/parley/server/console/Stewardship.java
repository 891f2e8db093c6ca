package dev.parley.server.console;

import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.SiteName;
import dev.parley.server.console.account.Accounts;
import dev.parley.server.console.account.ApiKeys;
import dev.parley.server.console.account.Caller;
import dev.parley.server.console.account.Role;
import dev.parley.server.console.view.NewKeyView;
import dev.parley.server.console.view.NewTokenView;
import dev.parley.server.console.view.Reading;
import dev.parley.server.console.view.RevocationView;
import dev.parley.server.identity.CertificateRegister;
import dev.parley.server.identity.EnrolmentTokens;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people and scripts can change: the API and the pages both do it here, so both keep the same rules. */
final class Stewardship {
    private static final Logger LOG = LoggerFactory.getLogger(Stewardship.class);
    private static final Duration MOST_TOKEN_VALIDITY = Duration.ofDays(30);

    private final Reading reading;
    private final EnrolmentTokens tokens;
    private final CertificateRegister certificates;
    private final ContentHash authority;
    private final Duration tokenValidity;
    private final Accounts accounts;
    private final ApiKeys keys;
    private final InstantSource clock;

    /**
     * @param authority fingerprint that new tokens carry
     * @param tokenValidity of a token for which nobody has said another
     */
    Stewardship(
            Reading reading,
            EnrolmentTokens tokens,
            CertificateRegister certificates,
            ContentHash authority,
            Duration tokenValidity,
            Accounts accounts,
            ApiKeys keys,
            InstantSource clock) {
        this.reading = reading;
        this.tokens = tokens;
        this.certificates = certificates;
        this.authority = authority;
        this.tokenValidity = tokenValidity;
        this.accounts = accounts;
        this.keys = keys;
        this.clock = clock;
    }

    NewTokenView createToken(Caller by, @Nullable String siteName, @Nullable Integer hours) throws IOException {
        SiteName site = site(siteName);
        if (!reading.admits(site)) {
            throw Problem.badRequest("Site " + site + " is not among the members that the configuration names"
                    + " (federation.sites); add it there first.");
        }
        Duration validity = hours == null ? tokenValidity : Duration.ofHours(hours);
        if (hours != null
                && (validity.compareTo(Duration.ofHours(1)) < 0 || validity.compareTo(MOST_TOKEN_VALIDITY) > 0)) {
            throw Problem.badRequest("A token may be used for 1 to " + MOST_TOKEN_VALIDITY.toHours() + " hours.");
        }
        Instant expires = clock.instant().plus(validity);
        String token = tokens.create(site, validity, authority);
        note("an enrolment token was made", by, site.value());
        return new NewTokenView(site.value(), expires.toString(), token);
    }

    void revokeToken(Caller by, @Nullable String siteName) throws IOException {
        SiteName site = site(siteName);
        if (!tokens.revoke(site)) {
            throw Problem.notFound("Site " + site + " has no token that could still be used.");
        }
        note("an enrolment token was revoked", by, site.value());
    }

    RevocationView revokeCertificates(Caller by, @Nullable String siteName) throws IOException {
        SiteName site = site(siteName);
        int revoked = certificates.revoke(site);
        if (revoked == 0) {
            throw Problem.notFound("Site " + site + " holds no certificate that is in force.");
        }
        note("a site's certificates were revoked", by, site.value());
        return new RevocationView(site.value(), revoked);
    }

    void createUser(Caller by, @Nullable String name, @Nullable String password, @Nullable String role)
            throws SQLException {
        Role known = role(role);
        String unused = given("password", password); // is there at all; its spaces are its own
        settle(accounts.create(given("name", name), String.valueOf(password), known));
        note("an account was made", by, name);
    }

    void removeUser(Caller by, String name) throws SQLException {
        if (name.equals(by.account())) {
            throw Problem.conflict("Nobody removes the account they use; ask another operator.");
        }
        settle(accounts.remove(name));
        note("an account was removed", by, name);
    }

    NewKeyView createKey(Caller by, @Nullable String label, @Nullable String role, @Nullable Integer days)
            throws SQLException {
        try {
            ApiKeys.Created created =
                    keys.create(by, given("label", label), role(role), Duration.ofDays(days == null ? 30 : days));
            note("an API key was made", by, created.key().id());
            return new NewKeyView(
                    created.key().id(),
                    created.key().label(),
                    created.key().role().word(),
                    created.key().expires().toString(),
                    created.text());
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(sentence(e));
        }
    }

    void removeKey(Caller by, String id) throws SQLException {
        if (!keys.remove(by, id)) {
            throw Problem.notFound("There is no such key, or it is somebody else's.");
        }
        note("an API key was removed", by, id);
    }

    private static void settle(Accounts.Outcome outcome) {
        switch (outcome) {
            case Accounts.Outcome.Done done -> {}
            case Accounts.Outcome.Refused refused -> throw Problem.badRequest(refused.rule());
        }
    }

    private static Role role(@Nullable String word) {
        try {
            return Role.of(given("role", word));
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(sentence(e));
        }
    }

    private static SiteName site(@Nullable String name) {
        try {
            return new SiteName(given("site", name));
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(sentence(e));
        }
    }

    private static String given(String field, @Nullable String value) {
        return Optional.ofNullable(value)
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> Problem.badRequest("The field '" + field + "' is missing."));
    }

    private static String sentence(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        return Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".";
    }

    private static void note(String what, Caller by, @Nullable String about) {
        LOG.atInfo()
                .addKeyValue("account", by.account())
                .addKeyValue("about", about)
                .log(what);
    }
}
