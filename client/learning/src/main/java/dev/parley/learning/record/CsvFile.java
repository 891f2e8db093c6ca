package dev.parley.learning.record;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file by RFC 4180 with a header row, read once from start to end: comma, double quotes, UTF-8 with or without
 * byte order mark, empty lines skipped. Bytes that are not UTF-8, a quoted cell that is not closed, a column named
 * twice and anything above {@link Limits} fail the file, because the rows after it cannot be trusted.
 */
final class CsvFile implements AutoCloseable {
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private final String name;
    private final CsvReader<CsvRecord> reader;
    private final QuoteCounter characters;
    private final Iterator<CsvRecord> rows;
    private final Map<String, Integer> header = new LinkedHashMap<>();
    private long row;

    /** A column of the header. */
    record Column(String name, int index) {}

    /** Cells of one row. */
    record Row(Place place, CsvRecord cells, int expectedCells) {
        /** A row with other cells than the header has is shifted: none of its cells may be read. */
        void requireAllCells() throws RowFault {
            if (cells.getFieldCount() != expectedCells) {
                throw new RowFault(
                        RowFault.Rule.CELL_COUNT,
                        place.toString(),
                        expectedCells + " cells as in the header",
                        String.valueOf(cells.getFieldCount()));
            }
        }

        /** The cell without surrounding white space. */
        String cell(Column column) {
            return cells.getField(column.index()).strip();
        }

        String where(Column column) {
            return place.inColumn(column.name());
        }

        /** Never the cells. */
        @Override
        public String toString() {
            return place.toString();
        }
    }

    private CsvFile(String name, Reader source) throws IOException {
        this.name = name;
        this.characters = new QuoteCounter(source);
        this.reader = CsvReader.builder()
                .skipEmptyLines(true)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .build(
                        CsvRecordHandler.of(limits -> limits.maxFields(Limits.CSV_COLUMNS)
                                .maxFieldSize(Limits.CELL_CHARACTERS)
                                .maxRecordSize(Limits.ROW_CHARACTERS)),
                        characters);
        this.rows = reader.iterator();
    }

    /** @param name relative to the folder, as the manifest gives it */
    static CsvFile open(DataFolder folder, String name) throws DatasetException {
        Path file = folder.named(name, Limits.CSV_BYTES);
        CsvFile csv;
        try {
            csv = new CsvFile(name, withoutByteOrderMark(Files.newInputStream(file)));
        } catch (IOException e) {
            throw new DatasetException(
                    name + ": cannot be read: " + e.getClass().getSimpleName());
        }
        try {
            csv.readHeader();
            return csv;
        } catch (DatasetException e) {
            csv.close();
            throw e;
        }
    }

    private static Reader withoutByteOrderMark(InputStream bytes) throws IOException {
        PushbackReader text = new PushbackReader(new BufferedReader(new InputStreamReader(
                bytes,
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT))));
        try {
            int first = text.read();
            if (first != BYTE_ORDER_MARK && first >= 0) {
                text.unread(first);
            }
        } catch (CharacterCodingException e) {
            // The parser meets the same bytes and says where.
            return text;
        }
        return text;
    }

    private void readHeader() throws DatasetException {
        CsvRecord cells = nextRecord();
        if (cells == null) {
            throw new DatasetException(name + ": expected a header row, got an empty file");
        }
        for (int i = 0; i < cells.getFieldCount(); i++) {
            if (header.put(cells.getField(i).strip(), i) != null) {
                throw new DatasetException(name + ": expected each column of the header once, got the name of column "
                        + (i + 1) + " twice; is the header row missing?");
            }
        }
    }

    /**
     * A column that the manifest names.
     *
     * @param key the manifest's key, for the message
     */
    Column column(String column, String key) throws DatasetException {
        Integer index = header.get(column);
        if (index != null) {
            return new Column(column, index);
        }
        String near = header.keySet().stream()
                .filter(candidate -> alike(candidate).equals(alike(column)))
                .findFirst()
                .map(candidate -> "; nearly the same is '" + candidate + "'")
                .orElse("");
        throw new DatasetException(name + ": expected a column '" + column + "' (" + key
                + " of the manifest), got a header of " + header.size() + " columns without it" + near);
    }

    private static String alike(String column) {
        return column.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    }

    /** The next row, or null after the last. */
    @Nullable
    Row next() throws DatasetException {
        CsvRecord cells = nextRecord();
        if (cells == null) {
            if (characters.quotes % 2 != 0) {
                throw new DatasetException(
                        name + ": expected every quoted cell to be closed, got an odd number of quotes ("
                                + characters.quotes + "); a quote inside a cell is written as two, in a quoted cell");
            }
            return null;
        }
        row++;
        return new Row(new Place(name, row, cells.getStartingLineNumber()), cells, header.size());
    }

    private @Nullable CsvRecord nextRecord() throws DatasetException {
        try {
            return rows.hasNext() ? rows.next() : null;
        } catch (CsvParseException e) {
            throw new DatasetException(name + " after row " + row + ": expected CSV by RFC 4180 with cells of at most "
                    + Limits.CELL_CHARACTERS + " characters, got something else (unclosed quote, text after a quote?)");
        } catch (UncheckedIOException e) {
            String got =
                    e.getCause() instanceof CharacterCodingException ? "bytes that are not" : "an error of reading";
            throw new DatasetException(name + " after row " + row + ": expected text in UTF-8, got " + got);
        }
    }

    @Override
    public void close() throws DatasetException {
        try {
            reader.close();
        } catch (IOException e) {
            throw new DatasetException(
                    name + ": cannot be read: " + e.getClass().getSimpleName());
        }
    }

    /** Counts the quotes that pass: there is an even number of them, and the parser does not say when one is open. */
    private static final class QuoteCounter extends FilterReader {
        private long quotes;

        QuoteCounter(Reader in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int c = super.read();
            quotes += c == '"' ? 1 : 0;
            return c;
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            for (int i = offset; i < offset + count; i++) {
                quotes += buffer[i] == '"' ? 1 : 0;
            }
            return count;
        }
    }
}
