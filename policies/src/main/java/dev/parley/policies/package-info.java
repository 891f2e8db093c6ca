/**
 * Policies: files that people review and that decide what may start, join, run, be released, exported or asked. This package
 * names a set of documents by content, so that every signed plan can carry its hash; {@code rule} evaluates them.
 *
 * <p>May not enter: networks, actors, models, keys. A policy sees a description of a request, never a record.
 */
@NullMarked
package dev.parley.policies;

import org.jspecify.annotations.NullMarked;
