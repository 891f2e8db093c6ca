package dev.parley.learning.record;

import dev.parley.learning.record.ModalitySource.CsvSeries;
import dev.parley.learning.record.ModalitySource.CsvSeries.Layout;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measurements of a long or wide CSV file, matched to the step grid of their record. The file is read once when it is
 * opened; a measurement that breaks a rule is held against its record.
 */
final class CsvSeriesReader implements ModalityReader {
    /** Room for the rounding of a decimal rate such as 0.000277778, as a share of a step. */
    private static final double ROUNDING = 1e-3;

    private final CsvSeries source;
    private final Map<String, StepGrid> grids = new HashMap<>();
    private final Map<String, RowFault> faults = new HashMap<>();

    /** Values of one record; those of later measurements stay where two meet. */
    private static final class StepGrid {
        final float[] values;
        final boolean[] observed;
        /** Of the measurement that stays, from its step, in seconds. */
        final float[] lateness;

        StepGrid(int cells) {
            values = new float[cells];
            observed = new boolean[cells];
            lateness = new float[cells];
        }
    }

    private CsvSeriesReader(CsvSeries source) {
        this.source = source;
    }

    static CsvSeriesReader open(CsvSeries source, ModalitySource.Opening opening) throws DatasetException {
        Modality.Series series = source.modality();
        long cells = (long) series.channels().size()
                * series.steps()
                * opening.recordIds().size();
        if (cells > Limits.GRID_CELLS) {
            throw new DatasetException(source.file() + ": expected at most " + Limits.GRID_CELLS
                    + " cells (records x channels x steps), got " + cells
                    + "; declare fewer steps or split the records");
        }
        CsvSeriesReader reader = new CsvSeriesReader(source);
        try (CsvFile csv = CsvFile.open(opening.folder(), source.file())) {
            reader.readAll(csv, opening);
        }
        return reader;
    }

    @Override
    public Modality modality() {
        return source.modality();
    }

    @Override
    public String step() {
        return source.modality().name() + ": matched to steps at "
                + source.modality().rateHertz() + " Hz within " + source.toleranceSeconds() + " s";
    }

    @Override
    public @Nullable ModalityValue read(Identified row) throws RowFault {
        RowFault fault = faults.get(row.id());
        if (fault != null) {
            throw fault;
        }
        StepGrid grid = grids.get(row.id());
        return grid == null ? null : new ModalityValue.Series(grid.values, grid.observed);
    }

    private void readAll(CsvFile csv, ModalitySource.Opening opening) throws DatasetException {
        String key = "modalities." + source.modality().name() + ".source";
        CsvFile.Column record = csv.column(source.recordColumn(), key + ".record");
        CsvFile.Column time = csv.column(source.timeColumn(), key + ".time");
        RowParser parser = parser(csv, key);
        boolean rows = false;
        boolean known = false;
        for (CsvFile.Row row = csv.next(); row != null; row = csv.next()) {
            rows = true;
            String id;
            try {
                row.requireAllCells();
                id = row.cell(record);
            } catch (RowFault e) {
                throw new DatasetException(String.valueOf(e.getMessage()));
            }
            known |= opening.allIds().contains(id);
            if (!opening.recordIds().contains(id)) {
                continue;
            }
            try {
                parser.read(row, id, NumberCell.read(row, time) * source.secondsPerUnit());
            } catch (RowFault e) {
                faults.putIfAbsent(id, e);
            }
        }
        if (rows && !known) {
            throw new DatasetException(source.file() + ": expected measurements of records in column "
                    + source.recordColumn() + " (" + key + ".record), got no row whose id is in the records file");
        }
        parser.requireKnownChannel();
    }

    /** Reads the measurements of one row. */
    private interface RowParser {
        void read(CsvFile.Row row, String id, double seconds) throws RowFault;

        void requireKnownChannel() throws DatasetException;
    }

    private RowParser parser(CsvFile csv, String key) throws DatasetException {
        return switch (source.layout()) {
            case Layout.RowPerMeasurement rows ->
                new LongRows(
                        csv.column(rows.channelColumn(), key + ".channel"),
                        csv.column(rows.valueColumn(), key + ".value"));
            case Layout.ColumnPerChannel wide -> {
                CsvFile.Column[] columns = new CsvFile.Column[source.from().size()];
                for (int c = 0; c < columns.length; c++) {
                    columns[c] = csv.column(
                            source.from().get(c),
                            "modalities." + source.modality().name() + ".channels");
                }
                yield new WideRows(columns);
            }
        };
    }

    private final class LongRows implements RowParser {
        private final CsvFile.Column channel;
        private final CsvFile.Column value;
        private boolean rows;
        private boolean known;

        LongRows(CsvFile.Column channel, CsvFile.Column value) {
            this.channel = channel;
            this.value = value;
        }

        @Override
        public void read(CsvFile.Row row, String id, double seconds) throws RowFault {
            rows = true;
            int c = source.from().indexOf(row.cell(channel));
            if (c >= 0) {
                known = true;
                place(row, value, id, c, seconds);
            }
        }

        /** A site may lack a channel, and its file may have more; but none in common is a wrong manifest. */
        @Override
        public void requireKnownChannel() throws DatasetException {
            if (rows && !known) {
                throw new DatasetException(source.file() + ": expected channels named " + source.from() + " in column "
                        + channel.name() + ", got none of them in any row; see 'from' of the manifest's channels");
            }
        }
    }

    private final class WideRows implements RowParser {
        private final CsvFile.Column[] columns;

        WideRows(CsvFile.Column[] columns) {
            this.columns = columns;
        }

        @Override
        public void read(CsvFile.Row row, String id, double seconds) throws RowFault {
            for (int c = 0; c < columns.length; c++) {
                place(row, columns[c], id, c, seconds);
            }
        }

        @Override
        public void requireKnownChannel() {}
    }

    private void place(CsvFile.Row row, CsvFile.Column column, String id, int c, double seconds) throws RowFault {
        String cell = row.cell(column);
        if (cell.isEmpty() || cell.equalsIgnoreCase("NA")) {
            return;
        }
        Modality.Series series = source.modality();
        long step = Math.clamp(Math.round(seconds * series.rateHertz()), 0, series.steps() - 1);
        double late = seconds - step / series.rateHertz();
        if (Math.abs(late) > source.toleranceSeconds() + ROUNDING / series.rateHertz()) {
            return;
        }
        if (cell.equalsIgnoreCase("NaN")) {
            throw new RowFault(RowFault.Rule.NAN_IN_SERIES, row.where(column), "a number or an empty cell", "NaN");
        }
        double value = source.conversions().get(c).apply(NumberCell.read(row, column));
        Channel channel = series.channels().get(c);
        NumberCell.requireInRange(channel, value, row, column);
        int cells = series.channels().size() * series.steps();
        StepGrid grid = grids.computeIfAbsent(id, absent -> new StepGrid(cells));
        int at = (int) (c * (long) series.steps() + step);
        if (!grid.observed[at] || (float) late >= grid.lateness[at]) {
            grid.observed[at] = true;
            grid.values[at] = channel.scaled(value);
            grid.lateness[at] = (float) late;
        }
    }
}
