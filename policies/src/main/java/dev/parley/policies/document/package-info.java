/**
 * Files that people write, read strictly: YAML (and JSON, which is a part of it) into a tree in which every value knows its
 * file, line and column, so that whoever refuses a value can point at it.
 *
 * <p>What may not enter: what the values mean; aliases, tags and duplicate keys, which only ever hide something from a
 * reviewer.
 */
@NullMarked
package dev.parley.policies.document;

import org.jspecify.annotations.NullMarked;
