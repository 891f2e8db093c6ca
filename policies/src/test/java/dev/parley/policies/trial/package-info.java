/** The shipped policies under their own tests. */
@NullMarked
package dev.parley.policies.trial;

import org.jspecify.annotations.NullMarked;
