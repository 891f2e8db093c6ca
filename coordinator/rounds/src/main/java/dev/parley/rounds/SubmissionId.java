package dev.parley.rounds;

/**
 * Names the one update that one site may contribute to one attempt: on the wire {@code federation/round/attempt/site}.
 */
public record SubmissionId(FederationName federation, RoundId round, SiteName site)
        implements Comparable<SubmissionId> {
    private static final int MAX_DIGITS = 7;

    /**
     * Reads the form that {@link #toString} writes.
     *
     * @throws IllegalArgumentException if the text has any other form
     */
    public static SubmissionId parse(String text) {
        String[] parts = text.length() > 200 ? new String[0] : text.split("/", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("a submission id reads federation/round/attempt/site, such as "
                    + "sepsis-2026/4/0/ward-3, got " + parts.length + " parts in " + text.length() + " characters");
        }
        return new SubmissionId(
                new FederationName(parts[0]),
                new RoundId(number("round", parts[1]), number("attempt", parts[2])),
                new SiteName(parts[3]));
    }

    private static int number(String field, String digits) {
        boolean canonical = !digits.isEmpty()
                && digits.length() <= MAX_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
        if (!canonical) {
            throw new IllegalArgumentException("the " + field + " of a submission id is a decimal number without "
                    + "leading zeros, got '" + (digits.length() > 20 ? digits.substring(0, 20) + "..." : digits) + "'");
        }
        return Integer.parseInt(digits);
    }

    @Override
    public int compareTo(SubmissionId other) {
        int byFederation = federation.value().compareTo(other.federation.value());
        if (byFederation != 0) {
            return byFederation;
        }
        int byRound = round.compareTo(other.round);
        return byRound != 0 ? byRound : site.compareTo(other.site);
    }

    @Override
    public String toString() {
        return federation + "/" + round.round() + "/" + round.attempt() + "/" + site;
    }
}
