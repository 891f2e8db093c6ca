package dev.parley.server.gateway;

import java.time.Duration;

/**
 * What callers may cost.
 *
 * @param maxMessageBytes largest message in either direction; a chunk holds 256 KiB
 * @param maxHeaderBytes largest set of headers of one call
 * @param maxCallsPerConnection calls at the same time on one connection; an agent needs four
 * @param maxSites attached at the same time
 * @param heartbeat a site is told to send one at least this often, and is taken for gone after three are missing
 * @param stalledTransfer a Fetch or Submit on which nothing moves for this long is cancelled
 * @param leastKeepAlive a client that pings more often is disconnected
 * @param enrolmentFailuresPerMinute failed enrolments from one address before it has to wait
 */
public record GatewayLimits(
        int maxMessageBytes,
        int maxHeaderBytes,
        int maxCallsPerConnection,
        int maxSites,
        Duration heartbeat,
        Duration stalledTransfer,
        Duration leastKeepAlive,
        int enrolmentFailuresPerMinute) {
    /** Bytes of one chunk in either direction, fixed by the contract. */
    public static final int CHUNK_BYTES = 256 << 10;

    /** Missing heartbeats after which a site is gone. */
    static final int MISSED_HEARTBEATS = 3;

    public GatewayLimits {
        if (maxMessageBytes < 2 * CHUNK_BYTES) {
            throw new IllegalArgumentException(
                    "messages of at least " + 2 * CHUNK_BYTES + " bytes are needed, got " + maxMessageBytes);
        }
        if (maxHeaderBytes < 1024
                || maxCallsPerConnection < 4
                || maxSites < 1
                || enrolmentFailuresPerMinute < 1
                || !heartbeat.isPositive()
                || !stalledTransfer.isPositive()
                || !leastKeepAlive.isPositive()) {
            throw new IllegalArgumentException("every limit is above zero, at least 1024 header bytes and 4 calls");
        }
    }

    /** What the documentation describes; every one can be set in the configuration. */
    public static GatewayLimits defaults() {
        return new GatewayLimits(
                1 << 20, 16 << 10, 16, 1000, Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(10), 10);
    }
}
