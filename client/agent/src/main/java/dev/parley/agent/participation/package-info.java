/**
 * The site's side of the protocol: what a plan asks, what this site answers, and the calls that carry it. The only room of
 * the agent that sees generated messages.
 *
 * <p>What may not enter: an update that has not passed clip, noise and mask; the text of a record, in a message or a log.
 */
@NullMarked
package dev.parley.agent.participation;

import org.jspecify.annotations.NullMarked;
