/**
 * What is written into the audit log and how: events, the manifest of a released version, the envelope that it is
 * signed in, and the one canonical form of JSON that they are all written in. docs/AUDIT.md lists every field.
 *
 * <p>What may not enter: text about records or their subjects, secrets, names of sites (they go by pseudonyms), and
 * libraries: a verifier is one jar.
 */
@NullMarked
package dev.parley.privacy.transparency.event;

import org.jspecify.annotations.NullMarked;
