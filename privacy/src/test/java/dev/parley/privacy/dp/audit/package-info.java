/** Tests of the arithmetic of audits. */
@NullMarked
package dev.parley.privacy.dp.audit;

import org.jspecify.annotations.NullMarked;
