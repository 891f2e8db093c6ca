package dev.parley.server.gateway;

import com.google.protobuf.ByteString;
import dev.parley.contract.v1.CoordinatorMessage;
import dev.parley.contract.v1.LogContinuation;
import dev.parley.contract.v1.LogCosignature;
import dev.parley.contract.v1.LogEntry;
import dev.parley.privacy.secagg.Announcement;
import dev.parley.privacy.transparency.NoteKey;
import dev.parley.privacy.transparency.NoteSignature;
import dev.parley.privacy.transparency.WitnessName;
import dev.parley.privacy.update.ContentHash;
import dev.parley.rounds.FederationName;
import dev.parley.rounds.RoundId;
import dev.parley.server.audit.AuditLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one site has been shown of the audit log on one stream: each checkpoint with the proof that it continues the one
 * before.
 */
final class LogView {
    private final AuditLog audit;
    private long shown;
    private long cosigned = -1;
    private @Nullable NoteKey witness;

    LogView(AuditLog audit) {
        this.audit = audit;
    }

    /** The site has seen another log than this one. */
    static final class OtherLogException extends Exception {
        OtherLogException(String message) {
            super(message);
        }
    }

    /**
     * The first message.
     *
     * @param announcement whose key cosigns
     * @param seen entries that the site says it has seen
     */
    synchronized CoordinatorMessage begin(Announcement announcement, long seen) throws IOException, OtherLogException {
        witness = WitnessName.keyOf(announcement.identity());
        shown = seen;
        try {
            return grow();
        } catch (IllegalArgumentException e) {
            throw new OtherLogException(
                    e.getMessage()
                            + ": its audit log was restored from an old copy or begun anew. Find out why before any site attaches");
        }
    }

    /** The log as it is now, after what was shown last. */
    synchronized CoordinatorMessage grow() throws IOException {
        AuditLog.Continuation continuation = audit.since(shown);
        shown = continuation.checkpoint().size();
        return CoordinatorMessage.newBuilder()
                .setLog(LogContinuation.newBuilder()
                        .setCheckpoint(ByteString.copyFrom(continuation.note().toBytes()))
                        .addAllConsistency(bytes(continuation.path())))
                .build();
    }

    /** A release's message with its entry in the log that was shown last. */
    synchronized CoordinatorMessage prove(CoordinatorMessage released, FederationName federation, RoundId round)
            throws IOException {
        Optional<AuditLog.ProvedEntry> entry = audit.release(federation.value(), round.round(), round.attempt(), shown);
        if (entry.isEmpty()) {
            return released; // the site will say what it thinks of a release without an entry
        }
        CoordinatorMessage.Builder proved = released.toBuilder();
        proved.getClosedBuilder()
                .getReleasedBuilder()
                .setLogEntry(LogEntry.newBuilder()
                        .setEntry(ByteString.copyFrom(entry.get().entry()))
                        .setIndex(entry.get().proof().index())
                        .addAllPath(bytes(entry.get().proof().path())));
        return proved.build();
    }

    synchronized void cosigned(LogCosignature cosignature) throws IOException, ContractReader.RefusedMessageException {
        NoteKey key = witness;
        Optional<NoteSignature> signature =
                NoteSignature.parse(cosignature.getSignature().toStringUtf8());
        if (key == null || signature.isEmpty() || !audit.cosigned(cosignature.getSize(), key, signature.get())) {
            throw new ContractReader.RefusedMessageException(
                    "a cosignature is of the last checkpoint that was shown, by the key of the site's announcement");
        }
        cosigned = Math.max(cosigned, cosignature.getSize());
    }

    /** Whether the site has cosigned what it was shown last. */
    synchronized boolean isCosigned() {
        return cosigned == shown;
    }

    private static List<ByteString> bytes(List<ContentHash> hashes) {
        return hashes.stream().map(hash -> ByteString.copyFrom(hash.bytes())).toList();
    }
}
