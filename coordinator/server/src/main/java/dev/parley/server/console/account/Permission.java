package dev.parley.server.console.account;

/** What can be done through the console. Every endpoint needs exactly one of them, or is named as open to everyone. */
public enum Permission {
    /** See the federation, its rounds, sites, versions, metrics and settings. */
    READ,
    /** Take a released model's weights away. */
    DOWNLOAD_MODEL,
    /** See who has an account or a key, which tokens are open and which certificates are in force. */
    READ_ACCESS,
    /** Let a new site in, or take that word back. */
    MANAGE_TOKENS,
    /** Shut a site out by revoking its certificates. */
    REVOKE_CERTIFICATES,
    /** Create and remove accounts. */
    MANAGE_ACCOUNTS,
    /** Create keys for scripts with at most one's own role, and remove one's own. */
    MANAGE_OWN_KEYS
}
