/**
 * Records at a site: schema, manifest, loading, harmonisation, split by subject. Plain Java values; no tensor, no
 * engine, no network may enter.
 */
@NullMarked
package dev.parley.learning.record;

import org.jspecify.annotations.NullMarked;
