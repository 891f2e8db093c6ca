package dev.parley.server.console.account;

/** Who is calling, once that is proved. */
public sealed interface Caller {
    String account();

    Role role();

    /**
     * A person with a browser.
     *
     * @param csrf what every request that changes something must carry
     */
    record Person(String account, Role role, String csrf) implements Caller {
        @Override
        public String toString() {
            return "Person[" + account + ", " + role + "]";
        }
    }

    /** A script with a key; its role is the key's, or what is left of it by its account's. */
    record Script(String account, Role role, String keyId) implements Caller {}
}
