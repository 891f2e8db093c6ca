package dev.parley.policies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicySetTest {
    @Test
    void hashDoesNotDependOnTheOrderInWhichDocumentsAreGiven() {
        Map<String, byte[]> oneOrder = new LinkedHashMap<>();
        oneOrder.put("a.yaml", bytes("x"));
        oneOrder.put("b.yaml", bytes("y"));
        Map<String, byte[]> otherOrder = new LinkedHashMap<>();
        otherOrder.put("b.yaml", bytes("y"));
        otherOrder.put("a.yaml", bytes("x"));

        assertEquals(PolicySet.of(oneOrder).hash(), PolicySet.of(otherOrder).hash());
    }

    @Test
    void everyWayOfMovingBytesBetweenNamesAndContentsChangesTheHash() {
        var hashes = List.of(
                PolicySet.empty().hash(),
                PolicySet.of(Map.of("a.yaml", bytes("xy"))).hash(),
                PolicySet.of(Map.of("a.yamlx", bytes("y"))).hash(),
                PolicySet.of(Map.of("a.yaml", bytes("x"), "y", bytes(""))).hash(),
                PolicySet.of(Map.of("a.yaml", bytes("x"))).hash());

        assertEquals(hashes.size(), hashes.stream().distinct().count(), "hashes collide: " + hashes);
    }

    @Test
    void aFolderIsNamedByItsYamlFilesAndNothingElse(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("release"));
        Files.writeString(folder.resolve("release/gate.yaml"), "rule: 1\n");
        String before = PolicySet.load(folder).hash();
        Files.writeString(folder.resolve("README.md"), "not a policy");

        assertEquals(before, PolicySet.load(folder).hash());
        assertEquals(List.of("release/gate.yaml"), PolicySet.load(folder).names());

        Files.writeString(folder.resolve("release/gate.yaml"), "rule: 2\n");
        assertNotEquals(before, PolicySet.load(folder).hash());
    }

    @Test
    void aMissingFolderAndAnOversizedDocumentAreRefusedWithTheRule(@TempDir Path folder) throws IOException {
        var missing = assertThrows(IllegalArgumentException.class, () -> PolicySet.load(folder.resolve("nowhere")));
        assertTrue(missing.getMessage().contains("nowhere"), missing::getMessage);

        Files.write(folder.resolve("huge.yaml"), new byte[PolicySet.MAX_DOCUMENT_BYTES + 1]);
        var huge = assertThrows(IllegalArgumentException.class, () -> PolicySet.load(folder));
        assertTrue(huge.getMessage().contains("at most 1048576"), huge::getMessage);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
