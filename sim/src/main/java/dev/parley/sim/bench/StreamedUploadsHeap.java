package dev.parley.sim.bench;

import dev.parley.privacy.secagg.mask.RingModulus;
import dev.parley.privacy.secagg.mask.RingSum;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How much heap a coordinator needs to add uploads that lie in files: one sum, whatever their number. */
final class StreamedUploadsHeap {
    private static final int PIECE_BYTES = 64 << 10;
    private static final int READINGS = 5;

    private StreamedUploadsHeap() {}

    /**
     * Highest use of the heap above what was in use before, collected and read at {@value #READINGS} uploads or more, each
     * halfway through one.
     *
     * @param distinct uploads, read over and over until {@code count} have been added
     */
    static long peakBytes(List<byte[]> distinct, int length, RingModulus modulus, int count) throws IOException {
        Path folder = Files.createTempDirectory("parley-bench-uploads");
        List<Path> files = new ArrayList<>();
        try {
            for (byte[] upload : distinct) {
                files.add(Files.write(folder.resolve("upload-" + files.size()), upload));
            }
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
            int halfway = distinct.getFirst().length / 2;
            long idle = usedBytes();
            long peak = idle;
            RingSum sum = new RingSum(length, modulus);
            for (int i = 0; i < count; i++) {
                boolean read = i % Math.ceilDiv(count, READINGS) == 0;
                peak = Math.max(peak, add(files.get(i % files.size()), piece, sum, read ? halfway : Long.MAX_VALUE));
            }
            Reference.reachabilityFence(sum);
            return peak - idle;
        } finally {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        }
    }

    /** Adds one upload and gives the heap in use once {@code readAt} bytes have gone in, or 0. */
    private static long add(Path file, ByteBuffer piece, RingSum sum, long readAt) throws IOException {
        RingSum.Addition addition = sum.begin();
        long used = 0;
        long added = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(piece.clear()) >= 0) {
                added += piece.flip().remaining();
                addition.feed(piece);
                if (added >= readAt && used == 0) {
                    used = usedBytes();
                }
            }
        }
        addition.finish();
        return used;
    }

    private static long usedBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
