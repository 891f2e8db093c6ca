package dev.parley.sim.world;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Eight production lines, and whether a machine is about to fail. Three factors show the condition: damage of the
 * surface (image and note), the bearing (note and vibration) and heat (image and thermal series).
 */
public final class PlantWorld implements World {
    private static final String NAME = "plant";
    private static final List<String> CLASSES = List.of("sound", "failing");
    private static final double STANDARD_GRAVITY = 9.80665;
    /** Declared rate of the vibration, in Hz. */
    private static final double VIBRATION_HERTZ = 256;

    /**
     * Everything that decides how hard the task is, apart from what sites differ in.
     *
     * @param effect as in {@link Condition#draw}
     * @param imageNoise as in {@link Sight#noise}; likewise the next three
     * @param noteSharpness as in {@link NoteWriter}
     */
    private record Difficulty(
            double effect,
            double imageNoise,
            double noteNoise,
            double vibrationNoise,
            double thermalNoise,
            double noteSharpness,
            MetalImage image,
            MachineSignals signals) {}

    private static final Difficulty DIFFICULTY =
            new Difficulty(1.95, 0.6, 1.2, 1.0, 1.0, 1.3, new MetalImage(0.2, 0.2), new MachineSignals(0.5, 3));

    private static final int SURFACE = 0;
    private static final int ROTATION = 1;
    private static final int HEAT = 2;
    private static final Sight IMAGE = new Sight("image", List.of(SURFACE, HEAT), DIFFICULTY.imageNoise());
    private static final Sight NOTE = new Sight("note", List.of(SURFACE, ROTATION), DIFFICULTY.noteNoise());
    private static final Sight VIBRATION = new Sight("vibration", List.of(ROTATION), DIFFICULTY.vibrationNoise());
    private static final Sight THERMAL = new Sight("thermal", List.of(HEAT), DIFFICULTY.thermalNoise());
    static final List<Sight> SIGHTS = List.of(IMAGE, NOTE, VIBRATION, THERMAL);

