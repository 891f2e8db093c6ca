package dev.parley.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** {@code parley privacy audit} as a script reads it, on a hundred canaries. */
class AuditCommandTest {
    private static CommandOutput audit(String... more) {
        String[] arguments = new String[more.length + 6];
        System.arraycopy(new String[] {"privacy", "audit", "--canaries", "100", "--guesses", "40"}, 0, arguments, 0, 6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return CommandOutput.of(arguments);
    }

    @Test
    void saysWhatIsClaimedAndWhatIsProved() throws Exception {
        CommandOutput output = audit("--json");
        assertEquals(0, output.exitCode(), output.error());
        JsonNode answer = new ObjectMapper().readTree(output.out());
        assertEquals(40, answer.get("guesses").asInt());
        assertTrue(answer.get("least").asDouble() < answer.get("claimed").asDouble(), output.out());
        assertEquals(output.out(), audit("--json").out(), "seed 1 twice");
    }

    @Test
    void whatIsRefutedWithoutNoiseIsNoFailure() {
        CommandOutput output = audit("--noise", "off", "--epsilon", "1");
        assertEquals(0, output.exitCode(), output.error());
        assertTrue(output.out().contains("the attack shows it"), output.out());
    }

    @Test
    void guessesThatCannotBeAreWrongInput() {
        CommandOutput output = CommandOutput.of("privacy", "audit", "--guesses", "301");
        assertEquals(2, output.exitCode());
        assertTrue(output.error().contains("even number of guesses"), output.error());
    }
}
