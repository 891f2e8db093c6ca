package dev.parley.privacy.opendp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Native memory does not grow with calls. Each probe runs in a Java of its own, whose compiler is the simple one and
 * has come to rest when measuring starts: a compiler at work takes megabytes from malloc and gives them back when it
 * likes.
 *
 * <p>{@code -Dparley.opendp.calls=1000000} makes as many calls as the acceptance asks for.
 */
@RequiresOpenDp
class OpenDpMemoryTest {
    private static final int CALLS_AT_LEAST = 200_000;
    private static final int CALLS =
            Math.max(CALLS_AT_LEAST, Integer.getInteger("parley.opendp.calls", CALLS_AT_LEAST));

    /** Rounds before measuring, for each round measured. */
    private static final int WARMING = 3;

    /**
     * The smallest object that a session makes takes more than this when it is not closed, and what is left of the
     * compiler's comings and goings, at {@value #CALLS_AT_LEAST} calls, less: 15 bytes a round measured, once -65.
     */
    private static final double BYTES_A_ROUND = 64;

    @Test
    void nativeMemoryStaysWhereItIs() throws Exception {
        double grown = grownARound("use");

        assertTrue(grown < BYTES_A_ROUND, () -> grown + " bytes a round");
    }

    @Test
    void theCriterionSeesOneSmallObjectThatIsNotClosed() throws Exception {
        double grown = grownARound("leak");

        assertTrue(grown > BYTES_A_ROUND, () -> grown + " bytes a round, with an object left open in each");
    }

    private static double grownARound(String round) throws IOException, InterruptedException {
        int rounds = CALLS / OpenDpMemoryProbe.CALLS_IN_A_ROUND;
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xbatch",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-D" + OpenDpLibrary.FOLDER_PROPERTY + "="
                                + OpenDpTesting.library().path().getParent(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OpenDpMemoryProbe.class.getName(),
                        round,
                        Integer.toString(WARMING * rounds),
                        Integer.toString(rounds))
                .redirectErrorStream(true)
                .start();
        String printed = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, probe.waitFor(), printed);
        System.out.printf(
                "OpenDP: native memory after %d calls (%s): %s bytes a round of %d calls%n",
                CALLS, round, printed.strip(), OpenDpMemoryProbe.CALLS_IN_A_ROUND);
        return Double.parseDouble(printed.strip());
    }
}
