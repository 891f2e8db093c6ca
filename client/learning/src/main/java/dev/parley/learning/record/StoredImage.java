package dev.parley.learning.record;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A decoded PNG or JPEG. Samples are read from the raster, not through a colour conversion, so 16 bits stay 16 bits and
 * grey keeps its values. Transparent pixels lie on black; grey of a colour image is its luma (Rec. 601). The width and
 * height are checked in the header before a pixel is decoded. An orientation tag of a camera is not followed.
 */
final class StoredImage implements PixelRows {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
    private static final float RED = 0.299f;
    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    private final Raster raster;
    private final ColorModel colours;
    private final int channels;
    private final int bands;
    private final int[] samples;

    private StoredImage(BufferedImage image, int channels) {
        this.raster = image.getRaster();
        this.colours = image.getColorModel();
        this.channels = channels;
        this.bands = raster.getNumBands();
        this.samples = new int[image.getWidth() * bands];
    }

    /**
     * Decodes an image.
     *
     * @param channels 1 or 3
     * @param where for errors
     */
    static StoredImage decode(byte[] bytes, int channels, String where) throws RowFault {
        boolean png = startsWith(bytes, PNG);
        if (!png && !startsWith(bytes, JPEG)) {
            throw new RowFault(RowFault.Rule.IMAGE_FORMAT, where, "a PNG or JPEG file", "a file of another form");
        }
        if (png) {
            requireWholePng(bytes, where);
        }
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(png ? "png" : "jpeg");
        if (!readers.hasNext()) {
            throw new IllegalStateException("this Java has no reader of " + (png ? "PNG" : "JPEG") + " images");
        }
        ImageReader reader = readers.next();
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            long width = reader.getWidth(0);
            long height = reader.getHeight(0);
            if (width * height > Limits.IMAGE_PIXELS || Math.max(width, height) > Limits.IMAGE_SIDE) {
                throw new RowFault(
                        RowFault.Rule.IMAGE_DIMENSIONS,
                        where,
                        "at most " + Limits.IMAGE_PIXELS + " pixels, and " + Limits.IMAGE_SIDE + " along a side",
                        width + " x " + height);
            }
            boolean[] damaged = new boolean[1];
            reader.addIIOReadWarningListener((source, warning) -> damaged[0] |= !png && damages(warning));
            BufferedImage image = reader.read(0);
            if (damaged[0]) {
                throw unreadable(where, "a damaged or truncated one");
            }
            return new StoredImage(image, channels);
        } catch (IOException | RuntimeException e) {
            // The decoders answer malformed files with exceptions of many kinds.
            throw unreadable(
                    where, "one that cannot be decoded (" + e.getClass().getSimpleName() + ")");
        } finally {
            reader.dispose();
        }
    }

    /** The JPEG decoder fills up what is missing and only warns; warnings about profiles and tags lose no pixel. */
    private static boolean damages(String warning) {
        return warning.contains("Premature") || warning.contains("Corrupt") || warning.contains("EOI");
    }

    private static RowFault unreadable(String where, String got) {
        return new RowFault(RowFault.Rule.UNREADABLE_IMAGE, where, "a whole, readable image", got);
    }

    private static boolean startsWith(byte[] bytes, byte[] magic) {
        return bytes.length >= magic.length && java.util.Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /** The platform's decoder does not look at checksums, nor for the end. */
    private static void requireWholePng(byte[] bytes, String where) throws RowFault {
        ByteBuffer file = ByteBuffer.wrap(bytes).position(PNG.length);
        int end = 'I' << 24 | 'E' << 16 | 'N' << 8 | 'D';
        int type;
        do {
            if (file.remaining() < 12) {
                throw unreadable(where, "a PNG that ends before its last chunk");
            }
            int length = file.getInt();
            if (length < 0 || length > file.remaining() - 8) {
                throw unreadable(where, "a PNG that ends inside a chunk");
            }
            CRC32 crc = new CRC32();
            crc.update(bytes, file.position(), 4 + length);
            type = file.getInt();
            file.position(file.position() + length);
            if (file.getInt() != (int) crc.getValue()) {
                throw unreadable(where, "a PNG chunk with a wrong checksum");
            }
        } while (type != end);
    }

    @Override
    public int width() {
        return raster.getWidth();
    }

    @Override
    public int height() {
        return raster.getHeight();
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public void read(int y, int x, int count, float[] into) {
        raster.getPixels(x, y, count, 1, samples);
        if (colours instanceof IndexColorModel palette) {
            for (int i = 0; i < count; i++) {
                int rgb = palette.getRGB(samples[i]);
                float opaque = (rgb >>> 24) / 255f / 255f;
                put(into, i, (rgb >> 16 & 0xff) * opaque, (rgb >> 8 & 0xff) * opaque, (rgb & 0xff) * opaque);
            }
            return;
        }
        float most = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
        boolean transparent = bands == 2 || bands == 4;
        for (int i = 0; i < count; i++) {
            int at = i * bands;
            float opaque = transparent ? samples[at + bands - 1] / most : 1;
            float first = samples[at] / most * opaque;
            if (bands < 3) {
                put(into, i, first);
            } else {
                put(into, i, first, samples[at + 1] / most * opaque, samples[at + 2] / most * opaque);
            }
        }
    }

    private void put(float[] into, int i, float grey) {
        for (int c = 0; c < channels; c++) {
            into[i * channels + c] = Math.min(1, grey);
        }
    }

    private void put(float[] into, int i, float red, float green, float blue) {
        if (channels == 1) {
            put(into, i, RED * red + GREEN * green + BLUE * blue);
            return;
        }
        into[i * channels] = Math.min(1, red);
        into[i * channels + 1] = Math.min(1, green);
        into[i * channels + 2] = Math.min(1, blue);
    }
}
