package dev.parley.learning.training;

import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Small random records of all four kinds of modality, in which each modality hints at the label. */
public final class TinyRecords {
    public static final Modality.Image SCAN = new Modality.Image("scan", 1, 16);
    public static final Modality.Text NOTE = new Modality.Text("note", 50, 12, 64);
    public static final Modality.Series MOTION =
            new Modality.Series("motion", List.of(channel("x"), channel("y"), channel("z"), channel("heat")), 16, 10);
    public static final Modality.Table LAB = new Modality.Table("lab", List.of(channel("iron"), channel("salt")));
    public static final RecordSchema SCHEMA =
            new RecordSchema(List.of(SCAN, NOTE, MOTION, LAB), List.of("well", "ill"));
    public static final RecordSchema THREE_CLASSES =
            new RecordSchema(SCHEMA.modalities(), List.of("well", "ill", "other"));

    private TinyRecords() {}

    private static Channel channel(String name) {
        return new Channel(name, "u", -2, 2);
    }

    /**
     * @param missing probability that a modality is missing; at least one stays
     */
    public static List<SiteRecord> draw(RecordSchema schema, int count, double missing, long seed) {
        var random = new SplittableRandom(seed);
        List<SiteRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(schema.classes().size());
            Map<String, ModalityValue> values = new HashMap<>();
            for (Modality modality : schema.modalities()) {
                if (random.nextDouble() >= missing) {
                    values.put(modality.name(), value(modality, label, random));
                }
            }
            if (values.isEmpty()) {
                Modality first = schema.modalities().getFirst();
                values.put(first.name(), value(first, label, random));
            }
            records.add(new SiteRecord(
                    "r" + i,
                    "s" + i / 2,
                    "site",
                    null,
                    values,
                    label,
                    new SiteRecord.Consent.Granted(Set.of("research")),
                    new SiteRecord.Provenance("drawn", List.of())));
        }
        return records;
    }

    public static ModalityValue value(Modality modality, int label, SplittableRandom random) {
        return switch (modality) {
            case Modality.Image image -> {
                float[] pixels = new float[image.channels() * image.size() * image.size()];
                for (int i = 0; i < pixels.length; i++) {
                    boolean bright = i % image.size() < image.size() / 2 == (label == 1);
                    pixels[i] = (float) random.nextDouble() * (bright ? 1f : 0.5f);
                }
                yield new ModalityValue.Image(pixels);
            }
            case Modality.Text text -> {
                int[] tokens = new int[random.nextInt(1, text.maxTokens() + 1)];
                var wide = new TreeSet<Integer>();
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = random.nextInt(1, text.vocabulary());
                    wide.add(tokens[i] % text.wideVocabulary());
                }
                tokens[0] = 1 + label;
                wide.add(label);
                yield new ModalityValue.Text(
                        tokens, wide.stream().mapToInt(Integer::intValue).toArray());
            }
            case Modality.Series series -> {
                int channels = series.channels().size();
                float[] values = new float[channels * series.steps()];
                boolean[] observed = new boolean[values.length];
                for (int i = 0; i < values.length; i++) {
                    observed[i] = random.nextDouble() < 0.9;
                    double common = Math.sin(i % series.steps() * (label + 1) * 0.7);
                    values[i] = observed[i] ? (float) (0.3 * common + 0.2 * random.nextGaussian() + 0.1) : 0;
                }
                yield new ModalityValue.Series(values, observed);
            }
            case Modality.Table table -> {
                float[] values = new float[table.columns().size()];
                boolean[] observed = new boolean[values.length];
                for (int i = 0; i < values.length; i++) {
                    observed[i] = random.nextDouble() < 0.8;
                    values[i] = observed[i] ? (float) (0.5 * label - 0.2 + 0.3 * random.nextGaussian()) : 0;
                }
                yield new ModalityValue.Table(values, observed);
            }
        };
    }
}
