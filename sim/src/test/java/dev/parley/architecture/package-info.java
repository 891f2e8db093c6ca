/** The house's rules, checked on the compiled product; and proof that each of them can be broken. */
@NullMarked
package dev.parley.architecture;

import org.jspecify.annotations.NullMarked;
