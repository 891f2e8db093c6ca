package dev.parley.sim.world;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.parley.sim.world.VitalSigns.Sign;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Eight hospitals, and whether a patient has pneumonia. Three factors show the condition: focal disease of the lung
 * (image and note), systemic illness (note and vital signs) and poor oxygenation (image and vital signs).
 */
public final class HospitalWorld implements World {
    private static final String NAME = "hospital";
    private static final List<String> CLASSES = List.of("no-finding", "pneumonia");

    /**
     * Everything that decides how hard the task is, apart from what sites differ in.
     *
     * @param effect as in {@link Condition#draw}
     * @param imageNoise as in {@link Sight#noise}; likewise the next two
     * @param noteSharpness as in {@link NoteWriter}
     */
    private record Difficulty(
            double effect,
            double imageNoise,
            double noteNoise,
            double vitalsNoise,
            double noteSharpness,
            ChestImage image,
            VitalSigns vitals) {}

    private static final Difficulty DIFFICULTY =
            new Difficulty(1.95, 0.8, 1.2, 1.4, 1.3, new ChestImage(0.2, 0.08), new VitalSigns(1, 0.6));

    private static final int FOCAL = 0;
    private static final int SYSTEMIC = 1;
    private static final int OXYGENATION = 2;
    private static final Sight IMAGE = new Sight("image", List.of(FOCAL, OXYGENATION), DIFFICULTY.imageNoise());
    private static final Sight NOTE = new Sight("note", List.of(FOCAL, SYSTEMIC), DIFFICULTY.noteNoise());
    private static final Sight VITALS = new Sight("vitals", List.of(SYSTEMIC, OXYGENATION), DIFFICULTY.vitalsNoise());
    static final List<Sight> SIGHTS = List.of(IMAGE, NOTE, VITALS);

    static final List<SiteProfile> PROFILES = SiteProfile.table("""
            northfield  220 0.35     0   1 0.10/0.05/0.10 1.0 declared 80  0.00 1.00 0.03  0.0 0.80 0.70 0.1 0.01
            southgate   150 0.55    95   2 0.05/0.40/0.15 0.5 declared 64  0.10 0.70 0.05  0.1 0.90 0.30 0.5 0.02
            eastbrook   190 0.25 -3600  30 0.60/0.05/0.20 2.0 own      64 -0.08 0.85 0.04 -0.1 0.85 0.90 0.0 0.00
            westmoor    125 0.45    12   1 0.20/0.10/0.55 0.3 declared 96  0.05 1.15 0.02  0.2 0.95 0.50 0.7 0.03
            harbourview 200 0.30  -240   5 0.00/0.25/0.05 0.8 declared 72 -0.12 0.75 0.06  0.0 0.85 0.60 0.2 0.01
            hillcrest   140 0.15  7200 120 0.35/0.35/0.10 1.3 own      64  0.12 0.90 0.03 -0.2 0.90 0.80 0.3 0.02
            lakeside    170 0.50   -31   1 0.15/0.00/0.40 0.6 declared 80  0.02 0.65 0.05  0.1 0.80 0.40 0.6 0.04
            stonebridge 120 0.25   480  60 0.25/0.15/0.25 0.4 declared 64 -0.05 1.05 0.06  0.0 0.95 0.75 0.0 0.02""");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> siteNames() {
        return PROFILES.stream().map(SiteProfile::name).toList();
    }

    /** The records of one site before they are shown in any modality. */
    static List<Visit> visits(SiteProfile site, long seed) {
        var population = new Population(SIGHTS.stream().map(Sight::modality).toList(), DIFFICULTY.effect());
        return population.visits(site, RandomStreams.of(seed).at(NAME).at(site.name()));
    }

    @Override
    public void writeSite(Path folder, String site, long seed) throws IOException {
        SiteProfile profile = SiteProfile.named(PROFILES, NAME, site);
        var files = new DatasetFolder(folder);
        NoteWriter writer = noteWriter(profile);
        try (var records = new RecordTable(files, profile);
                CsvWriter vitals = files.table("vitals.csv", "record_id", "hours", "measure", "value")) {
            for (Visit visit : visits(profile, seed)) {
                String image =
                        visit.present().contains(IMAGE.modality()) ? files.image(visit.id(), film(visit, profile)) : "";
                String note = visit.present().contains(NOTE.modality()) ? note(visit, writer) : "";
                if (visit.present().contains(VITALS.modality())) {
                    writeVitals(vitals, visit, profile);
                }
                records.write(visit, CLASSES.get(visit.condition().positive() ? 1 : 0), image, note);
            }
        }
        files.manifest(manifest(profile));
    }

    static BufferedImage film(Visit visit, SiteProfile site) {
        double[] evidence = IMAGE.evidence(visit);
        GreyCanvas scene = DIFFICULTY
                .image()
                .draw(
                        evidence[0],
                        evidence[1],
                        site.camera().side(),
                        visit.subjectStreams().random("build"),
                        visit.streams().random("film"));
        return site.camera().expose(scene, visit.streams().random("exposure"));
    }

    static NoteWriter noteWriter(SiteProfile site) {
        return new NoteWriter(ClinicalPhrases.BOOK, DIFFICULTY.noteSharpness(), site.style(), site.name());
    }

    static String note(Visit visit, NoteWriter writer) {
        return writer.write(NOTE.evidence(visit), visit.streams().random("note"));
    }

    static void chart(Visit visit, SiteProfile site, VitalSigns.Chart chart) {
        double[] evidence = VITALS.evidence(visit);
        DIFFICULTY
                .vitals()
                .measure(
                        evidence[0],
                        evidence[1],
                        site.samplingRatio(),
                        visit.subjectStreams().random("levels"),
                        visit.streams().random("vitals"),
                        chart);
    }

    private static void writeVitals(CsvWriter rows, Visit visit, SiteProfile site) {
        chart(visit, site, measurement -> {
            Sign sign = measurement.sign();
            boolean fahrenheit = site.ownUnits() && sign.unit().equals("degC");
            double shown = fahrenheit ? measurement.value() * 1.8 + 32 : measurement.value();
            rows.writeRecord(
                    visit.id(),
                    DatasetFolder.decimal(measurement.hours(), 2),
                    site.ownUnits() ? sign.code() : sign.name(),
                    DatasetFolder.decimal(shown, sign.decimals()));
        });
    }

    private static String manifest(SiteProfile site) {
        StringBuilder yaml = new StringBuilder(ManifestText.head(site, CLASSES));
        yaml.append("""
                  vitals:
                    type: series
                    source: {long: vitals.csv, record: record_id, time: hours, time-unit: hours, \
                channel: measure, value: value}
                    tolerance-seconds: 1800
                    steps: 48
                    rate-hertz: 0.000277778
                    channels:
                """);
        for (Sign sign : VitalSigns.SIGNS) {
            String from = site.ownUnits() ? "from: " + sign.code() + ", " : "";
            String scale = site.ownUnits() && sign.unit().equals("degC")
                    ? "scale: 0.5555555556, offset: -17.7777777778, "
                    : "";
            yaml.append(ManifestText.channel(sign.name(), from + scale, sign.unit(), sign.minimum(), sign.maximum()));
        }
        return yaml.toString();
    }
}
