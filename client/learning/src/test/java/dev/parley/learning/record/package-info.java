/** Tests of the records room: what loads, what is refused, and that no refusal shows a text of a record. */
@NullMarked
package dev.parley.learning.record;

import org.jspecify.annotations.NullMarked;
