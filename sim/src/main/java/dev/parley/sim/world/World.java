package dev.parley.sim.world;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A population of synthetic sites. Every value is invented; nothing is downloaded.
 *
 * <p>Guarantees: a site's files depend on (seed, site) only, never on which other sites are written or in which order,
 * and equal arguments give equal bytes; no subject occurs at two sites; every record has at least one modality; no row
 * breaks a rule of the manifest.
 */
public sealed interface World permits HospitalWorld, PlantWorld {
    /** The name under which {@link #named} finds it. */
    String name();

    /** The names of the eight sites, always in the same order. */
    List<String> siteNames();

    /**
     * Writes one site's dataset: {@code dataset.yaml} (last, so that a folder with a manifest is complete),
     * {@code records.csv}, the images, and one CSV for each series.
     *
     * @param folder created if absent; files of the same names are replaced
     * @param site one of {@link #siteNames()}
     * @throws IllegalArgumentException if the world has no such site
     * @throws IOException if the folder or a file in it cannot be written
     */
    void writeSite(Path folder, String site, long seed) throws IOException;

    /** {@code hospital} or {@code plant}; empty for any other name. */
    static Optional<World> named(String name) {
        return List.<World>of(new HospitalWorld(), new PlantWorld()).stream()
                .filter(world -> world.name().equals(name))
                .findFirst();
    }
}
