package dev.parley.server.audit;

import dev.parley.server.registry.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What a log asks of a disk; the seam at which tests let it fail. */
interface LogDisk {
    /**
     * Writes files that nothing points to yet, and their names. When it returns they survive a loss of power; if it
     * fails, any of them may be there, whole or in part.
     */
    void write(Path folder, Map<String, byte[]> files) throws IOException;

    /** Replaces one file as a whole; afterwards it survives a loss of power. */
    void replace(Path file, byte[] bytes) throws IOException;

    /** The disk of this computer. */
    LogDisk REAL = new LogDisk() {
        @Override
        public void write(Path folder, Map<String, byte[]> files) throws IOException {
            Set<Path> names = new LinkedHashSet<>();
            for (var file : files.entrySet()) {
                Path target = folder.resolve(file.getKey());
                Path parent = folder.resolve(file.getKey()).getParent();
                for (Path above = parent;
                        above != null && !above.equals(folder.getParent());
                        above = above.getParent()) {
                    boolean isNew = !Files.isDirectory(above);
                    if (isNew || above.equals(parent)) {
                        names.add(above);
                    }
                    if (isNew && above.getParent() != null) {
                        names.add(above.getParent());
                    }
                }
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                try (FileChannel channel = FileChannel.open(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
                    ByteBuffer left = ByteBuffer.wrap(file.getValue());
                    while (left.hasRemaining()) {
                        channel.write(left);
                    }
                    channel.force(true);
                }
            }
            for (Path each : names) {
                DurableFiles.forceFolder(each);
            }
        }

        @Override
        public void replace(Path file, byte[] bytes) throws IOException {
            DurableFiles.write(file, bytes);
        }
    };
}
