package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.mask.RingModulus;

/**
 * How a round hides each update inside the sum. Part of the plan, so every site sees it and may refuse. There is no form
 * without masks: what cannot be asked for cannot be asked for by mistake.
 *
 * @param modulus of the ring on which updates are encoded, masked and summed
 * @param terms of secure aggregation
 */
public record UpdateMasking(RingModulus modulus, SecureSumTerms terms) {}
