/** Reading strictly, and pointing at what is wrong. */
@NullMarked
package dev.parley.policies.document;

import org.jspecify.annotations.NullMarked;
