package dev.parley.server.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlSectionTest {
    private static final String EXAMPLE = """
            rounds: 10
            rate: 0.25
            wait: 90 s
            kind: fast
            where: models/first.safetensors
            names: [a, b]
            nested:
              inner: 1_000
            """;

    private record Example(
            long rounds, double rate, Duration pause, int kind, Path where, List<String> names, long inner) {}

    private static Example read(String text) throws ConfigurationException {
        YamlSection root = YamlSection.parse("c.yaml", text);
        YamlSection nested = root.section("nested");
        Example example = new Example(
                root.integer("rounds", null, 1, 100),
                root.number("rate", 0.5, rate -> rate > 0 && rate <= 1, "a number above 0, at most 1"),
                root.duration("wait", Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofHours(1)),
                root.choice("kind", 1, Map.of("fast", 1, "slow", 2)),
                root.path("where", Path.of("/none"), Path.of("/etc/parley")),
                root.list("names", List.of(), 3, word -> {
                    if (word.length() > 1) {
                        throw new IllegalArgumentException("one letter");
                    }
                    return word;
                }),
                nested.integer("inner", 7L, 0, 5000));
        nested.refuseUnknownKeys();
        root.refuseUnknownKeys();
        return example;
    }

    @Test
    void readsTypedValues() throws Exception {
        assertEquals(
                new Example(
                        10,
                        0.25,
                        Duration.ofSeconds(90),
                        1,
                        Path.of("/etc/parley/models/first.safetensors"),
                        List.of("a", "b"),
                        1000),
                read(EXAMPLE));
    }

    @Test
    void takesDefaults() throws Exception {
        assertEquals(
                new Example(3, 0.5, Duration.ofSeconds(1), 1, Path.of("/none"), List.of(), 7), read("rounds: 3\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "rounds: 10 | rounds: 0 | c.yaml:1: rounds = 0: expected a whole number from 1 to 100",
                "rounds: 10 | rounds: ten | c.yaml:1: rounds = ten: expected a whole number from 1 to 100",
                "rounds: 10 | # gone | c.yaml:2: rounds: is missing and has no default",
                "rounds: 10 | rounds: [1] | c.yaml:1: rounds: expected one value, got a list",
                "rate: 0.25 | rate: 1.5 | c.yaml:2: rate = 1.5: expected a number above 0, at most 1",
                "rate: 0.25 | rate: .nan | c.yaml:2: rate = .nan: expected a number above 0",
                "rate: 0.25 | rate: 1e400 | c.yaml:2: rate = 1e400: expected a number above 0",
                "wait: 90 s | wait: 90 | c.yaml:3: wait = 90: expected a length of time from 1 s to 60 min",
                "wait: 90 s | wait: 2 h | c.yaml:3: wait = 2 h: expected a length of time from 1 s to 60 min",
                "kind: fast | kind: fats | (did you mean 'fast'?)",
                "kind: fast | kind: 7 | c.yaml:4: kind = 7: allowed are",
                "rounds: 10 | ruonds: 10 | c.yaml:1: rounds: is missing",
                "kind: fast | kidn: fast | c.yaml:4: kidn: unknown key (did you mean 'kind'?)",
                "kind: fast | zzzzzzzz: 1 | c.yaml:4: zzzzzzzz: unknown key; known here: kind, names",
                "names: [a, b] | names: [a, bb] | c.yaml:6: names = bb: one letter",
                "names: [a, b] | names: [a, b, c, d] | c.yaml:6: names: at most 3 entries",
                "names: [a, b] | names: a | c.yaml:6: names: expected a list",
                "inner: 1_000 | iner: 1 | c.yaml:8: nested.iner: unknown key (did you mean 'inner'?)",
                "inner: 1_000 | - 1 | c.yaml:8: nested: expected a nested block",
                "rate: 0.25 | rounds: 11 | c.yaml:2: rounds: the key is given twice",
                "kind: fast | kind: 'fast | c.yaml:9: not valid YAML",
            })
    void namesFileLineKeyValueAndRule(String line, String replacement, String expected) {
        String broken = EXAMPLE.replace(line, replacement);

        String message =
                assertThrows(ConfigurationException.class, () -> read(broken)).getMessage();

        assertTrue(message.contains(expected), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void refusesAnAliasBomb() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThrows(ConfigurationException.class, () -> read(bomb + "rounds: 3\n"));
    }
}
