package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.parley.learning.multimodal.FeatureMap.Features;
import dev.parley.learning.record.Modality;
import dev.parley.learning.record.ModalityValue;
import dev.parley.learning.record.RecordSchema;
import dev.parley.learning.record.SiteRecord;
import dev.parley.privacy.update.ParameterVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** {@link HandcraftedFeatures} bound to a schema: one table of weights for each modality, which starts at zero. */
final class FeatureClassifier implements DeclaredNetwork {
    private final RecordSchema schema;
    private final List<FeatureMap> maps;
    private final Parameters parameters;

    FeatureClassifier(HandcraftedFeatures architecture, RecordSchema schema) {
        this.schema = schema;
        this.maps = schema.modalities().stream()
                .map(modality -> FeatureMap.of(modality, architecture))
                .toList();
        List<ParameterSpec> declared = new ArrayList<>();
        for (int m = 0; m < maps.size(); m++) {
            Modality modality = schema.modalities().get(m);
            String block = HandcraftedFeatures.weights(modality.name());
            long width = maps.get(m).width();
            declared.add(
                    modality instanceof Modality.Text
                            ? ParameterSpec.wide(block, width, outputs())
                            : ParameterSpec.constant(block, 0, width, outputs()).by(GradientRule.SPARSE));
        }
        this.parameters = new Parameters(declared);
    }

    /** With two classes the score of class 1 against class 0, otherwise one for each class. */
    private int outputs() {
        return schema.classes().size() == 2 ? 1 : schema.classes().size();
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Prepared prepare(ParameterVector model, List<SiteRecord> records, Set<String> present) {
        List<List<@Nullable Features>> features = new ArrayList<>();
        for (int m = 0; m < maps.size(); m++) {
            String name = schema.modalities().get(m).name();
            List<@Nullable Features> ofModality = new ArrayList<>(records.size());
            for (SiteRecord record : records) {
                ModalityValue value = present.contains(name) ? record.values().get(name) : null;
                ofModality.add(value == null ? null : maps.get(m).of(value));
            }
            features.add(ofModality);
        }
        int[] labels = records.stream().mapToInt(SiteRecord::label).toArray();
        return new PreparedFeatures(features, labels);
    }

    /** Features are computed once: no draw changes them. */
    private final class PreparedFeatures implements Prepared {
        private final List<List<@Nullable Features>> features;
        private final int[] labels;

        /** @param features by modality and record; null where the modality is missing */
        PreparedFeatures(List<List<@Nullable Features>> features, int[] labels) {
            this.features = features;
            this.labels = labels;
        }

        @Override
        public int size() {
            return labels.length;
        }

        @Override
        public PtNDArray loss(StepScope scope, int[] indices, SplittableRandom random, Objective objective) {
            return CrossEntropy.mean(scope, scores(scope, indices), labels, indices, objective.labelSmoothing());
        }

        @Override
        public PtNDArray scores(StepScope scope, int[] indices) {
            PtNDArray sum = scope.constant(0f, indices.length, outputs());
            for (int m = 0; m < features.size(); m++) {
                sum = JniUtils.add(sum, scores(scope, indices, m));
            }
            return Layers.perClass(scope, sum);
        }

        private PtNDArray scores(StepScope scope, int[] indices, int modality) {
            List<@Nullable Features> ofModality = features.get(modality);
            int most = 1;
            for (int index : indices) {
                Features own = ofModality.get(index);
                most = own == null ? most : Math.max(most, own.ids().length);
            }
            long[] ids = new long[indices.length * most];
            float[] values = new float[ids.length];
            for (int row = 0; row < indices.length; row++) {
                Features own = ofModality.get(indices[row]);
                if (own != null) {
                    System.arraycopy(own.ids(), 0, ids, row * most, own.ids().length);
                    System.arraycopy(own.values(), 0, values, row * most, own.values().length);
                }
            }
            String name = schema.modalities().get(modality).name();
            return scope.weightedRows(HandcraftedFeatures.weights(name), ids, values, indices.length, most);
        }
    }
}
