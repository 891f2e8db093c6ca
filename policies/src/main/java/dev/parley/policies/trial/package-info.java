/**
 * Tests of policies, written beside them: cases with a request, and what the policies must say to it. Also what earlier
 * requests would have been told by another set.
 *
 * <p>What may not enter: rules; anything that a decision needs.
 */
@NullMarked
package dev.parley.policies.trial;

import org.jspecify.annotations.NullMarked;
