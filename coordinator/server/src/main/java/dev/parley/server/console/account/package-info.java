/**
 * Who may use the console: accounts, their sessions, the keys of scripts, and what each role is permitted.
 *
 * <p>What may not enter: HTTP, pages, federations. Secrets are stored as hashes only; who reads the database cannot log in with it.
 */
@NullMarked
package dev.parley.server.console.account;

import org.jspecify.annotations.NullMarked;
