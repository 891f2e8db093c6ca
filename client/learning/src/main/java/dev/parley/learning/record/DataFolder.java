package dev.parley.learning.record;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder below which all files of a data set lie.
 *
 * <p><b>Guarantees</b>: a path that it gives out is a regular file whose real place, after symbolic links, is below the
 * folder. <b>Does not</b> protect against someone who swaps files of the folder while they are read.
 */
final class DataFolder {
    private final Path given;
    private final Path real;

    private DataFolder(Path given, Path real) {
        this.given = given;
        this.real = real;
    }

    static DataFolder open(Path folder) throws DatasetException {
        try {
            Path real = folder.toRealPath();
            if (Files.isDirectory(real)) {
                return new DataFolder(folder, real);
            }
        } catch (IOException e) {
            throw new DatasetException(folder + ": expected a folder of records, got nothing that can be opened ("
                    + e.getClass().getSimpleName() + ")");
        }
        throw new DatasetException(folder + ": expected a folder of records, got a file");
    }

    /** Why a path is not a usable file of the folder. */
    static final class UnusableFile extends Exception {
        private static final long serialVersionUID = 1;
        private final RowFault.Rule rule;
        private final String expected;
        private final String got;

        UnusableFile(RowFault.Rule rule, String expected, String got) {
            super(got, null, false, false);
            this.rule = rule;
            this.expected = expected;
            this.got = got;
        }

        RowFault at(String where) {
            return new RowFault(rule, where, expected, got);
        }
    }

    /** A file that the manifest names. */
    Path named(String name, long mostBytes) throws DatasetException {
        try {
            return file(name, mostBytes);
        } catch (UnusableFile e) {
            throw new DatasetException(given + ", file " + name + ": expected " + e.expected + ", got " + e.got);
        }
    }

    /** The one file that a glob in the manifest matches; subfolders are not searched. */
    Path matching(String glob, long mostBytes) throws DatasetException {
        List<String> found = new ArrayList<>();
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real)) {
            for (Path entry : entries) {
                if (matcher.matches(entry.getFileName())) {
                    found.add(entry.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw new DatasetException(
                    given + ": cannot be listed: " + e.getClass().getSimpleName());
        }
        if (found.size() != 1) {
            throw new DatasetException(
                    given + ": expected exactly one file that matches '" + glob + "', got " + found.size());
        }
        return named(found.getFirst(), mostBytes);
    }

    /** @param name relative to the folder; may come from a row */
    Path file(String name, long mostBytes) throws UnusableFile {
        Path relative;
        try {
            relative = Path.of(name);
        } catch (InvalidPathException e) {
            throw new UnusableFile(RowFault.Rule.UNSAFE_PATH, "a path", "something that is none");
        }
        if (relative.isAbsolute()) {
            throw new UnusableFile(RowFault.Rule.UNSAFE_PATH, "a path relative to the data folder", "an absolute path");
        }
        for (Path part : relative) {
            if (part.toString().equals("..")) {
                throw new UnusableFile(RowFault.Rule.UNSAFE_PATH, "a path inside the data folder", "one with '..'");
            }
        }
        try {
            Path file = real.resolve(relative).toRealPath();
            if (!file.startsWith(real)) {
                throw new UnusableFile(
                        RowFault.Rule.UNSAFE_PATH, "a file inside the data folder", "a link that leads out of it");
            }
            if (!Files.isRegularFile(file)) {
                throw new UnusableFile(RowFault.Rule.MISSING_FILE, "a regular file", "a folder or a special file");
            }
            long bytes = Files.size(file);
            if (bytes > mostBytes) {
                throw new UnusableFile(RowFault.Rule.FILE_SIZE, "at most " + mostBytes + " bytes", bytes + " bytes");
            }
            return file;
        } catch (NoSuchFileException e) {
            throw new UnusableFile(RowFault.Rule.MISSING_FILE, "a file that is there", "no such file");
        } catch (IOException e) {
            throw new UnusableFile(
                    RowFault.Rule.MISSING_FILE,
                    "a file that can be read",
                    e.getClass().getSimpleName());
        }
    }

    @Override
    public String toString() {
        return given.toString();
    }
}
