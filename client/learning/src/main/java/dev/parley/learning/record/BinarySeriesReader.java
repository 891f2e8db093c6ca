package dev.parley.learning.record;

import dev.parley.learning.record.ModalitySource.BinarySeries;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Windows of a headerless binary file, channel-major, found by their 0-based index in a column of the records file. */
final class BinarySeriesReader implements ModalityReader {
    private static final ValueLayout.OfShort INT16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final BinarySeries source;
    private final CsvFile.Column index;
    private final MemorySegment bytes;
    private final long windowBytes;

    private BinarySeriesReader(BinarySeries source, CsvFile.Column index, MemorySegment bytes, long windowBytes) {
        this.source = source;
        this.index = index;
        this.bytes = bytes;
        this.windowBytes = windowBytes;
    }

    static BinarySeriesReader open(BinarySeries source, ModalitySource.Opening opening, String key)
            throws DatasetException {
        CsvFile.Column index = opening.records().column(source.indexColumn(), key + ".source.index");
        Path file = opening.folder().named(source.file(), Limits.BINARY_BYTES);
        long windowBytes = (long) source.storedChannels()
                * source.storedSteps()
                * source.format().bytes();
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size % windowBytes != 0) {
                throw new DatasetException(source.file() + ": expected a multiple of " + windowBytes + " bytes ("
                        + source.storedChannels() + " channels x " + source.storedSteps() + " steps x "
                        + source.format().bytes() + " bytes, " + key + ".source), got " + size
                        + " bytes; is the file complete, and its form as declared?");
            }
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, opening.arena());
            return new BinarySeriesReader(source, index, bytes, windowBytes);
        } catch (IOException e) {
            throw new DatasetException(
                    source.file() + ": cannot be read: " + e.getClass().getSimpleName());
        }
    }

    @Override
    public Modality modality() {
        return source.modality();
    }

    @Override
    public String step() {
        return source.modality().name() + ": linear resampling from " + source.storedRateHertz() + " to "
                + source.modality().rateHertz() + " Hz";
    }

    @Override
    public @Nullable ModalityValue read(Identified identified) throws RowFault {
        CsvFile.Row row = identified.row();
        if (NumberCell.missing(row.cell(index))) {
            return null;
        }
        long window = window(row);
        Modality.Series series = source.modality();
        int channels = series.channels().size();
        float[] values = new float[channels * series.steps()];
        boolean[] observed = new boolean[values.length];
        double[] stored = new double[source.storedSteps()];
        for (int c = 0; c < channels; c++) {
            Channel channel = series.channels().get(c);
            readStored(row, window, c, stored);
            for (int t = 0; t < series.steps(); t++) {
                double value = LinearResampling.at(stored, t * source.storedRateHertz() / series.rateHertz());
                if (!Double.isNaN(value)) {
                    values[c * series.steps() + t] = channel.scaled(value);
                    observed[c * series.steps() + t] = true;
                }
            }
        }
        return new ModalityValue.Series(values, observed);
    }

    private long window(CsvFile.Row row) throws RowFault {
        double value = NumberCell.read(row, index);
        long count = bytes.byteSize() / windowBytes;
        if (value != Math.rint(value) || value < 0 || value >= count) {
            throw new RowFault(
                    RowFault.Rule.WINDOW_INDEX,
                    row.where(index),
                    "a window of " + source.file() + ", a whole number from 0 to " + (count - 1),
                    NumberCell.shown(value));
        }
        return (long) value;
    }

    /** Fills {@code stored} with one channel of a window, in the channel's unit. */
    private void readStored(CsvFile.Row row, long window, int c, double[] stored) throws RowFault {
        Channel channel = source.modality().channels().get(c);
        UnitConversion conversion = source.conversions().get(c);
        int width = source.format().bytes();
        long at = window * windowBytes + (long) source.at().get(c) * source.storedSteps() * width;
        for (int t = 0; t < stored.length; t++, at += width) {
            double raw = switch (source.format()) {
                case INT16_LE -> bytes.get(INT16, at);
                case FLOAT32_LE -> bytes.get(FLOAT32, at);
            };
            double value = conversion.apply(raw);
            if (!NumberCell.inRange(channel, value)) {
                String where = row.where(index) + " (" + source.file() + " window " + window + ", channel "
                        + channel.name() + ", step " + t + ")";
                throw Double.isNaN(value)
                        ? new RowFault(RowFault.Rule.NAN_IN_SERIES, where, "a number", "NaN")
                        : NumberCell.outOfRange(channel, value, where);
            }
            stored[t] = value;
        }
    }
}
