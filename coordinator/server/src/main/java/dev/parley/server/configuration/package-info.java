/**
 * The coordinator's typed configuration: one record for each concern, checked when it is built, read once at the start.
 *
 * <p>What may not enter: maps of strings, defaults that are applied later, anything that opens a port.
 */
@NullMarked
package dev.parley.server.configuration;

import org.jspecify.annotations.NullMarked;
