/**
 * What the policies in force say to what a coordinator is about to do: begin a federation, let a site in, send a plan out.
 * Translates between what the coordinator knows and what policies are asked about, and stands between the gateway and the
 * federation.
 *
 * <p>What may not enter: rules (they are files), rounds' arithmetic, anything of a record.
 */
@NullMarked
package dev.parley.server.governance;

import org.jspecify.annotations.NullMarked;
