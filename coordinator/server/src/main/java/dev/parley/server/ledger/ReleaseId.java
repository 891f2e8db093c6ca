package dev.parley.server.ledger;

/**
 * Names one release for ever, such as {@code sepsis-2026/round-3/attempt-0}: asking to pay for it twice pays once. Whoever
 * draws noise anew makes another release, with another id.
 *
 * @param value 1 to 200 printable ASCII characters without spaces
 */
public record ReleaseId(String value) {
    public ReleaseId {
        if (!value.matches("[!-~]{1,200}")) {
            throw new IllegalArgumentException("a release's id has 1 to 200 printable characters and no spaces");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
