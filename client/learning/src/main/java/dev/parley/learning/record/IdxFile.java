package dev.parley.learning.record;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A file of unsigned bytes in the IDX format of MNIST (two zero bytes, type 8, number of dimensions, each dimension as
 * a big-endian 32-bit number, the bytes), read from start to end; gzip is recognised by its first bytes. Every size is
 * checked before memory is taken, and bytes behind the last are refused.
 */
final class IdxFile implements AutoCloseable {
    private static final int UNSIGNED_BYTE = 8;
    private static final int BUFFER = 1 << 16;

    private final String name;
    private final InputStream bytes;
    private final int[] dimensions;

    private IdxFile(String name, InputStream bytes, int[] dimensions) {
        this.name = name;
        this.bytes = bytes;
        this.dimensions = dimensions;
    }

    /** @param expectedDimensions 3 for images, 1 for labels */
    static IdxFile open(Path file, int expectedDimensions) throws DatasetException {
        String name = String.valueOf(file.getFileName());
        try {
            InputStream bytes = unpacked(file);
            try {
                return new IdxFile(name, bytes, header(name, bytes, expectedDimensions));
            } catch (IOException | DatasetException e) {
                bytes.close();
                throw e;
            }
        } catch (EOFException e) {
            throw new DatasetException(name + ": expected a header of " + (4 + 4 * expectedDimensions)
                    + " bytes in IDX format, got a shorter file");
        } catch (IOException e) {
            throw new DatasetException(
                    name + ": cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private static InputStream unpacked(Path file) throws IOException {
        BufferedInputStream stored = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        try {
            stored.mark(2);
            boolean packed = stored.read() == 0x1f && stored.read() == 0x8b;
            stored.reset();
            return packed ? new BufferedInputStream(new GZIPInputStream(stored, BUFFER), BUFFER) : stored;
        } catch (IOException e) {
            stored.close();
            throw e;
        }
    }

    private static int[] header(String name, InputStream bytes, int expectedDimensions)
            throws IOException, DatasetException {
        int magic = ByteBuffer.wrap(exactly(bytes, 4)).getInt();
        int expected = UNSIGNED_BYTE << 8 | expectedDimensions;
        if (magic != expected) {
            throw new DatasetException(name + ": expected an IDX file of unsigned bytes with " + expectedDimensions
                    + " dimensions (magic number " + expected + "), got magic number " + magic);
        }
        int[] dimensions = new int[expectedDimensions];
        ByteBuffer sizes = ByteBuffer.wrap(exactly(bytes, 4 * expectedDimensions));
        long total = 1;
        for (int i = 0; i < expectedDimensions; i++) {
            dimensions[i] = sizes.getInt();
            if (dimensions[i] <= 0 || dimensions[i] > Limits.IDX_PIXELS / total) {
                throw new DatasetException(name + ": expected positive dimensions of at most " + Limits.IDX_PIXELS
                        + " bytes in all, got " + dimensions[i] + " as dimension " + (i + 1));
            }
            total *= dimensions[i];
        }
        return dimensions;
    }

    private static byte[] exactly(InputStream bytes, int count) throws IOException {
        byte[] read = bytes.readNBytes(count);
        if (read.length < count) {
            throw new EOFException();
        }
        return read;
    }

    String name() {
        return name;
    }

    int dimension(int i) {
        return dimensions[i];
    }

    /** The next bytes. */
    void read(byte[] into) throws DatasetException {
        try {
            if (bytes.readNBytes(into, 0, into.length) == into.length) {
                return;
            }
        } catch (IOException e) {
            throw new DatasetException(name + ": expected whole gzip data, got an error while unpacking ("
                    + e.getClass().getSimpleName() + "); is the file complete?");
        }
        throw tooShort();
    }

    /** To be called behind the last byte that the header announces. */
    void requireEnd() throws DatasetException {
        try {
            if (bytes.read() < 0) {
                return;
            }
        } catch (IOException e) {
            throw tooShort();
        }
        throw new DatasetException(name + ": expected the file to end where its header says, got more bytes");
    }

    private DatasetException tooShort() {
        return new DatasetException(name + ": expected as many bytes as its header says, got fewer; is it complete?");
    }

    @Override
    public void close() throws DatasetException {
        try {
            bytes.close();
        } catch (IOException e) {
            throw new DatasetException(
                    name + ": cannot be read: " + e.getClass().getSimpleName());
        }
    }
}
