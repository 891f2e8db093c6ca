/**
 * The federation as an event-sourced actor: what sites say becomes an event, the pure state machines judge it, the journal takes
 * it, and then its effects are carried out. Slow work (keeping and adding a submission, releasing a model) runs outside the actor
 * and comes back as a private message. {@link dev.parley.server.cluster.FederationEntity} is the place to begin.
 *
 * <p>What may not enter: arithmetic on updates, generated protobuf types, TLS.
 */
@NullMarked
package dev.parley.server.cluster;

import org.jspecify.annotations.NullMarked;
