package dev.parley.learning.record;

import org.jspecify.annotations.Nullable;

/** A text column through {@link SharedTokenizer}. A text without a word is missing. */
final class TextReader implements ModalityReader {
    private final Modality.Text modality;
    private final CsvFile.Column column;

    TextReader(Modality.Text modality, CsvFile.Column column) {
        this.modality = modality;
        this.column = column;
    }

    @Override
    public Modality modality() {
        return modality;
    }

    @Override
    public String step() {
        return modality.name() + ": de-identified by rules, NFKC, lower case, hashed words";
    }

    @Override
    public @Nullable ModalityValue read(Identified row) throws RowFault {
        String text = row.row().cell(column);
        if (text.length() > Limits.TEXT_CHARACTERS) {
            throw new RowFault(
                    RowFault.Rule.TEXT_LENGTH,
                    row.row().where(column),
                    "at most " + Limits.TEXT_CHARACTERS + " characters",
                    String.valueOf(text.length()));
        }
        ModalityValue.Text encoded = SharedTokenizer.encode(modality, text);
        return encoded.tokens().length == 0 ? null : encoded;
    }
}
