/**
 * What may leave the site: its owner's rules, and the consent of the people in its records. Decisions are values with the
 * rule named in plain words; everything here fails closed.
 *
 * <p>What may not enter: networks, tensors, generated messages.
 */
@NullMarked
package dev.parley.agent.egress;

import org.jspecify.annotations.NullMarked;
