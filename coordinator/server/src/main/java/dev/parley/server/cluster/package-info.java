/**
 * The federation as an actor: thin behaviours that translate messages into round events, ask the pure engine, and carry out
 * the effects it answers with. Slow work (adding a submission, releasing a model) runs outside the actor and comes back as a
 * private message.
 *
 * <p>State is in memory in this first slice: a coordinator that is restarted begins its federation anew. The durable journal
 * will stand between the engine's answer and the effects.
 *
 * <p>What may not enter: arithmetic on updates, generated protobuf types, TLS.
 */
@NullMarked
package dev.parley.server.cluster;

import org.jspecify.annotations.NullMarked;
