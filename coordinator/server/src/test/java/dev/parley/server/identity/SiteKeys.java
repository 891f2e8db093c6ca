package dev.parley.server.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A site's key pair and the certificate requests that an agent, or an attacker, makes with it. */
public record SiteKeys(KeyPair pair) {
    public static SiteKeys onCurve(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return new SiteKeys(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static SiteKeys fresh() {
        return onCurve("secp256r1");
    }

    public byte[] request() {
        return requestSignedBy(this, "SHA256withECDSA");
    }

    /** A request for this public key that someone else's private key signs. */
    public byte[] requestSignedBy(SiteKeys signer, String algorithm) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=ignored"), pair.getPublic())
                    .build(new JcaContentSignerBuilder(algorithm).build(signer.pair.getPrivate()))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }
}
