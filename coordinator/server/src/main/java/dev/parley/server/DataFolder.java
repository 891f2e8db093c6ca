package dev.parley.server;

import dev.parley.server.audit.AuditLog;
import dev.parley.server.identity.CertificateAuthority;
import dev.parley.server.identity.CertificateLifetimes;
import dev.parley.server.identity.EnrolmentTokens;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;

/**
 * Where the coordinator keeps what it has: {@code authority/} (key and certificates), {@code tokens/}, {@code blobs/},
 * {@code spool/}, {@code counted/}, {@code database/} and {@code status.json}. Readable by the coordinator's user only.
 */
record DataFolder(Path root) {
    /** Opens the folder, creating it with mode 0700. */
    static DataFolder open(Path root) throws StartFailure {
        try {
            if (!Files.isDirectory(root)) {
                Path parent = root.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return new DataFolder(root);
        } catch (IOException e) {
            throw unusable(root, e);
        }
    }

    /** Keeps other coordinators out until the returned lock is closed. A crash of the process releases it. */
    AutoCloseable lock() throws StartFailure {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            closeQuietly(channel);
        } catch (IOException e) {
            throw unusable(root, e);
        }
        throw new StartFailure(
                ExitCode.DATA_FOLDER,
                "the data folder " + root + " is in use by another coordinator; stop that one or set another 'data'");
    }

    CertificateAuthority authority(CertificateLifetimes lifetimes, InstantSource clock) throws StartFailure {
        try {
            return CertificateAuthority.open(Files.createDirectories(root.resolve("authority")), lifetimes, clock);
        } catch (IOException e) {
            throw unusable(root, e);
        }
    }

    EnrolmentTokens tokens(InstantSource clock) throws StartFailure {
        try {
            return new EnrolmentTokens(root.resolve("tokens"), clock);
        } catch (IOException e) {
            throw unusable(root, e);
        }
    }

    /** The audit log; its key is beside its folder, which may be published as it is. */
    AuditLog audit(String name, InstantSource clock) throws StartFailure {
        try {
            return AuditLog.open(auditLog(), root.resolve("audit-key"), name, clock);
        } catch (IOException e) {
            throw unusable(root, e);
        }
    }

    Path auditLog() {
        return root.resolve("audit");
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    Path spool() {
        return root.resolve("spool");
    }

    Path counted() {
        return root.resolve("counted");
    }

    Path database() {
        return root.resolve("database");
    }

    Path status() {
        return root.resolve("status.json");
    }

    static StartFailure unusable(Path root, IOException cause) {
        return new StartFailure(
                ExitCode.DATA_FOLDER,
                "the data folder " + root + " cannot be used: "
                        + cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable FileChannel channel) throws StartFailure {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new StartFailure(ExitCode.DATA_FOLDER, "the data folder's lock file cannot be closed");
        }
    }
}
