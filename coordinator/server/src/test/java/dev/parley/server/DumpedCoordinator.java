package dev.parley.server;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The coordinator's program in a process whose whole heap can be looked at. On its standard input it takes {@code dump FILE},
 * which writes every object, garbage too, and {@code plant FORM FILE}, which keeps in a form what is in a file. The file holds it
 * inverted, so that it is in memory in that form alone.
 */
public final class DumpedCoordinator {
    private static final List<Object> PLANTED = new ArrayList<>();

    private DumpedCoordinator() {}

    public static void main(String[] arguments) {
        Thread.ofPlatform().daemon().start(() -> System.exit(CoordinatorMain.execute(arguments)));
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                obey(line.split(" ", 3));
            }
        } catch (IOException e) {
            e.printStackTrace();
        }
        // The test is over, or gone.
        Runtime.getRuntime().halt(0);
    }

    private static void obey(String[] words) throws IOException {
        if (words[0].equals("dump")) {
            Path file = Path.of(words[1]);
            // It is there under its name when it is complete.
            Path written = Path.of(words[1] + ".part.hprof");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(written.toString(), false);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        ByteBuffer inverted = ByteBuffer.wrap(Files.readAllBytes(Path.of(words[2])));
        switch (words[1]) {
            case "bytes" -> {
                byte[] bytes = new byte[inverted.remaining()];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) ~inverted.get();
                }
                PLANTED.add(bytes);
            }
            case "ints" -> {
                int[] ints = new int[inverted.remaining() / Integer.BYTES];
                for (int i = 0; i < ints.length; i++) {
                    ints[i] = ~inverted.getInt();
                }
                PLANTED.add(ints);
            }
            case "floats" -> {
                float[] floats = new float[inverted.remaining() / Float.BYTES];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = Float.intBitsToFloat(~inverted.getInt());
                }
                PLANTED.add(floats);
            }
            default -> throw new IOException("plant " + words[1]);
        }
        Files.delete(Path.of(words[2]));
    }
}
