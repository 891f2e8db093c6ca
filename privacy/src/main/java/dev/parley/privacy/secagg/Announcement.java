package dev.parley.privacy.secagg;

import dev.parley.privacy.secagg.key.DualSignature;
import dev.parley.privacy.secagg.key.EpochPublicKeys;
import dev.parley.privacy.secagg.key.PublicIdentity;
import dev.parley.privacy.secagg.key.SiteIdentityKey;
import dev.parley.privacy.update.ContentHash;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A site's keys for one epoch, signed with both keys of its identity (docs/SECURE_AGGREGATION.md, "Announcement").
 *
 * @param federation the federation that they are for
 * @param site the name under which the site is enrolled
 * @param epoch grows with each new set of keys of the site, at least 1
 */
public record Announcement(
        String federation,
        String site,
        long epoch,
        PublicIdentity identity,
        EpochPublicKeys keys,
        DualSignature signature) {
    /** Names are short; what is longer is not one. */
    private static final int MAX_NAME_BYTES = 63;

    private static final byte[] LABEL = "parley-secagg-v1/announcement\0".getBytes(StandardCharsets.US_ASCII);

    public Announcement {
        requireName(federation);
        requireName(site);
        if (epoch < 1) {
            throw new IllegalArgumentException("an epoch is at least 1, got " + epoch);
        }
    }

    private static void requireName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("a name has 1 to 63 bytes, got " + length);
        }
    }

    public static Announcement of(
            String federation, String site, long epoch, EpochPublicKeys keys, SiteIdentityKey identity) {
        byte[] statement = statement(federation, site, epoch, identity.identity(), keys);
        return new Announcement(federation, site, epoch, identity.identity(), keys, identity.sign(statement));
    }

    /** Whether both signatures are of the identity that it names. */
    public boolean isAuthentic() {
        return identity.verifies(statement(federation, site, epoch, identity, keys), signature);
    }

    private static byte[] statement(
            String federation, String site, long epoch, PublicIdentity identity, EpochPublicKeys keys) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(LABEL);
        writeName(out, federation);
        writeName(out, site);
        out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(epoch).array());
        out.writeBytes(identity.toBytes());
        out.writeBytes(keys.toBytes());
        return out.toByteArray();
    }

    private static void writeName(ByteArrayOutputStream out, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    /** Names with their lengths, epoch, identity, keys, signatures: what was signed without its label, then the signatures. */
    public byte[] toBytes() {
        byte[] statement = statement(federation, site, epoch, identity, keys);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(statement, LABEL.length, statement.length - LABEL.length);
        out.writeBytes(signature.toBytes());
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are not exactly one announcement */
    public static Announcement of(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            Announcement read = new Announcement(
                    name(in),
                    name(in),
                    in.getLong(),
                    PublicIdentity.of(part(in, PublicIdentity.SIZE_BYTES)),
                    EpochPublicKeys.of(part(in, EpochPublicKeys.SIZE_BYTES)),
                    DualSignature.of(part(in, DualSignature.SIZE_BYTES)));
            if (in.hasRemaining()) {
                throw new IllegalArgumentException(in.remaining() + " bytes follow the announcement");
            }
            return read;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the announcement is cut short at " + bytes.length + " bytes", e);
        }
    }

    private static String name(ByteBuffer in) {
        byte[] bytes = part(in, Byte.toUnsignedInt(in.get()));
        String name = new String(bytes, StandardCharsets.UTF_8);
        // What does not decode would be read as another name than the one that is signed.
        if (!Arrays.equals(bytes, name.getBytes(StandardCharsets.UTF_8))) {
            throw new IllegalArgumentException("a name is UTF-8, which " + bytes.length + " bytes are not");
        }
        return name;
    }

    private static byte[] part(ByteBuffer in, int size) {
        byte[] part = new byte[size];
        in.get(part);
        return part;
    }

    /** SHA-256 of {@link #toBytes}. */
    public ContentHash hash() {
        return ContentHash.of(toBytes());
    }
}
