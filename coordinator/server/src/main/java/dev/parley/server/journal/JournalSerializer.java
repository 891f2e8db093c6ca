package dev.parley.server.journal;

import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Events and snapshots as Pekko's journal keeps them: the manifest is their version. */
public final class JournalSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 7_100_001;
    private static final String EVENT = "event-1";
    private static final String SNAPSHOT = "snapshot-1";

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object value) {
        return switch (value) {
            case JournalEvent event -> EVENT;
            case JournalSnapshot snapshot -> SNAPSHOT;
            default -> throw foreign(value.getClass().getName());
        };
    }

    @Override
    public byte[] toBinary(Object value) {
        return switch (value) {
            case JournalEvent event -> EventMessages.write(event);
            case JournalSnapshot snapshot -> SnapshotMessages.write(snapshot);
            default -> throw foreign(value.getClass().getName());
        };
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        return switch (manifest) {
            case EVENT -> EventMessages.read(bytes);
            case SNAPSHOT -> SnapshotMessages.read(bytes);
            default -> throw foreign(manifest);
        };
    }

    private static IllegalArgumentException foreign(String what) {
        return new IllegalArgumentException("the journal of this version holds " + EVENT + " and " + SNAPSHOT + ", got "
                + what + "; a newer coordinator may have written it");
    }
}
