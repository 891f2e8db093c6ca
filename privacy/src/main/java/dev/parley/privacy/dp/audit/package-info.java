/**
 * What an attack proves about a claim: from how often guesses were right to the least epsilon that the attacked mechanism can
 * have. The opposite of an accountant, which proves the most that it can have; between the two lies the truth.
 *
 * <p>What may not enter: attacks, models, records, randomness. Counts come in, a bound comes out.
 */
@NullMarked
package dev.parley.privacy.dp.audit;

import org.jspecify.annotations.NullMarked;
