/**
 * Runs when the module is built, and is no part of it: reads OpenDP's description of its functions
 * ({@code privacy/native/opendp-api.json}) and writes the classes of {@code dev.parley.privacy.opendp} that call them.
 */
package dev.parley.privacy.opendp.generator;
