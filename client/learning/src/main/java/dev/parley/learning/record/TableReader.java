package dev.parley.learning.record;

import dev.parley.learning.record.ModalitySource.TableColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Columns of numbers, or of words that stand for numbers. A table without any value is missing. */
final class TableReader implements ModalityReader {
    private final TableColumns source;
    private final List<CsvFile.Column> columns;

    private TableReader(TableColumns source, List<CsvFile.Column> columns) {
        this.source = source;
        this.columns = columns;
    }

    static TableReader open(TableColumns source, ModalitySource.Opening opening, String key) throws DatasetException {
        List<CsvFile.Column> columns = new ArrayList<>();
        for (TableColumns.Column column : source.columns()) {
            columns.add(opening.records().column(column.column(), key + ".columns"));
        }
        return new TableReader(source, columns);
    }

    @Override
    public Modality modality() {
        return source.modality();
    }

    @Override
    public String step() {
        return source.modality().name() + ": converted to the declared units, range checked";
    }

    @Override
    public @Nullable ModalityValue read(Identified row) throws RowFault {
        float[] values = new float[columns.size()];
        boolean[] observed = new boolean[columns.size()];
        boolean any = false;
        for (int i = 0; i < values.length; i++) {
            TableColumns.Column declared = source.columns().get(i);
            CsvFile.Column column = columns.get(i);
            if (NumberCell.missing(row.row().cell(column))) {
                continue;
            }
            double value = declared.conversion().apply(stored(declared, row.row(), column));
            NumberCell.requireInRange(declared.channel(), value, row.row(), column);
            values[i] = declared.channel().scaled(value);
            observed[i] = true;
            any = true;
        }
        return any ? new ModalityValue.Table(values, observed) : null;
    }

    private static double stored(TableColumns.Column declared, CsvFile.Row row, CsvFile.Column column) throws RowFault {
        if (declared.values().isEmpty()) {
            return NumberCell.read(row, column);
        }
        String cell = row.cell(column);
        Double value = declared.values().get(cell);
        if (value == null) {
            throw new RowFault(
                    RowFault.Rule.UNKNOWN_VALUE,
                    row.where(column),
                    "one of " + new TreeSet<>(declared.values().keySet()),
                    RowFault.shown(cell));
        }
        return value;
    }
}
