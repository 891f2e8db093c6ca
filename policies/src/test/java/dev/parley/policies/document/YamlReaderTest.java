package dev.parley.policies.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class YamlReaderTest {
    private static void refused(String text, String words) {
        RefusedException refused = assertThrows(RefusedException.class, () -> YamlReader.read("f.yaml", 1, text));
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    @Test
    void refusesWhatOnlyHidesSomethingFromAReviewer() {
        refused("a: &x 1\nb: *x\n", "f.yaml:1:4: anchors and aliases are not taken");
        refused("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key 'a' is given twice");
        refused("a: !!java.lang.String x\n", "f.yaml:1:4: tags such as");
        refused("? [a, b]\n: 1\n", "a key is a plain word");
        refused("a: [1\n", "not valid YAML");
        refused("[".repeat(5000) + "]".repeat(5000), "nested deeper than 24 levels");
        refused("[" + "1,".repeat(60_000) + "]", "more than 50000 values");
        refused("x".repeat((1 << 20) + 1), "at most 1048576 are read");
    }

    @Test
    void refusesBytesThatAreNoText() {
        RefusedException refused = assertThrows(
                RefusedException.class, () -> YamlReader.read("f.yaml", new byte[] {(byte) 0xc3, (byte) 0x28}));
        assertTrue(refused.getMessage().contains("not a text file in UTF-8"), refused.getMessage());
    }

    @Test
    void knowsWhereEachCharacterOfAValueStandsHoweverItIsWritten() throws Exception {
        String text = """
                plain: one two
                folded: >-
                  one
                  two
                literal: |
                  one
                  two
                single: 'it''s two'
                double: "a \\"b\\" two"
                """;
        Fields fields = Fields.of(YamlReader.read("f.yaml", 1, text).getFirst(), "it");

        assertEquals("f.yaml:1:12", where(fields, "plain"));
        assertEquals("f.yaml:4:3", where(fields, "folded"));
        assertEquals("f.yaml:7:3", where(fields, "literal"));
        assertEquals("f.yaml:8:16", where(fields, "single"));
        assertEquals("f.yaml:9:18", where(fields, "double"));
    }

    private static String where(Fields fields, String key) throws RefusedException {
        Yaml.Scalar scalar = fields.requireScalar(key);
        return scalar.at(scalar.value().indexOf("two")).toString();
    }

    @Test
    void showsTheLineAndACaret() throws Exception {
        Yaml.Scalar scalar = Fields.of(
                        YamlReader.read("f.yaml", "k: some text\n".getBytes(StandardCharsets.UTF_8))
                                .getFirst(),
                        "it")
                .requireScalar("k");

        assertEquals("""
                f.yaml:1:9: no
                    1 | k: some text
                      |         ^""", scalar.at(5).show("no"));
    }

    @Test
    void anUnknownKeyIsRefusedWithTheNearestWord() throws Exception {
        Fields fields = Fields.of(YamlReader.read("f.yaml", 1, "expresion: 1\n").getFirst(), "a rule");
        fields.get("expression");

        RefusedException refused = assertThrows(RefusedException.class, fields::refuseOthers);

        assertTrue(
                refused.getMessage()
                        .startsWith("f.yaml:1:1: a rule has no key 'expresion' (did you mean 'expression'?)"),
                refused.getMessage());
    }
}
