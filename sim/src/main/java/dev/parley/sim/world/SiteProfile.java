package dev.parley.sim.world;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * In what a site differs from the others, whatever the seed.
 *
 * @param records how many records it has
 * @param prevalence probability that a record is positive
 * @param clockOffset true time minus what the site's clock shows
 * @param clockUncertainty half-width of what stays unknown of that offset
 * @param missing probability that each modality is missing, in the world's order
 * @param samplingRatio how many measurements a series has for each declared step
 * @param ownUnits whether its instruments have names and units of their own, which its manifest translates
 */
record SiteProfile(
        String name,
        int records,
        double prevalence,
        Duration clockOffset,
        Duration clockUncertainty,
        List<Double> missing,
        double samplingRatio,
        boolean ownUnits,
        Camera camera,
        WritingStyle style) {
    private static final Pattern GAP = Pattern.compile("\\s+");
    private static final Pattern SLASH = Pattern.compile("/");

    SiteProfile {
        missing = List.copyOf(missing);
    }

    /**
     * Reads a table with one site a line, columns separated by blanks: name, records, prevalence, clock offset and
     * uncertainty in seconds, the modalities' missing rates separated by slashes, sampling ratio, units (own or
     * declared), then the camera's side, brightness, contrast, noise and shading, then the style's habit, negatives,
     * abbreviations and typos.
     */
    static List<SiteProfile> table(String lines) {
        return lines.lines().map(SiteProfile::line).toList();
    }

    private static SiteProfile line(String line) {
        String[] cells = GAP.split(line);
        double[] numbers =
                Stream.of(cells).skip(8).mapToDouble(Double::parseDouble).toArray();
        return new SiteProfile(
                cells[0],
                Integer.parseInt(cells[1]),
                Double.parseDouble(cells[2]),
                Duration.ofSeconds(Long.parseLong(cells[3])),
                Duration.ofSeconds(Long.parseLong(cells[4])),
                SLASH.splitAsStream(cells[5]).map(Double::valueOf).toList(),
                Double.parseDouble(cells[6]),
                cells[7].equals("own"),
                new Camera((int) numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]),
                new WritingStyle(numbers[5], numbers[6], numbers[7], numbers[8]));
    }

    /**
     * The profile of one site.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    static SiteProfile named(List<SiteProfile> profiles, String world, String site) {
        return profiles.stream()
                .filter(profile -> profile.name().equals(site))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the " + world + " world has no site '" + site
                        + "'; it has "
                        + profiles.stream().map(SiteProfile::name).toList()));
    }
}
