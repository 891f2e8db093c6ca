/**
 * The coordinator's edge towards agents: one TLS port, the two services of the contract, every limit on what a caller may
 * cost us, and the translation between generated messages and the server's own types.
 *
 * <p>Generated protobuf types stop here. What may not enter: decisions about rounds, arithmetic, private keys other than
 * the server's own TLS key on its way into the TLS engine.
 */
@NullMarked
package dev.parley.server.gateway;

import org.jspecify.annotations.NullMarked;
