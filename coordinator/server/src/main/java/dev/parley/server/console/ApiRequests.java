package dev.parley.server.console;

import org.jspecify.annotations.Nullable;

/** What a body of the API may say. Unknown fields are refused. */
final class ApiRequests {
    private ApiRequests() {}

    /** @param hours how long the token may be used; null for the configured time */
    record NewToken(@Nullable String site, @Nullable Integer hours) {}

    record NewUser(
            @Nullable String name,
            @Nullable String password,
            @Nullable String role) {}

    /** @param days how long the key is valid; null for 30 */
    record NewKey(
            @Nullable String label,
            @Nullable String role,
            @Nullable Integer days) {}
}
