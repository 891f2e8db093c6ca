package dev.parley.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes that a new user makes: one line that says what to do, exit code 2, no stack trace, nothing written. */
class WrongInputTest {
    @TempDir
    Path folder;

    private static String refused(String... arguments) {
        CommandOutput output = CommandOutput.of(arguments);
        assertEquals(2, output.exitCode(), output.error());
        assertEquals("", output.out());
        assertFalse(output.error().contains("\tat "), output.error());
        assertEquals(1, output.error().lines().count(), output.error());
        return output.error();
    }

    private static void says(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void anUnknownCommandOrScenarioOrOption() {
        says(refused("simulate"), "simulate", "--help");
        says(refused("sim"), "name a scenario", "hospital");
        says(refused("sim", "hospitl"), "no scenario 'hospitl'", "hospital, plant");
        says(refused("sim", "hospital", "--seeds", "3"), "--seeds", "./parley sim --help");
        says(refused("sim", "hospital", "--seed", "three"), "--seed", "three");
        says(refused("admin"), "not built yet", "#7");
    }

    @Test
    void numbersOutOfRange() {
        String out = folder.resolve("out").toString();
        says(refused("sim", "hospital", "--out", out, "--rounds", "0"), "federation.rounds", "'0'", "1 to");
        says(refused("sim", "hospital", "--out", out, "--sites", "9"), "--sites", "1 to 8", "9");
        says(refused("sim", "hospital", "--out", out, "--threads", "0"), "--threads", "0");
        says(
                refused(
                        "sim",
                        "hospital",
                        "--out",
                        folder.resolve("o2").toString(),
                        "--set",
                        "learning.optimizer.type=adam"),
                "learning.optimizer.type",
                "'adam'",
                "adamw, sgd");
    }

    @Test
    void privacyThatCannotBeAccounted() {
        String[] run = {"privacy", "epsilon", "--noise-multiplier", "1", "--steps", "10"};
        says(refused(with(run, "--sampling-rate", "2", "--delta", "1e-5")), "sampling rate", "2.0");
        says(refused(with(run, "--sampling-rate", "0.1", "--delta", "0")), "delta greater than 0");
        says(refused(with(run, "--sampling-rate", "0.1", "--delta", "1e-5", "--sampling", "shuffled")), "not Poisson");
        says(refused("privacy", "calibrate", "--epsilon", "1", "--delta", "1e-5"), "give two of");
    }

    private static String[] with(String[] words, String... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void aSumOverOneSite() {
        says(
                refused("sim", "hospital", "--out", folder.resolve("one").toString(), "--sites", "1"),
                "has 1 site in a round, expected at least 2",
                "would be that site's update");
        says(
                refused(
                        "sim",
                        "hospital",
                        "--out",
                        folder.resolve("drawn").toString(),
                        "--set",
                        "federation.participants=1"),
                "has 1 site in a round, expected at least 2",
                "or raise federation.participants");
        says(
                refused("up", "hospital", "--out", folder.resolve("up").toString(), "--sites", "1"),
                "expected at least 2");
    }

    @Test
    void recordsThatAreNotThere() {
        String out = folder.resolve("out").toString();
        says(refused("sim", "wearable", "--out", out), "--data DIR");
        says(
                refused(
                        "sim",
                        "wearable",
                        "--out",
                        out,
                        "--data",
                        folder.resolve("none").toString()),
                "is not a folder");
        says(refused("sim", "hospital-real", "--out", out, "--data", folder.toString()), "records.csv");
        says(refused("sim", "hospital", "--out", out, "--data", folder.toString()), "draws its own records");
        says(refused("sim", "hospital", "--out", out, "--eval", folder.toString()), "--eval");
    }

    @Test
    void anOutputFolderThatIsTaken() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "not to be overwritten");

        says(refused("sim", "hospital", "--out", folder.toString()), "not empty", "nothing was written");
        assertEquals(List.of("thesis.txt"), List.of(folder.toFile().list()));
    }
}
