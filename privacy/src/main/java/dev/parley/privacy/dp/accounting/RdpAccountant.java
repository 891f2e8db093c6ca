package dev.parley.privacy.dp.accounting;

import dev.parley.privacy.dp.Delta;
import dev.parley.privacy.dp.Epsilon;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Accounting by Rényi divergence: adds up divergences at fixed orders and takes the best. Sound, quick and looser than
 * {@link PldAccountant}; needed where only the divergence is known, and to compare with other libraries, whose orders it
 * shares. Its lower bound is 0: it has none.
 */
public final class RdpAccountant implements Accountant {
    /** Orders of Opacus and of dp_accounting: 1.1 to 10.9, 11 to 63, 128, 256, 512, 1024. */
    public static final List<Double> ORDERS = DoubleStream.concat(
                    IntStream.range(1, 100).mapToDouble(i -> 1 + i / 10.0),
                    DoubleStream.concat(
                            IntStream.range(11, 64).mapToDouble(i -> i), DoubleStream.of(128, 256, 512, 1024)))
            .boxed()
            .toList();

    private final List<Double> orders;

    /** With {@link #ORDERS}. */
    public RdpAccountant() {
        this(ORDERS);
    }

    /** @param orders each greater than 1, at least one */
    public RdpAccountant(List<Double> orders) {
        this.orders = List.copyOf(orders);
        if (this.orders.isEmpty() || this.orders.stream().anyMatch(order -> !(order > 1 && order < 1e6))) {
            throw new IllegalArgumentException("Rényi orders are greater than 1, got " + orders);
        }
    }

    @Override
    public EpsilonBounds bounds(Composition composition, Delta delta) {
        return new EpsilonBounds(new Epsilon(0), epsilon(composition, delta));
    }

    @Override
    public Epsilon epsilon(Composition composition, Delta delta) {
        Accountant.requirePositive(delta);
        double least = Double.POSITIVE_INFINITY;
        for (double order : orders) {
            least = Math.min(least, RenyiConversion.epsilon(order, divergence(composition, order), delta.value()));
        }
        return new Epsilon(least);
    }

    @Override
    public Delta delta(Composition composition, Epsilon epsilon) {
        double least = 1;
        for (double order : orders) {
            least = Math.min(least, RenyiConversion.delta(order, divergence(composition, order), epsilon.value()));
        }
        return new Delta(least);
    }

    /**
     * The composition's Rényi divergence at each of this accountant's orders, in nats.
     *
     * @throws NoAnalysisException if a mechanism has no analysis for the composition's relation
     */
    public List<Double> divergences(Composition composition) {
        var found = new ArrayList<Double>();
        for (double order : orders) {
            found.add(divergence(composition, order));
        }
        return List.copyOf(found);
    }

    private static double divergence(Composition composition, double order) {
        double sum = 0;
        for (Map.Entry<Mechanism, Long> entry : composition.counts().entrySet()) {
            sum += entry.getValue() * RenyiDivergence.of(entry.getKey(), composition.relation(), order);
        }
        return sum;
    }
}
