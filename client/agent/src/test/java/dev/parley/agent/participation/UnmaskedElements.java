package dev.parley.agent.participation;

import dev.parley.privacy.secagg.key.SecretSeed;
import dev.parley.privacy.secagg.mask.MaskTerm;
import dev.parley.privacy.secagg.mask.OneTimeMask;
import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import dev.parley.privacy.update.EncodedUpdate;
import dev.parley.privacy.update.MaskedUpdate;
import java.security.SecureRandom;
import java.util.List;

/** Looks behind an encoded update as only a test can: under a mask whose seeds it keeps. */
final class UnmaskedElements {
    private UnmaskedElements() {}

    static int[] of(EncodedUpdate update, RingModulus modulus) {
        SecureRandom random = new SecureRandom();
        SecretSeed self = SecretSeed.random(random);
        SecretSeed pair = SecretSeed.random(random);
        MaskedUpdate masked = update.mask(OneTimeMask.of(self, List.of(new MaskTerm(pair, true))));
        RingSum sum = new RingSum(masked.length(), modulus);
        sum.add(masked.ring());
        sum.addMasks(List.of(new MaskTerm(self, false), new MaskTerm(pair, false)), 1);
        return sum.centred();
    }
}
