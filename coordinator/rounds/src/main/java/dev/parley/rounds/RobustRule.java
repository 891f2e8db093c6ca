package dev.parley.rounds;

/**
 * How updates are combined when some sites may send lies. Secure aggregation shows no single update, so a lie cannot be seen;
 * but sums over random groups can be compared with each other before they are combined.
 *
 * <p>It costs privacy: a sum over a group of k sites hides each among k instead of among all. Sites demand a smallest sum
 * ({@code minimum-survivors} in their rules) and refuse plans whose groups are smaller. It costs accuracy too: the combination
 * of groups that differ honestly is not their mean.
 */
public sealed interface RobustRule {
    /** One sum over everyone; its mean. */
    record None() implements RobustRule {}

    /**
     * Sums over groups that are drawn anew in each training round.
     *
     * @param count groups, 3 to 100
     */
    record Groups(int count, Combination combination) implements RobustRule {
        private static final int FEWEST = 3;
        private static final int MOST = 100;

        public Groups {
            if (count < FEWEST || count > MOST) {
                throw new IllegalArgumentException("robust aggregation compares 3 to 100 groups, got " + count);
            }
            if (count < combination.fewestGroups()) {
                throw new IllegalArgumentException(
                        combination + " needs at least " + combination.fewestGroups() + " groups, got " + count);
            }
        }
    }

    /** How the means of the groups become one. */
    sealed interface Combination {
        int fewestGroups();

        /** Its name in configurations and reports. */
        default String word() {
            return switch (this) {
                case Median median -> "median";
                case TrimmedMean mean -> "trimmed-mean";
                case Krum krum -> "krum";
            };
        }

        /** Each coordinate's median (Yin et al. 2018, definition 1); withstands lies in fewer than half of the groups. */
        record Median() implements Combination {
            @Override
            public int fewestGroups() {
                return 3;
            }
        }

        /**
         * Each coordinate's mean without the {@code trim} smallest and largest (Yin et al. 2018, definition 2).
         *
         * @param trim groups that are left out at either end, at least 1
         */
        record TrimmedMean(int trim) implements Combination {
            public TrimmedMean {
                requirePositive("trim", trim);
            }

            @Override
            public int fewestGroups() {
                return 2 * trim + 1;
            }
        }

        /**
         * The group mean that is closest to its neighbours (Krum, Blanchard et al. 2017, section 4).
         *
         * @param malformed groups that may hold a lie, at least 1
         */
        record Krum(int malformed) implements Combination {
            public Krum {
                requirePositive("malformed", malformed);
            }

            @Override
            public int fewestGroups() {
                return 2 * malformed + 3;
            }
        }

        private static void requirePositive(String name, int value) {
            if (value < 1 || value > 100) {
                throw new IllegalArgumentException(name + " is 1 to 100, got " + value);
            }
        }
    }
}
