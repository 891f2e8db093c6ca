/** The program that a site installs: its command line, and the order in which its parts are opened and closed. */
@NullMarked
package dev.parley.agent;

import org.jspecify.annotations.NullMarked;
