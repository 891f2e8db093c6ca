package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageHarmonisationTest {
    private static final String WHERE = "records.csv row 3 (line 4), column file";

    /** @param pixels row-major, channels together */
    private record Picture(int width, int height, int channels, float[] pixels) implements PixelRows {
        @Override
        public void read(int y, int x, int count, float[] into) {
            System.arraycopy(pixels, (y * width + x) * channels, into, 0, count * channels);
        }
    }

    static byte[] written(BufferedImage image, String format) throws IOException {
        var bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, bytes));
        return bytes.toByteArray();
    }

    static BufferedImage noise(int width, int height, int type, long seed) {
        var random = new SplittableRandom(seed);
        var image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, random.nextInt() | 0xff000000);
            }
        }
        return image;
    }

    private static RowFault refused(byte[] bytes) {
        return assertThrows(RowFault.class, () -> StoredImage.decode(bytes, 1, WHERE));
    }

    @Test
    void greyKeepsItsValuesWithoutAColourConversion() throws Exception {
        var image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            image.getRaster().setSample(i % 16, i / 16, 0, i);
        }

        float[] pixels = SquareResize.apply(StoredImage.decode(written(image, "png"), 1, WHERE), 16);

        for (int i = 0; i < 256; i++) {
            assertEquals(i / 255f, pixels[i]);
        }
    }

    @Test
    void sixteenBitsStaySixteenBits() throws Exception {
        var image = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
        for (int i = 0; i < 16; i++) {
            image.getRaster().setSample(i % 4, i / 4, 0, 30_000 + i);
        }

        float[] pixels = SquareResize.apply(StoredImage.decode(written(image, "png"), 1, WHERE), 4);

        for (int i = 0; i < 16; i++) {
            assertEquals((30_000 + i) / 65_535f, pixels[i]);
        }
    }

    @Test
    void coloursAreLumaInGreyAndChannelMajorInRgb() throws Exception {
        var image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xff0000);
        image.setRGB(1, 0, 0x00ff00);
        image.setRGB(0, 1, 0x0000ff);
        image.setRGB(1, 1, 0xffffff);
        byte[] png = written(image, "png");

        float[] grey = SquareResize.apply(StoredImage.decode(png, 1, WHERE), 2);
        float[] rgb = SquareResize.apply(StoredImage.decode(png, 3, WHERE), 2);

        assertArrayEquals(new float[] {0.299f, 0.587f, 0.114f, 1}, grey, 1e-6f);
        assertArrayEquals(new float[] {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1}, rgb);
    }

    @Test
    void whatIsTransparentLiesOnBlackAndPalettesAreFollowed() throws Exception {
        var transparent = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        transparent.setRGB(0, 0, 0x80ffffff);
        var palette = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_INDEXED);
        palette.setRGB(0, 0, 0xffffff);
        var bilevel = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_BINARY);
        bilevel.setRGB(0, 0, 0xffffff);

        assertEquals(
                128 / 255f, SquareResize.apply(StoredImage.decode(written(transparent, "png"), 1, WHERE), 1)[0], 1e-6f);
        assertEquals(1f, SquareResize.apply(StoredImage.decode(written(palette, "png"), 1, WHERE), 1)[0], 1e-6f);
        assertEquals(1f, SquareResize.apply(StoredImage.decode(written(bilevel, "png"), 1, WHERE), 1)[0], 1e-6f);
    }

    @Test
    void readsJpegInGreyAndColour() throws Exception {
        var grey = new BufferedImage(32, 48, BufferedImage.TYPE_BYTE_GRAY);
        var colour = new BufferedImage(32, 48, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 48; y++) {
            for (int x = 0; x < 32; x++) {
                grey.getRaster().setSample(x, y, 0, 100);
                colour.setRGB(x, y, 0xc86432);
            }
        }

        float[] one = SquareResize.apply(StoredImage.decode(written(grey, "jpg"), 1, WHERE), 8);
        float[] three = SquareResize.apply(StoredImage.decode(written(colour, "jpg"), 3, WHERE), 8);

        assertEquals(100 / 255f, one[9], 0.02f);
        assertEquals(0xc8 / 255f, three[9], 0.02f);
        assertEquals(0x64 / 255f, three[64 + 9], 0.02f);
        assertEquals(0x32 / 255f, three[128 + 9], 0.02f);
    }

    @Test
    void noCutOfAPngGoesThrough() throws Exception {
        byte[] png = written(noise(24, 24, BufferedImage.TYPE_BYTE_GRAY, 1), "png");

        for (int length = 0; length < png.length; length++) {
            RowFault fault = refused(Arrays.copyOf(png, length));
            assertTrue(fault.getMessage().startsWith(WHERE + ": expected "), fault.getMessage());
        }
    }

    @Test
    void noCutOfAJpegGoesThrough() throws Exception {
        byte[] jpeg = written(noise(40, 40, BufferedImage.TYPE_BYTE_GRAY, 2), "jpg");

        // Without its very last byte the end marker is gone, but no pixel is.
        for (int length = 0; length < jpeg.length - 2; length++) {
            RowFault fault = refused(Arrays.copyOf(jpeg, length));
            assertTrue(fault.getMessage().startsWith(WHERE + ": expected "), "cut at " + length);
        }
    }

    @Test
    void aChangedBitOfAPngIsNoticed() throws Exception {
        byte[] png = written(noise(24, 24, BufferedImage.TYPE_INT_RGB, 3), "png");
        png[png.length / 2] ^= 4;

        assertEquals(RowFault.Rule.UNREADABLE_IMAGE, refused(png).rule());
    }

    @Test
    void dimensionsAreCheckedBeforeAPixelIsDecoded() throws Exception {
        byte[] png = written(noise(8, 8, BufferedImage.TYPE_BYTE_GRAY, 4), "png");
        ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
        var crc = new CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());

        RowFault fault = refused(png);

        assertEquals(RowFault.Rule.IMAGE_DIMENSIONS, fault.rule());
        assertTrue(fault.getMessage().endsWith("got 60000 x 60000"), fault.getMessage());
    }

    @Test
    void anotherFormIsRefused() throws Exception {
        assertEquals(
                RowFault.Rule.IMAGE_FORMAT,
                refused(written(noise(8, 8, BufferedImage.TYPE_INT_RGB, 5), "gif"))
                        .rule());
        assertEquals(RowFault.Rule.IMAGE_FORMAT, refused(new byte[0]).rule());
    }

    @Property(tries = 300, seed = "20261125")
    void anEvenPictureStaysEven(
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 70) int height,
            @ForAll @IntRange(min = 1, max = 40) int size) {
        float[] pixels = new float[width * height];
        Arrays.fill(pixels, 0.37f);

        for (float pixel : SquareResize.apply(new Picture(width, height, 1, pixels), size)) {
            assertEquals(0.37f, pixel, 1e-6f);
        }
    }

    @Property(tries = 200, seed = "20261125")
    void theMeanOfASquareStays(
            @ForAll @IntRange(min = 1, max = 60) int side, @ForAll @IntRange(min = 1, max = 60) int size) {
        float[] pixels = new float[side * side];
        var random = new SplittableRandom(side * 1000L + size);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble();
        }

        float[] resized = SquareResize.apply(new Picture(side, side, 1, pixels), size);

        assertEquals(mean(pixels), mean(resized), 1e-5);
        if (side == size) {
            assertArrayEquals(pixels, resized);
        }
    }

    @Test
    void theCentreOfAnOblongPictureIsTaken() {
        float[] pixels = {0, 0.25f, 0.5f, 0.75f, 1, 1};

        assertArrayEquals(new float[] {0.5f}, SquareResize.apply(new Picture(5, 1, 1, pixels), 1));
        assertArrayEquals(new float[] {0.25f}, SquareResize.apply(new Picture(1, 3, 1, pixels), 1));
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
