/**
 * The coordinator as a program: its command line and the order in which its parts are opened and closed.
 *
 * <p>What may not enter: anything that a part could do itself.
 */
@NullMarked
package dev.parley.server;

import org.jspecify.annotations.NullMarked;
