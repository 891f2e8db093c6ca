package dev.parley.server.ledger;

import dev.parley.rounds.FederationName;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * Whose budget, and for what.
 *
 * @param purpose the use of records that the federation is for, such as {@code research}; 1 to 63 letters, digits and hyphens
 */
public record BudgetKey(FederationName federation, Holder holder, String purpose) implements Comparable<BudgetKey> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,62})");

    private static final Comparator<BudgetKey> ORDER = Comparator.comparing(
                    (BudgetKey key) -> key.federation().value())
            .thenComparing(key -> key.holder().kind())
            .thenComparing(key -> key.holder().name())
            .thenComparing(BudgetKey::purpose);

    /** Of whom something is told. */
    public sealed interface Holder {
        /** All sites together. */
        record WholeFederation() implements Holder {
            @Override
            public String kind() {
                return "federation";
            }

            @Override
            public String name() {
                return "";
            }
        }

        /** One site's records. */
        record Site(String name) implements Holder {
            public Site {
                requireName("site", name);
            }

            @Override
            public String kind() {
                return "site";
            }
        }

        /** Subjects at any site who have something in common, such as a trial's arm. */
        record SubjectGroup(String name) implements Holder {
            public SubjectGroup {
                requireName("subject group", name);
            }

            @Override
            public String kind() {
                return "subject-group";
            }
        }

        /** As it is written in the database. */
        String kind();

        /** Empty for the whole federation. */
        String name();
    }

    public BudgetKey {
        requireName("purpose", purpose);
    }

    private static void requireName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a budget's " + what + " has 1 to 63 letters, digits, dots, underscores and hyphens");
        }
    }

    @Override
    public int compareTo(BudgetKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "the budget of "
                + switch (holder) {
                    case Holder.WholeFederation all -> federation.value();
                    case Holder.Site site -> "site " + site.name() + " in " + federation.value();
                    case Holder.SubjectGroup group -> "subject group " + group.name() + " in " + federation.value();
                }
                + " for " + purpose;
    }
}
