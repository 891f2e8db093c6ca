package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A missing modality is masked, not zero; nothing of it, of padding or of a neighbour reaches a record's scores. */
class MissingModalityTest {
    private static final long SEED = 31;
    /**
     * Between batches of other shapes the engine's matrix kernels add the same float32 terms in another order: a few
     * units of 1e-7 on scores of about 1, times some tens of additions.
     */
    private static final float OTHER_ORDER = 1e-5f;

    private final Network network = TinyNetworks.network(TinyRecords.THREE_CLASSES);
    private final List<SiteRecord> complete = TinyRecords.draw(TinyRecords.THREE_CLASSES, 6, 0, SEED);
    private final ParameterVector model = TinyNetworks.moved(network, complete, SEED);

    @Test
    void theContentOfAnAbsentModalityIsNeverRead() {
        for (Modality modality : TinyRecords.SCHEMA.modalities()) {
            Set<String> present = without(modality.name());
            float[] expected = scores(complete, present);
            List<SiteRecord> others = complete.stream()
                    .map(r -> with(r, modality, TinyRecords.value(modality, 0, new SplittableRandom(99))))
                    .toList();
            List<SiteRecord> broken = complete.stream()
                    .map(r -> with(r, modality, broken(r.values().get(modality.name()))))
                    .toList();
            List<SiteRecord> gone =
                    complete.stream().map(r -> without(r, modality.name())).toList();

            assertArrayEquals(expected, scores(others, present), modality + " absent, other content");
            assertArrayEquals(expected, scores(broken, present), modality + " absent, not a number");
            assertArrayEquals(expected, scores(gone, present), modality + " absent, not there at all");
            assertArrayEquals(expected, scores(gone, TinyNetworks.ALL), modality + " missing from the records");
            assertTrue(differs(expected, scores(complete, TinyNetworks.ALL)), modality + " makes no difference");
        }
    }

    @Test
    void whereOneRecordLacksWhatItsNeighboursHaveNothingOfThemIsRead() {
        for (Modality modality : TinyRecords.SCHEMA.modalities()) {
            List<SiteRecord> batch = new ArrayList<>(complete);
            batch.set(2, without(batch.get(2), modality.name()));
            float[] expected = row(scores(batch, TinyNetworks.ALL), 2);
            for (int i = 0; i < batch.size(); i++) {
                if (i != 2) {
                    batch.set(
                            i,
                            with(
                                    batch.get(i),
                                    modality,
                                    varied(batch.get(i).values().get(modality.name()))));
                }
            }
            // Equal shapes, so equal kernels: each row is computed from itself alone, in the same order.
            assertArrayEquals(expected, row(scores(batch, TinyNetworks.ALL), 2), modality + " of the neighbours");
        }
    }

    @Test
    void aRecordScoresAlikeInEveryCompany() {
        List<SiteRecord> mixed = TinyRecords.draw(TinyRecords.THREE_CLASSES, 12, 0.4, SEED + 1);
        float[] together = scores(mixed, TinyNetworks.ALL);
        List<SiteRecord> reversed = mixed.reversed();
        float[] backwards = scores(reversed, TinyNetworks.ALL);
        for (int i = 0; i < mixed.size(); i++) {
            String what = "seed " + (SEED + 1) + ", record " + i + " with "
                    + new TreeSet<>(mixed.get(i).values().keySet());
            float[] alone = scores(List.of(mixed.get(i)), TinyNetworks.ALL);
            assertArrayEquals(alone, row(together, i), OTHER_ORDER, what);
            assertArrayEquals(alone, row(backwards, mixed.size() - 1 - i), OTHER_ORDER, what + ", order reversed");
        }
    }

    @Test
    void paddedTextPositionsDoNotMatter() {
        Modality note = TinyRecords.NOTE;
        var text = new ModalityValue.Text(new int[] {1, 7, 9}, new int[] {1, 7, 9});
        SiteRecord brief = with(complete.getFirst(), note, text);
        float[] alone = scores(List.of(brief), TinyNetworks.ALL);
        for (int longer : new int[] {4, 8, 12}) {
            int[] tokens = new int[longer];
            Arrays.fill(tokens, 5);
            SiteRecord neighbour = with(complete.get(1), note, new ModalityValue.Text(tokens, new int[] {5}));
            assertArrayEquals(
                    alone,
                    row(scores(List.of(brief, neighbour), TinyNetworks.ALL), 0),
                    OTHER_ORDER,
                    "3 tokens padded to " + longer);
        }
        // What padding is filled with: the embedding of token 0, which no text has.
        ParameterVector other = paddingEmbedding(1000);
        SiteRecord neighbour = with(complete.get(1), note, new ModalityValue.Text(new int[12], new int[0]));
        Arrays.fill(((ModalityValue.Text) neighbour.values().get("note")).tokens(), 3);
        assertArrayEquals(
                TinyNetworks.scores(network, model, List.of(brief, neighbour), TinyNetworks.ALL),
                TinyNetworks.scores(network, other, List.of(brief, neighbour), TinyNetworks.ALL),
                "the embedding of padding");
    }

