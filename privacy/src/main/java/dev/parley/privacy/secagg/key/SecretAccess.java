package dev.parley.privacy.secagg.key;

/**
 * The token without which no secret gives its bytes. It protects against nobody who can write code here; it makes every
 * place that reads a secret one search away.
 */
public final class SecretAccess {
    private static final SecretAccess TOKEN = new SecretAccess();

    private SecretAccess() {}

    public static SecretAccess token() {
        return TOKEN;
    }
}
