/**
 * Statistics that leave a site, in forms that are pooled by adding integers: of held-out records, and, under
 * differential privacy, of any.
 *
 * <p>{@link dev.parley.privacy.statistics.PrivateStatistics} makes
 * {@link dev.parley.privacy.statistics.PrivateStatistic}s: counted or summed exactly, given discrete Gaussian noise by
 * OpenDP or by Parley's own sampler ({@link dev.parley.privacy.statistics.IntegerMechanism}), each with its cost and
 * its interval.
 *
 * <p>What may not enter: networks, actors, tensors, records (numbers taken from records may).
 * {@link dev.parley.privacy.statistics.EvaluationCounts} are plain: whoever receives one site's can read them, and a
 * site that may not show its counts must refuse the evaluation. {@link dev.parley.privacy.statistics.MaskedCounts} show
 * only their sum over many sites. Neither carries noise.
 */
@NullMarked
package dev.parley.privacy.statistics;

import org.jspecify.annotations.NullMarked;
