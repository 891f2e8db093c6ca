/**
 * OpenDP for Java: the functions of the OpenDP library (0.15.1), called through its C interface by
 * {@code java.lang.foreign}.
 *
 * <p>Three layers. {@link dev.parley.privacy.opendp.OpenDpLibrary} finds the shared library and checks its SHA-256; it
 * is not part of the repository and may be missing. {@link dev.parley.privacy.opendp.OpenDp} is one session: it holds
 * the feature flags and owns every native object made in it. {@code Domains}, {@code Metrics}, {@code Measures},
 * {@code Transformations}, {@code Measurements}, {@code Combinators}, {@code Core} and {@code Accuracy} are generated,
 * when the module is built, from OpenDP's own description of its functions (docs/OPENDP.md says how); nothing in them
 * is typed by hand.
 *
 * <p><b>Guarantees</b>: no call passes a null, closed or wrongly typed argument to native code, where it would be
 * undefined behaviour; each is an exception before the call. A native object is freed once, when it is closed or its
 * session is, and never during a call that uses it.
 *
 * <p>What may not enter: statistics and their bounds (they are in {@code privacy.statistics}), mechanisms of our own,
 * networks, and callbacks from native code into Java: OpenDP's functions that take one are not bound.
 */
@NullMarked
package dev.parley.privacy.opendp;

import org.jspecify.annotations.NullMarked;
