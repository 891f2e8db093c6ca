/** Tests of the accountants against exact values, published ones, and mechanisms small enough to enumerate. */
@NullMarked
package dev.parley.privacy.dp.accounting;

import org.jspecify.annotations.NullMarked;
