/**
 * {@code agent.yaml} as typed values, checked once when the program starts. Errors name file, line, key, what was found and
 * what is allowed.
 *
 * <p>What may not enter: maps of strings; secrets (the key and the token have files of their own).
 */
@NullMarked
package dev.parley.agent.configuration;

import org.jspecify.annotations.NullMarked;
