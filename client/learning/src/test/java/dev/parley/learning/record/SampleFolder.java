package dev.parley.learning.record;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small data folder with every kind of source, to be broken by a test. Each note holds {@link #CANARY}. */
final class SampleFolder {
    /** A word that may be in no message. */
    static final String CANARY = "Zanzibarquartz";

    static final int ROWS = 8;

    static final String MANIFEST = """
            format: parley-dataset-1
            classes: [well, ill]
            records: {csv: records.csv}
            columns:
              id: id
              subject: subject
              site: {column: site}
              label: {column: label, values: {'0': well, '1': ill}}
              time: {column: taken_at, offset-seconds: -90, uncertainty-seconds: 2.5}
            consent: {column: consent}
            modalities:
              scan: {type: image, file: file, channels: 1, size: 8}
              note: {type: text, column: note, vocabulary: 256, max-tokens: 16, wide-vocabulary: 512}
              labs:
                type: table
                columns:
                  - {name: age, unit: years, minimum: 0, maximum: 120}
                  - {name: temperature, column: fahrenheit, unit: degC, minimum: 30, maximum: 45, scale: 0.5, offset: -10}
                  - {name: sex, column: sex, unit: '1', minimum: 0, maximum: 1, values: {F: 0, M: 1}}
              motion:
                type: series
                source: {binary: motion.i16, format: int16-le, index: window, channels: 3, steps: 10, rate-hertz: 10}
                steps: 5
                rate-hertz: 5
                channels:
                  - {name: z, at: 2, scale: 0.01, unit: m/s2, minimum: -10, maximum: 10}
                  - {name: x, at: 0, scale: 0.01, unit: m/s2, minimum: -10, maximum: 10}
              heat:
                type: series
                source: {binary: heat.f32, format: float32-le, index: window, channels: 1, steps: 4, rate-hertz: 1}
                steps: 4
                rate-hertz: 1
                channels: [{name: core, at: 0, unit: degC, minimum: 0, maximum: 100}]
              vitals:
                type: series
                source: {long: vitals.csv, record: id, time: hours, time-unit: hours, channel: measure, value: value}
                tolerance-seconds: 900
                steps: 4
                rate-hertz: 0.000277778
                channels:
                  - {name: heart_rate, from: hr, unit: 1/min, minimum: 20, maximum: 250}
                  - {name: spo2, unit: '%', minimum: 0, maximum: 100}
              shake:
                type: series
                source: {wide: shake.csv, record: id, time: ms, time-unit: milliseconds}
                steps: 4
                rate-hertz: 10
                channels: [{name: v, from: volts, scale: 2, unit: mm/s, minimum: -20, maximum: 20}]
            split: {held-out: 0.25, seed: 5}
            """;

    private final Path folder;
    private String manifest = MANIFEST;

    SampleFolder(Path folder) throws IOException {
        this.folder = folder;
        StringBuilder records =
                new StringBuilder("id,subject,site,label,taken_at,consent,file,note,age,fahrenheit,sex,window\n");
        StringBuilder vitals = new StringBuilder("id,hours,measure,value\n");
        StringBuilder shake = new StringBuilder("id,ms,volts\n");
        Files.createDirectory(folder.resolve("images"));
        ByteBuffer motion = ByteBuffer.allocate(ROWS * 3 * 10 * 2).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer heat = ByteBuffer.allocate(ROWS * 4 * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ROWS; i++) {
            records.append(
                    "r%d,s%d,%s,%d,2026-01-31 08:30:00,research;care,images/%d.png,\"Dr %s, no fever\",%d,94,%s,%d%n"
                            .formatted(
                                    i,
                                    i / 2,
                                    i < 4 ? "north" : "south",
                                    i % 2,
                                    i,
                                    CANARY,
                                    50 + i,
                                    i % 2 == 0 ? "F" : "M",
                                    i));
            vitals.append("r%d,0,hr,70%nr%d,2,hr,80%nr%d,1,spo2,98%n".formatted(i, i, i));
            shake.append("r%d,0,1%nr%d,100,2%nr%d,200,%nr%d,300,4%n".formatted(i, i, i, i));
            for (int k = 0; k < 30; k++) {
                motion.putShort((short) (10 * k));
            }
            for (int k = 0; k < 4; k++) {
                heat.putFloat(20 + k);
            }
            var image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setSample(1, 0, 0, 51);
            Files.write(folder.resolve("images/" + i + ".png"), ImageHarmonisationTest.written(image, "png"));
        }
        Files.writeString(folder.resolve("records.csv"), records);
        Files.writeString(folder.resolve("vitals.csv"), vitals);
        Files.writeString(folder.resolve("shake.csv"), shake);
        Files.write(folder.resolve("motion.i16"), motion.array());
        Files.write(folder.resolve("heat.f32"), heat.array());
    }

    Path path(String file) {
        return folder.resolve(file);
    }

    SampleFolder manifest(String from, String to) {
        manifest = replaced("the manifest", manifest, from, to);
        return this;
    }

    void manifest(String whole) {
        manifest = whole;
    }

    SampleFolder change(String file, String from, String to) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(path, replaced(file, Files.readString(path), from, to));
        return this;
    }

    private static String replaced(String what, String text, String from, String to) {
        if (!text.contains(from)) {
            throw new IllegalArgumentException(what + " of the test has no '" + from + "'");
        }
        return text.replace(from, to);
    }

    DatasetManifest read() throws DatasetException {
        return DatasetManifest.parse("dataset.yaml", manifest, folder);
    }

    LoadedDataset load() throws DatasetException {
        return read().load(Strictness.QUARANTINE);
    }
}
