package dev.parley.agent.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A site's key pair, EC P-256. The private half goes to the site's own disk and into TLS, nowhere else. */
public final class SiteKey {
    private final KeyPair pair;

    private SiteKey(KeyPair pair) {
        this.pair = pair;
    }

    /** A fresh one from the platform's secure random generator. */
    public static SiteKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return new SiteKey(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform makes EC P-256 keys", e);
        }
    }

    /** A PKCS#10 request in DER that proves possession of the key. It holds the public half only. */
    public byte[] certificateRequest(String site) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + site), pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("every Java platform signs with ECDSA and SHA-256", e);
        }
    }

    PublicKey publicKey() {
        return pair.getPublic();
    }

    PrivateKey secretKey() {
        return pair.getPrivate();
    }

    @Override
    public String toString() {
        return "SiteKey[redacted]";
    }
}
