/**
 * How the records of a site reach the agent.
 *
 * <p>What may not enter: the network, keys, and any decision on what records may be used for (that is {@code egress}).
 */
@NullMarked
package dev.parley.agent.connectors;

import org.jspecify.annotations.NullMarked;
