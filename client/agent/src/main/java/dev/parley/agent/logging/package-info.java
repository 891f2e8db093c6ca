/**
 * What a log line of the agent may contain: a fixed sentence of the program, fields whose names are on a list, and of an
 * exception its classes and places. Nothing that came out of a record or over the wire reaches a log by accident.
 */
@NullMarked
package dev.parley.agent.logging;

import org.jspecify.annotations.NullMarked;
