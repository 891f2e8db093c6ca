package dev.parley.server.identity;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * A PKCS#10 request whose sender has proven to hold the private key, an EC P-256 one. Everything else that the request
 * says (subject, extensions) is ignored: the authority writes the name.
 */
public final class CertificateRequest {
    /** A P-256 request takes about 300 bytes; extensions that we ignore may add to it. */
    public static final int MAX_BYTES = 8 << 10;

    private final SubjectPublicKeyInfo publicKey;

    private CertificateRequest(SubjectPublicKeyInfo publicKey) {
        this.publicKey = publicKey;
    }

    /** @throws RefusedException if it is not DER, not P-256, or not signed by its own key */
    public static CertificateRequest parse(byte[] der) throws RefusedException {
        if (der.length > MAX_BYTES) {
            throw new RefusedException("it has " + der.length + " bytes, at most " + MAX_BYTES);
        }
        PKCS10CertificationRequest request;
        SubjectPublicKeyInfo key;
        ASN1ObjectIdentifier curve;
        try {
            request = new PKCS10CertificationRequest(der);
            key = request.getSubjectPublicKeyInfo();
            if (!X9ObjectIdentifiers.id_ecPublicKey.equals(key.getAlgorithm().getAlgorithm())) {
                throw new RefusedException("its key is not an elliptic-curve key; make an EC P-256 (secp256r1) key");
            }
            curve = key.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier named ? named : null;
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            throw new RefusedException("it is not a PKCS#10 request in DER form");
        }
        if (!SECObjectIdentifiers.secp256r1.equals(curve)) {
            throw new RefusedException("its key is on another curve; make an EC P-256 (secp256r1) key");
        }
        try {
            if (request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                return new CertificateRequest(key);
            }
        } catch (OperatorCreationException | PKCSException | RuntimeException e) {
            // The library throws for encodings that it cannot even try; to the sender it is the same fault.
            throw new RefusedException(
                    "its signature cannot be verified with its own key; sign with ECDSA and SHA-256");
        }
        throw new RefusedException("its signature does not match its own key: the sender must hold the private key");
    }

    SubjectPublicKeyInfo publicKey() {
        return publicKey;
    }

    /** The request breaks a rule; the message says which and what to do. */
    public static final class RefusedException extends Exception {
        RefusedException(String rule) {
            super("the certificate request is refused: " + rule);
        }
    }
}
