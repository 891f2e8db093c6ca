/**
 * What a log line may contain: a fixed sentence from the program, and fields whose names are on a list. Nothing that came over
 * the wire or out of a file reaches a log by accident.
 */
@NullMarked
package dev.parley.server.logging;

import org.jspecify.annotations.NullMarked;