    static final List<SiteProfile> PROFILES = SiteProfile.table("""
            line-a 210 0.35   0   1 0.10/0.10/0.05/0.10 1.00 declared 80  0.00 1.00 0.03  0.0 0.80 0.70 0.1 0.01
            line-b 150 0.50  61   1 0.05/0.50/0.15/0.20 0.78 declared 64  0.10 0.70 0.05  0.1 0.90 0.30 0.5 0.02
            line-c 185 0.20 -18   1 0.60/0.05/0.20/0.05 2.00 own      64 -0.08 0.85 0.04 -0.1 0.85 0.90 0.0 0.00
            line-d 125 0.45   4   1 0.20/0.10/0.55/0.35 1.00 declared 96  0.05 1.15 0.02  0.2 0.95 0.50 0.7 0.03
            line-e 205 0.30 -75   3 0.00/0.25/0.05/0.60 1.00 declared 72 -0.12 0.75 0.06  0.0 0.85 0.60 0.2 0.01
            line-f 140 0.15 900  20 0.35/0.35/0.10/0.10 1.50 own      64  0.12 0.90 0.03 -0.2 0.90 0.80 0.3 0.02
            line-g 165 0.55 -31   1 0.15/0.00/0.40/0.25 0.90 declared 80  0.02 0.65 0.05  0.1 0.80 0.40 0.6 0.04
            line-h 120 0.30 240  10 0.25/0.15/0.25/0.00 1.00 declared 64 -0.05 1.05 0.06  0.0 0.95 0.75 0.0 0.02""");

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
                CsvWriter vibration = files.table("vibration.csv", header("ms", MachineSignals.AXES));
                CsvWriter thermal = files.table("thermal.csv", header("minutes", MachineSignals.PROBES))) {
            for (Visit visit : visits(profile, seed)) {
                String image = visit.present().contains(IMAGE.modality())
                        ? files.image(visit.id(), picture(visit, profile))
                        : "";
                String note = visit.present().contains(NOTE.modality()) ? note(visit, writer) : "";
                if (visit.present().contains(VIBRATION.modality())) {
                    writeVibration(vibration, visit, profile);
                }
                if (visit.present().contains(THERMAL.modality())) {
                    warm(visit, profile, (time, values) -> writeRow(thermal, visit, time, values, 2, 1));
                }
                records.write(visit, CLASSES.get(visit.condition().positive() ? 1 : 0), image, note);
            }
        }
        files.manifest(manifest(profile));
    }

    static BufferedImage picture(Visit visit, SiteProfile site) {
        double[] evidence = IMAGE.evidence(visit);
        GreyCanvas scene = DIFFICULTY
                .image()
                .draw(
                        evidence[0],
                        evidence[1],
                        site.camera().side(),
                        visit.subjectStreams().random("fittings"),
                        visit.streams().random("picture"));
        return site.camera().expose(scene, visit.streams().random("exposure"));
    }

    static NoteWriter noteWriter(SiteProfile site) {
        return new NoteWriter(OperatorPhrases.BOOK, DIFFICULTY.noteSharpness(), site.style(), site.name());
    }

    static String note(Visit visit, NoteWriter writer) {
        return writer.write(NOTE.evidence(visit), visit.streams().random("note"));
    }

    static void vibrate(Visit visit, SiteProfile site, MachineSignals.Log log) {
        DIFFICULTY
                .signals()
                .vibrate(
                        VIBRATION.evidence(visit)[0],
                        VIBRATION_HERTZ * site.samplingRatio(),
                        visit.subjectStreams().random("unbalance"),
                        visit.streams().random("vibration"),
                        log);
    }

    static void warm(Visit visit, SiteProfile site, MachineSignals.Log log) {
        DIFFICULTY
                .signals()
                .warm(
                        THERMAL.evidence(visit)[0],
                        site.samplingRatio(),
                        visit.subjectStreams().random("load"),
                        visit.streams().random("thermal"),
                        log);
    }

    private static void writeVibration(CsvWriter rows, Visit visit, SiteProfile site) {
        double unit = site.ownUnits() ? STANDARD_GRAVITY : 1;
        vibrate(visit, site, (time, values) -> {
            double[] shown = {values[0] / unit, values[1] / unit};
            writeRow(rows, visit, time, shown, 3, 4);
        });
    }

    private static String[] header(String time, List<String> channels) {
        String[] header = new String[2 + channels.size()];
        header[0] = "record_id";
        header[1] = time;
        for (int i = 0; i < channels.size(); i++) {
            header[2 + i] = channels.get(i);
        }
        return header;
    }

    private static void writeRow(
            CsvWriter rows, Visit visit, double time, double[] values, int timeDecimals, int decimals) {
        String[] cells = new String[2 + values.length];
        cells[0] = visit.id();
        cells[1] = DatasetFolder.decimal(time, timeDecimals);
        for (int i = 0; i < values.length; i++) {
            cells[2 + i] = DatasetFolder.decimal(values[i], decimals);
        }
        rows.writeRecord(cells);
    }

    private static String manifest(SiteProfile site) {
        StringBuilder yaml = new StringBuilder(ManifestText.head(site, CLASSES));
        yaml.append("""
                  vibration:
                    type: series
                    source: {wide: vibration.csv, record: record_id, time: ms, time-unit: milliseconds}
                    steps: 128
                    rate-hertz: 256
                    channels:
                """);
        String gravity = site.ownUnits() ? "scale: " + STANDARD_GRAVITY + ", " : "";
        for (String axis : MachineSignals.AXES) {
            yaml.append(ManifestText.channel(axis, gravity, "m/s2", -40, 40));
        }
        yaml.append("""
                  thermal:
                    type: series
                    source: {wide: thermal.csv, record: record_id, time: minutes, time-unit: minutes}
                    tolerance-seconds: 30
                    steps: 48
                    rate-hertz: 0.016666667
                    channels:
                """);
        for (String probe : MachineSignals.PROBES) {
            yaml.append(ManifestText.channel(probe, "", "degC", -20, 180));
        }
        return yaml.toString();
    }
}
