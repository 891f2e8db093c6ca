package dev.parley.policies.cli;

import dev.parley.policies.PolicySet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Folders and files of policies that are put together into one set, whose documents are named as the user named them. */
final class PolicyFolders {
    private PolicyFolders() {}

    /** @throws IllegalArgumentException if one of them is not there or is too large */
    static PolicySet load(List<Path> places) {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        for (Path place : places) {
            if (Files.isRegularFile(place)) {
                documents.put(shown(place), bytes(place));
            } else {
                PolicySet folder = PolicySet.load(place);
                folder.names().forEach(name -> documents.put(shown(place.resolve(name)), folder.content(name)));
            }
        }
        return PolicySet.of(documents);
    }

    private static String shown(Path file) {
        return file.normalize().toString().replace('\\', '/');
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
