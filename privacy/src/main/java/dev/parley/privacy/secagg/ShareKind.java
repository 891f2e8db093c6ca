package dev.parley.privacy.secagg;

/** Which of a dealer's two secrets a share is of. In one session a holder reveals at most one of the two, for each dealer. */
public enum ShareKind {
    /** The key r of the dealer's deposit; revealed for a lost dealer, to take its pair masks off. */
    RECOVERY_KEY(1),
    /** The seed b of the dealer's own mask; revealed for a survivor. */
    SELF_SEED(2);

    private final int code;

    ShareKind(int code) {
        this.code = code;
    }

    /** On the wire. */
    public int code() {
        return code;
    }

    /** The one kind that takes a dealer's masks off the sum of these survivors. */
    static ShareKind opening(int dealer, MemberSet survivors) {
        return survivors.contains(dealer) ? SELF_SEED : RECOVERY_KEY;
    }

    /** @throws IllegalArgumentException if no kind has the code */
    public static ShareKind of(int code) {
        return switch (code) {
            case 1 -> RECOVERY_KEY;
            case 2 -> SELF_SEED;
            default -> throw new IllegalArgumentException("a share is of kind 1 or 2, got " + code);
        };
    }
}
