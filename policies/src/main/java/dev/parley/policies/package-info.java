/**
 * Policies: files that people review and that decide what may start, join, run or be released. This first slice names
 * the set of policies in force by content, so that every signed plan can carry its hash; the engine that evaluates them
 * (CEL over YAML) comes into this room with the governance work.
 *
 * <p>May not enter: networks, actors, models, keys. A policy sees a description of a request, never a record.
 */
@NullMarked
package dev.parley.policies;

import org.jspecify.annotations.NullMarked;
