package dev.parley.sim.world;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** One site's dataset as files. */
final class DatasetFolder {
    private static final String IMAGES = "images";

    private final Path folder;

    /** Creates the folder, and its folder of images, where they are absent. */
    DatasetFolder(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve(IMAGES));
    }

    /** A CSV file by RFC 4180, UTF-8, rows ended by LF. The caller closes it. */
    CsvWriter table(String name, String... header) throws IOException {
        CsvWriter writer = CsvWriter.builder()
                .lineDelimiter(LineDelimiter.LF)
                .build(Files.newBufferedWriter(folder.resolve(name), StandardCharsets.UTF_8));
        writer.writeRecord(header);
        return writer;
    }

    /** Writes a PNG file and returns its path relative to the folder. */
    String image(String id, BufferedImage image) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try (var stream = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(stream);
            writer.write(image);
        } finally {
            writer.dispose();
        }
        String name = IMAGES + "/" + id + ".png";
        Files.write(folder.resolve(name), bytes.toByteArray());
        return name;
    }

    void manifest(String yaml) throws IOException {
        Files.writeString(folder.resolve("dataset.yaml"), yaml);
    }

    /** A number with at most {@code decimals} digits after the point. */
    static String decimal(double value, int decimals) {
        long scale = 1;
        for (int i = 0; i < decimals; i++) {
            scale *= 10;
        }
        return BigDecimal.valueOf(Math.round(value * scale), decimals).toPlainString();
    }
}