    @Test
    void aTextWithoutTokensIsStillThere() {
        SiteRecord empty = with(complete.getFirst(), TinyRecords.NOTE, new ModalityValue.Text(new int[0], new int[0]));
        float[] alone = scores(List.of(empty), TinyNetworks.ALL);
        assertArrayEquals(alone, row(scores(List.of(empty, complete.get(1)), TinyNetworks.ALL), 0), OTHER_ORDER);
        assertTrue(
                differs(alone, scores(List.of(without(empty, "note")), TinyNetworks.ALL)), "empty counts as missing");
    }

    @Test
    void nothingSeenHasAFiniteAnswerThatIsTheSameForAll() {
        float[] nothing = scores(complete, Set.of());
        for (int i = 0; i < complete.size(); i++) {
            assertArrayEquals(row(nothing, 0), row(nothing, i), "record " + i);
        }
        for (float score : nothing) {
            assertTrue(Float.isFinite(score), "score " + score + " of nothing seen");
        }
        List<SiteRecord> one = List.of(without(complete.getFirst(), TinyNetworks.ALL.toArray(String[]::new)));
        float loss = TinyNetworks.loss(network, model, one, TinyNetworks.PLAIN, 1);
        assertTrue(Float.isFinite(loss), "loss " + loss + " of a record without any modality");
    }

    @Test
    void zeroFilledIsNotMissing() {
        for (Modality modality : TinyRecords.SCHEMA.modalities()) {
            List<SiteRecord> zero = complete.stream()
                    .map(r -> with(r, modality, zeros(modality)))
                    .toList();
            assertTrue(
                    differs(scores(zero, TinyNetworks.ALL), scores(complete, without(modality.name()))),
                    modality + ": zeros give the scores of a missing modality");
        }
    }

    private float[] scores(List<SiteRecord> records, Set<String> present) {
        return TinyNetworks.scores(network, model, records, present);
    }

    private ParameterVector paddingEmbedding(float value) {
        float[] values = model.toArray();
        int offset = network.layout().offset("note.embedding");
        Arrays.fill(values, offset, offset + 8, value);
        return ParameterVector.of(network.layout(), values);
    }

    private static Set<String> without(String modality) {
        Set<String> names = new TreeSet<>(TinyNetworks.ALL);
        names.remove(modality);
        return names;
    }

    private static boolean differs(float[] some, float[] others) {
        for (int i = 0; i < some.length; i++) {
            if (Math.abs(some[i] - others[i]) > 1e-3) {
                return true;
            }
        }
        return false;
    }

    private static float[] row(float[] scores, int row) {
        return Arrays.copyOfRange(scores, 3 * row, 3 * row + 3);
    }

    private static SiteRecord with(SiteRecord r, Modality modality, ModalityValue value) {
        Map<String, ModalityValue> values = new HashMap<>(r.values());
        values.put(modality.name(), value);
        return withValues(r, values);
    }

    private static SiteRecord without(SiteRecord r, String... modalities) {
        Map<String, ModalityValue> values = new HashMap<>(r.values());
        values.keySet().removeAll(Set.of(modalities));
        return withValues(r, values);
    }

    private static SiteRecord withValues(SiteRecord r, Map<String, ModalityValue> values) {
        return new SiteRecord(
                r.recordId(), r.subjectId(), r.siteId(), r.clock(), values, r.label(), r.consent(), r.provenance());
    }

    /** Not a number wherever the kind has floats; token ids outside every vocabulary in a text. */
    private static ModalityValue broken(ModalityValue value) {
        return switch (value) {
            case ModalityValue.Image image -> new ModalityValue.Image(filled(image.pixels(), Float.NaN));
            case ModalityValue.Text text -> new ModalityValue.Text(new int[] {1 << 30}, new int[] {1 << 30});
            case ModalityValue.Series series ->
                new ModalityValue.Series(filled(series.values(), Float.NaN), series.observed());
            case ModalityValue.Table table ->
                new ModalityValue.Table(filled(table.values(), Float.NaN), table.observed());
        };
    }

    /** Other content of the same shape. */
    private static ModalityValue varied(ModalityValue value) {
        return switch (value) {
            case ModalityValue.Image image -> new ModalityValue.Image(turned(image.pixels()));
            case ModalityValue.Text text ->
                new ModalityValue.Text(
                        Arrays.stream(text.tokens())
                                .map(token -> token % 40 + 1)
                                .toArray(),
                        Arrays.stream(text.wide())
                                .map(bucket -> (bucket + 1) % 64)
                                .toArray());
            case ModalityValue.Series series -> new ModalityValue.Series(turned(series.values()), series.observed());
            case ModalityValue.Table table -> new ModalityValue.Table(turned(table.values()), table.observed());
        };
    }

    private static ModalityValue zeros(Modality modality) {
        return switch (modality) {
            case Modality.Image image ->
                new ModalityValue.Image(new float[image.channels() * image.size() * image.size()]);
            case Modality.Text text -> new ModalityValue.Text(new int[0], new int[0]);
            case Modality.Series series -> {
                int count = series.channels().size() * series.steps();
                yield new ModalityValue.Series(new float[count], new boolean[count]);
            }
            case Modality.Table table ->
                new ModalityValue.Table(
                        new float[table.columns().size()],
                        new boolean[table.columns().size()]);
        };
    }

    private static float[] filled(float[] like, float value) {
        float[] values = new float[like.length];
        Arrays.fill(values, value);
        return values;
    }

    private static float[] turned(float[] values) {
        float[] turned = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            turned[i] = 0.7f * values[values.length - 1 - i] + 0.1f;
        }
        return turned;
    }
}
