package dev.parley.agent;

import dev.parley.learning.record.Quarantine;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import java.nio.file.Path;
import java.util.List;

/**
 * A site's records as its manifest describes them.
 *
 * @param training to train on
 * @param heldOut to score released models on; of other subjects
 * @param quarantine the rows that break a rule and are in neither
 */
public record SiteData(
        RecordSchema schema, List<SiteRecord> training, List<SiteRecord> heldOut, Quarantine quarantine) {
    public SiteData {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
    }

    /** Records of which none was left out. */
    public SiteData(RecordSchema schema, List<SiteRecord> training, List<SiteRecord> heldOut) {
        this(schema, training, heldOut, Quarantine.NONE);
    }

    /** Reads the records of one site. */
    @FunctionalInterface
    public interface Reader {
        /**
         * @param manifest a {@code dataset.yaml}
         * @throws UnusableException if the manifest or a file breaks a rule
         */
        SiteData read(Path manifest) throws UnusableException;
    }

    /** The records cannot be used. The message is one line: file, row, column, rule; never a value of a record. */
    public static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1;

        public UnusableException(String message) {
            super(message);
        }
    }

    @Override
    public String toString() {
        return "SiteData[" + training.size() + " training, " + heldOut.size() + " held out]";
    }
}
