package dev.parley.rounds;

import java.time.Duration;

/**
 * The longest that each part of a federation may take; each is above 0 and at most 30 days. Together they are why a
 * federation always ends.
 *
 * @param gathering from when a round could be planned until enough sites are attached; then the federation fails
 * @param invitation from the plan until a site's answer counts for the minimum
 * @param collecting from the end of the invitation until the last update counts; the plan's deadline is the plan's time
 *     plus {@code invitation + collecting}, whether or not the sites answer early
 * @param recovering from the last update, or the last evaluation, until enough sites have helped to open the sum
 * @param evaluating from the release until the last evaluation counts
 */
public record RoundTimes(
        Duration gathering, Duration invitation, Duration collecting, Duration recovering, Duration evaluating) {
    private static final Duration MOST = Duration.ofDays(30);

    public RoundTimes {
        require("gathering", gathering);
        require("invitation", invitation);
        require("collecting", collecting);
        require("recovering", recovering);
        require("evaluating", evaluating);
    }

    private static void require(String name, Duration time) {
        if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "the time for " + name + " is at least 1 ms and at most 30 days, got " + time);
        }
    }
}
