package dev.parley.privacy.transparency.event;

import dev.parley.privacy.transparency.Base64Text;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSigner;
import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * An in-toto statement in a DSSE envelope (version 1.0.2), signed with the log's key over the envelope's
 * pre-authentication encoding, which no note's text begins like.
 *
 * @param payload the statement's bytes
 * @param signature Ed25519
 */
public record SignedStatement(byte[] payload, int keyId, byte[] signature) {
    private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

    public SignedStatement {
        payload = payload.clone();
        signature = signature.clone();
    }

    public static SignedStatement sign(byte[] payload, NoteSigner signer) {
        return new SignedStatement(payload, signer.key().id(), signer.signMessage(encoded(payload)));
    }

    /** Whether the key has signed it. */
    public boolean isSignedBy(NoteKey key) {
        return keyId == key.id() && key.verifies(encoded(payload), signature);
    }

    /** DSSE's PAE. */
    private static byte[] encoded(byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** The envelope, canonical; {@link ContentHash} of these bytes is the manifest's name. */
    public byte[] toBytes() {
        return toJson().toBytes();
    }

    JsonValue toJson() {
        return new FieldWriter()
                .text("payload", Base64Text.encode(payload))
                .text("payloadType", PAYLOAD_TYPE)
                .put(
                        "signatures",
                        new JsonValue.ListOf(List.of(new FieldWriter()
                                .text("keyid", HexFormat.of().toHexDigits(keyId))
                                .text("sig", Base64Text.encode(signature))
                                .done())))
                .done();
    }

    public ContentHash hash() {
        return ContentHash.of(toBytes());
    }

    /** @throws IllegalArgumentException if the bytes are not a canonical envelope of a statement with one signature */
    public static SignedStatement parse(byte[] bytes) {
        return read(JsonValue.parse(bytes));
    }

    static SignedStatement read(JsonValue json) {
        FieldReader reader = new FieldReader("envelope", json);
        if (!reader.text("payloadType").equals(PAYLOAD_TYPE)) {
            throw new IllegalArgumentException("envelope.payloadType is not " + PAYLOAD_TYPE);
        }
        List<JsonValue> signatures = reader.list("signatures");
        if (signatures.size() != 1) {
            throw new IllegalArgumentException("an envelope has one signature, got " + signatures.size());
        }
        FieldReader signature = new FieldReader("signature", signatures.getFirst());
        String keyId = signature.text("keyid");
        if (!keyId.matches("[0-9a-f]{8}")) {
            throw new IllegalArgumentException("signature.keyid is not 8 hexadecimal digits");
        }
        return reader.done(signature.done(new SignedStatement(
                bytes(reader.text("payload"), "envelope.payload"),
                HexFormat.fromHexDigits(keyId),
                bytes(signature.text("sig"), "signature.sig"))));
    }

    private static byte[] bytes(String base64, String what) {
        return Base64Text.decode(base64)
                .orElseThrow(() -> new IllegalArgumentException(what + " is not base64 in its one form"));
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof SignedStatement that && java.util.Arrays.equals(toBytes(), that.toBytes());
    }

    @Override
    public int hashCode() {
        return hash().hashCode();
    }
}
