/**
 * Statistics that sites send about held-out records, in forms that are pooled by adding integers.
 *
 * <p>What may not enter: networks, actors, tensors, records. {@link dev.parley.privacy.statistics.EvaluationCounts} are
 * plain: whoever receives one site's can read them, and a site that may not show its counts must refuse the evaluation.
 * {@link dev.parley.privacy.statistics.MaskedCounts} show only their sum over many sites. Neither carries noise, until
 * federated analytics under differential privacy takes their place.
 */
@NullMarked
package dev.parley.privacy.statistics;

import org.jspecify.annotations.NullMarked;
