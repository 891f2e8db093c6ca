/**
 * Statistics that sites send about held-out records, in forms that are pooled by adding integers.
 *
 * <p>What may not enter: networks, actors, tensors, records. These are plain counts: they carry no noise and no mask yet,
 * so whoever receives one site's counts can read them. Until federated analytics under differential privacy replaces
 * them, a site that may not show its counts must refuse the evaluation.
 */
@NullMarked
package dev.parley.privacy.statistics;

import org.jspecify.annotations.NullMarked;
