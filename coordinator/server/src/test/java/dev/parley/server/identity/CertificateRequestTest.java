package dev.parley.server.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CertificateRequestTest {
    @Test
    void acceptsAP256RequestSignedByItsOwnKey() throws Exception {
        SiteKeys keys = SiteKeys.fresh();

        CertificateRequest request = CertificateRequest.parse(keys.request());

        assertArrayEquals(
                keys.pair().getPublic().getEncoded(), request.publicKey().getEncoded());
    }

    @Test
    void refusesAnotherCurve() {
        assertRefused(SiteKeys.onCurve("secp384r1").request(), "another curve");
    }

    @Test
    void refusesAnRsaKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        SiteKeys rsa = new SiteKeys(generator.generateKeyPair());

        assertRefused(rsa.requestSignedBy(rsa, "SHA256withRSA"), "not an elliptic-curve key");
    }

    @Test
    void refusesASignatureOfAnotherKey() {
        assertRefused(
                SiteKeys.fresh().requestSignedBy(SiteKeys.fresh(), "SHA256withECDSA"), "does not match its own key");
    }

    @Test
    void refusesWhatIsTooLargeBeforeParsingIt() {
        assertRefused(new byte[CertificateRequest.MAX_BYTES + 1], "at most 8192");
    }

    @Test
    void neverThrowsAnythingElseForDamagedBytes() {
        byte[] good = SiteKeys.fresh().request();
        long seed = 20261124;
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
            assertThrows(
                    CertificateRequest.RefusedException.class,
                    () -> CertificateRequest.parse(damaged),
                    () -> "seed " + seed + ", bytes " + Arrays.toString(damaged));
        }
    }

    private static void assertRefused(byte[] request, String rule) {
        String message = assertThrows(
                        CertificateRequest.RefusedException.class, () -> CertificateRequest.parse(request))
                .getMessage();
        assertTrue(message.contains(rule), message);
    }
}
