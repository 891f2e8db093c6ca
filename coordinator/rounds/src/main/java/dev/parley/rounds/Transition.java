package dev.parley.rounds;

import java.util.ArrayList;
import java.util.List;

/**
 * What an event led to.
 *
 * @param state the state afterwards
 * @param effects what the shell has to do, in this order
 */
public record Transition<S>(S state, List<Effect> effects) {
    public Transition {
        effects = List.copyOf(effects);
    }

    static <S> Transition<S> to(S state, Effect... effects) {
        return new Transition<>(state, List.of(effects));
    }

    /** This transition, led up to by {@code earlier} effects. */
    Transition<S> after(List<Effect> earlier) {
        if (earlier.isEmpty()) {
            return this;
        }
        List<Effect> all = new ArrayList<>(earlier);
        all.addAll(effects);
        return new Transition<>(state, all);
    }
}
