package dev.parley.learning.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Loads a pair of IDX files: images and their labels in the same order. */
final class IdxRecords {
    private static final float WHITE = 255f;

    private IdxRecords() {}

    /**
     * One outcome for each image, in file order.
     *
     * @param classes label byte i is class i
     */
    static List<Outcome> load(DataFolder folder, RecordSource.IdxPair source, int classes) throws DatasetException {
        Modality.Image modality = source.modality();
        SiteRecord.Consent consent = new SiteRecord.Consent.Granted(source.purposes());
        try (IdxFile images = IdxFile.open(folder.matching(source.images(), Limits.IDX_PIXELS), 3);
                IdxFile labels = IdxFile.open(folder.matching(source.labels(), Limits.IDX_PIXELS), 1)) {
            int count = images.dimension(0);
            if (labels.dimension(0) != count || count > Limits.RECORDS) {
                throw new DatasetException(folder + ": expected a label for each image, at most " + Limits.RECORDS
                        + ", got " + count + " images and " + labels.dimension(0) + " labels");
            }
            byte[] label = new byte[count];
            labels.read(label);
            labels.requireEnd();
            BytePicture picture = new BytePicture(images.dimension(2), images.dimension(1), modality.channels());
            List<String> steps = List.of(ImageFileReader.step(modality));
            List<Outcome> outcomes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                images.read(picture.bytes);
                if (label[i] < 0 || label[i] >= classes) {
                    outcomes.add(new Outcome.Refused(unknownLabel(labels.name(), i, label[i], classes)));
                    continue;
                }
                String id = "r" + i;
                outcomes.add(new Outcome.Loaded(new SiteRecord(
                        id,
                        id,
                        source.site(),
                        null,
                        Map.of(modality.name(), new ModalityValue.Image(SquareResize.apply(picture, modality.size()))),
                        label[i],
                        consent,
                        new SiteRecord.Provenance(new Place(images.name(), i + 1L, 0).toString(), steps))));
            }
            images.requireEnd();
            return outcomes;
        }
    }

    private static RowFault unknownLabel(String file, int i, byte label, int classes) {
        return new RowFault(
                RowFault.Rule.UNKNOWN_LABEL,
                new Place(file, i + 1L, 0).toString(),
                "a label from 0 to " + (classes - 1),
                String.valueOf(label & 0xff));
    }

    /** One grey image of bytes. */
    private static final class BytePicture implements PixelRows {
        private final int width;
        private final int height;
        private final int channels;
        private final byte[] bytes;

        BytePicture(int width, int height, int channels) {
            this.width = width;
            this.height = height;
            this.channels = channels;
            this.bytes = new byte[width * height];
        }

        @Override
        public int width() {
            return width;
        }

        @Override
        public int height() {
            return height;
        }

        @Override
        public int channels() {
            return channels;
        }

        @Override
        public void read(int y, int x, int count, float[] into) {
            for (int i = 0; i < count; i++) {
                float grey = (bytes[y * width + x + i] & 0xff) / WHITE;
                for (int c = 0; c < channels; c++) {
                    into[i * channels + c] = grey;
                }
            }
        }
    }
}
