package dev.parley.privacy.secagg.key;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import javax.crypto.KEM;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * A site's key agreement keys for one epoch: X25519 (RFC 7748) and ML-KEM-768 (FIPS 203). They live in memory only, so
 * that what was sent in an epoch cannot be opened by who takes the machine in the next.
 */
public final class EpochKeys {
    /** Bytes of an encapsulation. */
    public static final int ENCAPSULATION_BYTES = PostQuantum.KEM_CIPHERTEXT_BYTES;

    private final byte[] x25519;
    private final PrivateKey mlKem;
    private final EpochPublicKeys publicKeys;

    private EpochKeys(byte[] x25519, PrivateKey mlKem, EpochPublicKeys publicKeys) {
        this.x25519 = x25519;
        this.mlKem = mlKem;
        this.publicKeys = publicKeys;
    }

    public static EpochKeys generate(SecureRandom random) {
        byte[] secret = new byte[X25519.SCALAR_SIZE];
        X25519.generatePrivateKey(random, secret);
        byte[] point = new byte[X25519.POINT_SIZE];
        X25519.generatePublicKey(secret, 0, point, 0);
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("ML-KEM");
            generator.initialize(NamedParameterSpec.ML_KEM_768, random);
            KeyPair pair = generator.generateKeyPair();
            return new EpochKeys(
                    secret, pair.getPrivate(), new EpochPublicKeys(point, PostQuantum.raw(pair.getPublic())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 platform has ML-KEM", e);
        }
    }

    public EpochPublicKeys publicKeys() {
        return publicKeys;
    }

    /** A secret shared with a peer, and what the peer needs to reach it too. */
    public record Encapsulated(PairSecret secret, byte[] encapsulation) {}

    /**
     * Agrees with a peer, as the one that encapsulates.
     *
     * @throws WeakKeyException if the peer's keys cannot give a secret
     */
    public Encapsulated encapsulate(EpochPublicKeys peer, SecureRandom random) throws WeakKeyException {
        requireKem(peer);
        byte[] agreed = agree(peer);
        try {
            KEM.Encapsulated kem = KEM.getInstance("ML-KEM-768")
                    .newEncapsulator(PostQuantum.kemKey(peer.mlKem()), random)
                    .encapsulate();
            byte[] encapsulation = kem.encapsulation();
            return new Encapsulated(PairSecret.of(agreed, kem.key().getEncoded(), encapsulation), encapsulation);
        } catch (GeneralSecurityException e) {
            throw new WeakKeyException("the peer's ML-KEM-768 key is not a key");
        } finally {
            Arrays.fill(agreed, (byte) 0);
        }
    }

    /**
     * Agrees with a peer that has encapsulated. An encapsulation that is not the peer's gives a secret that the peer does
     * not have (implicit rejection): whatever is sealed under it does not open.
     *
     * @throws WeakKeyException if the peer's keys, or the encapsulation, cannot give a secret
     */
    public PairSecret decapsulate(EpochPublicKeys peer, byte[] encapsulation) throws WeakKeyException {
        if (encapsulation.length != ENCAPSULATION_BYTES) {
            throw new WeakKeyException(
                    "an encapsulation has " + ENCAPSULATION_BYTES + " bytes, got " + encapsulation.length);
        }
        byte[] agreed = agree(peer);
        try {
            byte[] kem = KEM.getInstance("ML-KEM-768")
                    .newDecapsulator(mlKem)
                    .decapsulate(encapsulation)
                    .getEncoded();
            return PairSecret.of(agreed, kem, encapsulation);
        } catch (GeneralSecurityException e) {
            throw new WeakKeyException("the encapsulation is not one of ML-KEM-768");
        } finally {
            Arrays.fill(agreed, (byte) 0);
        }
    }

    private byte[] agree(EpochPublicKeys peer) throws WeakKeyException {
        byte[] agreed = new byte[X25519.POINT_SIZE];
        // False for points of low order, whose result everybody knows (RFC 7748, section 6.1).
        if (!X25519.calculateAgreement(x25519, 0, peer.x25519(), 0, agreed, 0)) {
            throw new WeakKeyException("the peer's X25519 key is of low order");
        }
        return agreed;
    }

    /** A key of zero coefficients hides nothing: the message would stand in the ciphertext. */
    private static void requireKem(EpochPublicKeys peer) throws WeakKeyException {
        byte[] key = peer.mlKem();
        int any = 0;
        for (int i = 0; i < PostQuantum.KEM_PUBLIC_BYTES - 32; i++) {
            any |= key[i];
        }
        if (any == 0) {
            throw new WeakKeyException("the peer's ML-KEM-768 key is zero");
        }
    }

    @Override
    public String toString() {
        return "EpochKeys[redacted]";
    }
}
