/**
 * What the coordinator keeps on disk under content addresses: released models, learning documents, and submissions that
 * are still arriving. Lineage, manifests and model cards join them here later.
 *
 * <p>What may not enter: networks, actors, generated protobuf types. No path is ever built from a name that came over
 * the wire; only from a validated {@link dev.parley.privacy.update.ContentHash}.
 */
@NullMarked
package dev.parley.server.registry;

import org.jspecify.annotations.NullMarked;
