package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.NeighbouringRelation;
import dev.parley.privacy.dp.NoiseMultiplier;
import dev.parley.privacy.dp.SamplingRate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Rows of the vector files; each file's head says where its values come from. */
final class Vectors {
    private Vectors() {}

    static List<String[]> rows(String file) {
        try (InputStream in = Vectors.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("q,"))
                    .map(line -> line.split(","))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static NeighbouringRelation relation(String name) {
        return name.equals("replace") ? NeighbouringRelation.REPLACE_ONE : NeighbouringRelation.ADD_OR_REMOVE_ONE;
    }

    static Mechanism sampled(double rate, double sigma) {
        return new Mechanism.PoissonSampled(new SamplingRate(rate), new Mechanism.Gaussian(new NoiseMultiplier(sigma)));
    }
}
