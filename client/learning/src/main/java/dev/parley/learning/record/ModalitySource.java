package dev.parley.learning.record;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the values of one modality lie, as the manifest declares it. */
sealed interface ModalitySource {
    Modality modality();

    /** An image file for each row. */
    record ImageFiles(Modality.Image modality, String fileColumn) implements ModalitySource {}

    /** A text for each row. */
    record TextColumn(Modality.Text modality, String column) implements ModalitySource {}

    /** Numbers in columns of the row. */
    record TableColumns(Modality.Table modality, List<Column> columns) implements ModalitySource {
        /** @param values what the cell's words stand for; empty for a column of numbers */
        record Column(Channel channel, String column, UnitConversion conversion, Map<String, Double> values) {}
    }

    /** @param at position of each channel in the stored window */
    record BinarySeries(
            Modality.Series modality,
            List<UnitConversion> conversions,
            List<Integer> at,
            String file,
            SampleFormat format,
            String indexColumn,
            int storedChannels,
            int storedSteps,
            double storedRateHertz)
            implements ModalitySource {
        enum SampleFormat {
            INT16_LE(2),
            FLOAT32_LE(4);

            private final int bytes;

            SampleFormat(int bytes) {
                this.bytes = bytes;
            }

            int bytes() {
                return bytes;
            }
        }
    }

    /**
     * @param from name of each channel in the file
     * @param secondsPerUnit of the time column
     * @param layout one row a measurement, or one column a channel
     */
    record CsvSeries(
            Modality.Series modality,
            List<UnitConversion> conversions,
            List<String> from,
            String file,
            String recordColumn,
            String timeColumn,
            double secondsPerUnit,
            double toleranceSeconds,
            Layout layout)
            implements ModalitySource {
        sealed interface Layout {
            record RowPerMeasurement(String channelColumn, String valueColumn) implements Layout {}

            record ColumnPerChannel() implements Layout {}
        }
    }

    /**
     * What the readers of one load share.
     *
     * @param records the records file, for its columns
     * @param recordIds of the rows that are loaded
     * @param allIds of all rows of the records file
     * @param arena holds mapped files until the load is over
     */
    record Opening(DataFolder folder, CsvFile records, Set<String> recordIds, Set<String> allIds, Arena arena) {}

    /** Opens the files of the modality and finds its columns. */
    default ModalityReader open(Opening opening) throws DatasetException {
        String key = "modalities." + modality().name();
        return switch (this) {
            case ImageFiles images ->
                new ImageFileReader(
                        images.modality(),
                        opening.records().column(images.fileColumn(), key + ".file"),
                        opening.folder());
            case TextColumn text ->
                new TextReader(text.modality(), opening.records().column(text.column(), key + ".column"));
            case TableColumns table -> TableReader.open(table, opening, key);
            case BinarySeries series -> BinarySeriesReader.open(series, opening, key);
            case CsvSeries series -> CsvSeriesReader.open(series, opening);
        };
    }
}
