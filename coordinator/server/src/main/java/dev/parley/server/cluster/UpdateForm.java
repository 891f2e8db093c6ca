package dev.parley.server.cluster;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.update.UpdateEncoding;
import dev.parley.rounds.RoundPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/**
 * The form of every update of one round. What does not have it is found out before the sum is touched: an addition that
 * fails halfway would spoil the sum for everyone.
 *
 * @param elements of the ring, packed without gaps
 */
record UpdateForm(int elements, RingModulus modulus) {
    static UpdateForm of(RoundPlan plan, int dimension) {
        UpdateEncoding encoding = plan.encoding(dimension);
        return new UpdateForm(encoding.length(), encoding.modulus());
    }

    int sizeBytes() {
        return modulus.packedSizeBytes(elements);
    }

    /** Why these bytes are no update of this form, if they are none. Leaves the channel at its beginning. */
    Optional<String> defect(SeekableByteChannel bytes) throws IOException {
        if (bytes.size() != sizeBytes()) {
            return Optional.of("an update of this round has " + sizeBytes() + " bytes, got " + bytes.size());
        }
        int usedBits = (int) ((long) elements * modulus.bits() % Byte.SIZE);
        ByteBuffer last = ByteBuffer.allocate(1);
        bytes.position(bytes.size() - 1);
        boolean read = bytes.read(last) == 1;
        bytes.position(0);
        return read && (usedBits == 0 || Byte.toUnsignedInt(last.get(0)) >>> usedBits == 0)
                ? Optional.empty()
                : Optional.of("the last byte of an update of this round has " + (Byte.SIZE - usedBits)
                        + " zero bits after its " + elements + " elements; they are not zero");
    }
}
