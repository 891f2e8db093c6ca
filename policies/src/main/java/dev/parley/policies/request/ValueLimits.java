package dev.parley.policies.request;

/** How large what a policy looks at may be; together with the limits on expressions they bound a decision's time. */
public final class ValueLimits {
    /** Elements of one list. */
    public static final int MAX_ELEMENTS = 1_000;
    /** Characters of one text. */
    public static final int MAX_CHARACTERS = 1_000;
    /** Values in one request, each text, number and element counted. */
    public static final int MAX_VALUES = 20_000;

    private ValueLimits() {}
}
