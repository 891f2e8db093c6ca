package dev.parley.learning.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Image files whose paths are a column of the records file. */
final class ImageFileReader implements ModalityReader {
    private final Modality.Image modality;
    private final CsvFile.Column column;
    private final DataFolder folder;

    ImageFileReader(Modality.Image modality, CsvFile.Column column, DataFolder folder) {
        this.modality = modality;
        this.column = column;
        this.folder = folder;
    }

    @Override
    public Modality modality() {
        return modality;
    }

    @Override
    public String step() {
        return step(modality);
    }

    static String step(Modality.Image modality) {
        return modality.name() + ": " + (modality.channels() == 1 ? "grey" : "RGB")
                + ", centre square, area average to " + modality.size() + "x" + modality.size();
    }

    @Override
    public @Nullable ModalityValue read(Identified row) throws RowFault {
        String name = row.row().cell(column);
        if (name.isEmpty()) {
            return null;
        }
        String where = row.row().where(column);
        byte[] bytes;
        try {
            Path file = folder.file(name, Limits.IMAGE_BYTES);
            bytes = Files.readAllBytes(file);
        } catch (DataFolder.UnusableFile e) {
            throw e.at(where);
        } catch (IOException e) {
            throw new RowFault(
                    RowFault.Rule.MISSING_FILE,
                    where,
                    "a file that can be read",
                    e.getClass().getSimpleName());
        }
        return new ModalityValue.Image(
                SquareResize.apply(StoredImage.decode(bytes, modality.channels(), where), modality.size()));
    }
}
