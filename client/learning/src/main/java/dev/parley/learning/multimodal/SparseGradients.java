package dev.parley.learning.multimodal;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table that each example names by id, as token embeddings and the wide text path do. A unit's gradient is
 * zero except in the rows it names, and there it is the sum over all their occurrences: an id that occurs twice
 * counts twice, which the sum of squares over occurrences would miss. Plain loops over primitive arrays: there are few
 * ids, and an engine call for each would cost more.
 */
final class SparseGradients implements PerExampleLayer {
    private static final int USE_BITS = 4;
    private static final int POSITION_BITS = 28;

    private final PerExampleScope scope;
    private final int offset;
    private final int width;
    private final List<Use> uses = new ArrayList<>();
    private float @Nullable [] keep;

    /**
     * @param ids row-major {@code rows x most}
     * @param values weight of each id, of which the output is the sum; null where the output has one vector for each id
     */
    private record Use(long[] ids, float @Nullable [] values, int most, PtNDArray probe) {}

    /** One use with the derivatives by its output. */
    private record Read(long[] ids, float @Nullable [] values, int most, float[] derivative) {
        float value(int at) {
            return values == null ? 1f : values[at];
        }

        /** Where the derivative for an occurrence begins. */
        int vector(int at, int width) {
            return (values == null ? at : at / most) * width;
        }
    }

    private List<Read> reads = List.of();

    SparseGradients(PerExampleScope scope, String name, int width) {
        this.scope = scope;
        this.offset = scope.offset(name);
        this.width = width;
    }

    void add(long[] ids, float @Nullable [] values, int most, PtNDArray probe) {
        if (ids.length >= 1 << POSITION_BITS || uses.size() >= 1 << USE_BITS) {
            throw new IllegalStateException("one pass names at most 2^" + POSITION_BITS + " ids in at most 2^"
                    + USE_BITS + " uses of a table, got " + ids.length + " in use " + (uses.size() + 1));
        }
        uses.add(new Use(ids, values, most, probe));
    }

    @Override
    public void retain(Set<PtNDArray> keptInputs, Set<PtNDArray> keptProbes) {
        uses.forEach(use -> keptProbes.add(use.probe()));
    }

    @Override
    public double[] squaredNorms() {
        List<Read> read = new ArrayList<>();
        for (Use use : uses) {
            PtNDArray gradient = scope.takeGradient(use.probe());
            float[] derivative = new float[(int) gradient.size()];
            PerExampleLayer.read(gradient).get(derivative);
            gradient.close();
            read.add(new Read(use.ids(), use.values(), use.most(), derivative));
        }
        reads = read;
        ExampleUnits units = scope.units();
        int[] occurrences = new int[units.count()];
        for (Read use : reads) {
            for (int row = 0; row < units.rows(); row++) {
                occurrences[units.unitOf(row)] += use.most();
            }
        }
        long[][] sorted = new long[units.count()][];
        Arrays.setAll(sorted, unit -> new long[occurrences[unit]]);
        Arrays.fill(occurrences, 0);
        for (int use = 0; use < reads.size(); use++) {
            int most = reads.get(use).most();
            for (int row = 0; row < units.rows(); row++) {
                int unit = units.unitOf(row);
                for (int i = 0; i < most; i++) {
                    int at = row * most + i;
                    sorted[unit][occurrences[unit]++] =
                            reads.get(use).ids()[at] << USE_BITS + POSITION_BITS | (long) use << POSITION_BITS | at;
                }
            }
        }
        double[] squares = new double[units.count()];
        for (int unit = 0; unit < squares.length; unit++) {
            squares[unit] = squaredNorm(sorted[unit]);
        }
        return squares;
    }

    /** @param occurrences id, use and position of all that a unit names, packed so that equal ids sort together */
    private double squaredNorm(long[] occurrences) {
        Arrays.sort(occurrences);
        double[] sum = new double[width];
        double squares = 0;
        for (int i = 0; i < occurrences.length; i++) {
            Read use = reads.get((int) (occurrences[i] >>> POSITION_BITS & (1 << USE_BITS) - 1));
            int at = (int) (occurrences[i] & (1 << POSITION_BITS) - 1);
            float value = use.value(at);
            int from = use.vector(at, width);
            for (int j = 0; j < width; j++) {
                sum[j] += (double) value * use.derivative()[from + j];
            }
            if (i + 1 == occurrences.length
                    || (occurrences[i + 1] ^ occurrences[i]) >>> USE_BITS + POSITION_BITS != 0) {
                for (int j = 0; j < width; j++) {
                    squares += sum[j] * sum[j];
                    sum[j] = 0;
                }
            }
        }
        return squares;
    }

    @Override
    public void drop(float[] rows) {
        keep = rows;
    }

    @Override
    public void addWeighted(float[] factors, float[] gradient) {
        float[] kept = keep;
        for (Read use : reads) {
            for (int row = 0; row < factors.length; row++) {
                if (factors[row] == 0 || (kept != null && kept[row] == 0)) {
                    continue;
                }
                for (int at = row * use.most(); at < (row + 1) * use.most(); at++) {
                    float factor = factors[row] * use.value(at);
                    int from = use.vector(at, width);
                    int to = offset + (int) use.ids()[at] * width;
                    for (int j = 0; j < width; j++) {
                        gradient[to + j] += factor * use.derivative()[from + j];
                    }
                }
            }
        }
    }
}
