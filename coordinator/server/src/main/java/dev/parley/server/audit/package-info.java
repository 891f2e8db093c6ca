/**
 * The coordinator's audit log: its files, its key, what is entered in it and when, and what sites are shown of it. The
 * arithmetic is in {@code dev.parley.privacy.transparency}; docs/AUDIT.md is the specification.
 *
 * <p>What may not enter: decisions about rounds, names of sites, text about records. What cannot be entered is not
 * done.
 */
@NullMarked
package dev.parley.server.audit;

import org.jspecify.annotations.NullMarked;
