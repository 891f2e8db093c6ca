/**
 * Who may speak: the coordinator's own certificate authority, one-time enrolment tokens, and the judgement of a
 * certificate that a caller shows. The only room of the server that touches private keys; its neighbours see
 * certificates and verdicts.
 *
 * <p>What may not enter: networks, actors, generated protobuf types, anything about models.
 */
@NullMarked
package dev.parley.server.identity;

import org.jspecify.annotations.NullMarked;
