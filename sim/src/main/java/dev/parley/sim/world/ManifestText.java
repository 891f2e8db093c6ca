package dev.parley.sim.world;

import java.util.List;

/** What the manifests of all synthetic sites have in common; a world adds its modalities. */
final class ManifestText {
    private ManifestText() {}

    /** Everything up to the key {@code modalities}, whose entries the world appends, indented by two. */
    static String head(SiteProfile site, List<String> classes) {
        return """
                # Synthetic records of the site %1$s. Nobody in them exists.
                format: parley-dataset-1
                classes: [%2$s]
                records: {csv: records.csv}
                columns:
                  id: record_id
                  subject: subject_id
                  site: {value: %1$s}
                  label: {column: label}
                  time: {column: taken_at, format: iso, offset-seconds: %3$d, uncertainty-seconds: %4$d}
                consent: {column: consent}
                split: {held-out: 0.25, seed: 1}
                modalities:
                  image: {type: image, file: image_file, channels: 1, size: 64}
                  note: {type: text, column: note, vocabulary: 4096, max-tokens: 96, wide-vocabulary: 8192}
                """.formatted(
                        site.name(),
                        String.join(", ", classes),
                        site.clockOffset().toSeconds(),
                        site.clockUncertainty().toSeconds());
    }

    /**
     * One channel of a series.
     *
     * @param translation how a site with names or units of its own maps to the declared ones; otherwise empty
     */
    static String channel(String name, String translation, String unit, double minimum, double maximum) {
        return "      - {name: " + name + ", " + translation + "unit: '" + unit + "', minimum: "
                + DatasetFolder.decimal(minimum, 1) + ", maximum: " + DatasetFolder.decimal(maximum, 1) + "}\n";
    }
}
