package dev.parley.learning.multimodal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.multimodal.BottleneckTransformer.Normalisation;
import dev.parley.learning.multimodal.BottleneckTransformer.SeriesSettings;
import dev.parley.learning.multimodal.BottleneckTransformer.Tier;
import dev.parley.learning.record.Channel;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.learning.training.TinyRecords;
import dev.parley.privacy.update.Block;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sizes of the design's models over schemas like the hospital's, and what the optional parts may not change. */
class TierTest {
    private static final Modality SCAN = new Modality.Image("scan", 1, 64);
    private static final Modality NOTE = new Modality.Text("note", 4096, 96, 8192);
    private static final Modality VITALS = new Modality.Series("vitals", channels(12), 128, 50);
    private static final Modality LABS = new Modality.Table("labs", channels(8));

    private static List<Channel> channels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Channel("c" + i, "u", 0, 1))
                .toList();
    }

    private static int parameters(Tier tier, Modality third) {
        var schema = new RecordSchema(List.of(SCAN, NOTE, third), List.of("well", "ill"));
        return tier.architecture().network(schema).layout().size();
    }

    @Test
    void sizesAreThoseOfTheDesign() {
        // Exact, so that no change of size goes unseen: the design says about 476 thousand for S.
        assertEquals(494_528, parameters(Tier.S, VITALS));
        assertEquals(447_044, parameters(Tier.S, LABS));
        assertEquals(154_560, parameters(Tier.XS, VITALS));
        assertEquals(136_428, parameters(Tier.XS, LABS));
        assertEquals(1_894_288, parameters(Tier.M, VITALS));
        assertEquals(4_650_144, parameters(Tier.L, VITALS));
    }

    @Test
    void blocksOfOneSeedStartTheSameWhateverElseTheModelHas() {
        Network all = Tier.S.architecture().network(TinyRecords.SCHEMA);
        Network some = Tier.S.architecture().network(TinyRecords.SCHEMA.restrictedTo(Set.of("scan", "lab")));
        ParameterVector complete = all.initialise(5);
        ParameterVector partial = some.initialise(5);
        for (Block block : some.layout().blocks()) {
            assertArrayEquals(complete.block(block.name()), partial.block(block.name()), block.name());
        }
        assertTrue(!complete.hash().equals(all.initialise(6).hash()), "another seed gives another model");
        assertEquals(complete.hash(), all.initialise(5).hash());
    }

    @Test
    void theWidePathIsOptionalAndCostsNothingAtTheStart() {
        List<Modality> withoutWide = new ArrayList<>(TinyRecords.SCHEMA.modalities());
        Modality.Text note = TinyRecords.NOTE;
        withoutWide.set(1, new Modality.Text(note.name(), note.vocabulary(), note.maxTokens(), 0));
        Network wide = Tier.S.architecture().network(TinyRecords.SCHEMA);
        Network narrow = Tier.S.architecture().network(new RecordSchema(withoutWide, TinyRecords.SCHEMA.classes()));
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 5, 0.2, 3);
        ParameterVector start = TinyNetworks.moved(narrow, records, 3);
        ParameterVector wideStart = carried(start, narrow, wide);

        assertEquals(
                note.wideVocabulary(), wide.layout().size() - narrow.layout().size());
        assertArrayEquals(
                TinyNetworks.scores(narrow, start, records, TinyNetworks.ALL),
                TinyNetworks.scores(wide, wideStart, records, TinyNetworks.ALL));
    }

    @Test
    void theDefaultModelAnswersWithAnyOptionalPartLeftOut() {
        List<SiteRecord> records = TinyRecords.draw(TinyRecords.SCHEMA, 5, 0.2, 4);
        Set<Integer> sizes = new HashSet<>();
        for (Normalisation normalisation : Normalisation.values()) {
            for (boolean centred : new boolean[] {true, false}) {
                Network network = Tier.S
                        .architecture()
                        .withSeries(Map.of("motion", new SeriesSettings(normalisation, centred, List.of())))
                        .network(TinyRecords.SCHEMA);
                sizes.add(network.layout().size());
                ParameterVector model = TinyNetworks.moved(network, records, 4);
                for (float score : TinyNetworks.scores(network, model, records, TinyNetworks.ALL)) {
                    assertTrue(Float.isFinite(score), normalisation + ", centred " + centred + ": score " + score);
                }
            }
        }
        assertEquals(4, sizes.size(), "with and without moments, with and without centred copies: " + sizes);
    }

    @Test
    void aSchemaOfOneModalityIsEnough() {
        for (Modality modality : TinyRecords.SCHEMA.modalities()) {
            RecordSchema schema = TinyRecords.THREE_CLASSES.restrictedTo(Set.of(modality.name()));
            Network network = Tier.XS.architecture().network(schema);
            List<SiteRecord> records = TinyRecords.draw(schema, 3, 0, 4);
            ParameterVector model = TinyNetworks.moved(network, records, 4);
            float[] scores = TinyNetworks.scores(network, model, records, Set.of(modality.name()));
            assertEquals(9, scores.length);
            assertTrue(Float.isFinite(scores[0]), modality + ": " + scores[0]);
        }
    }

    /** The blocks that both have, and zeros. */
    private static ParameterVector carried(ParameterVector model, Network from, Network to) {
        float[] values = new float[to.layout().size()];
        for (Block block : from.layout().blocks()) {
            System.arraycopy(model.block(block.name()), 0, values, to.layout().offset(block.name()), block.size());
        }
        return ParameterVector.of(to.layout(), values);
    }
}
