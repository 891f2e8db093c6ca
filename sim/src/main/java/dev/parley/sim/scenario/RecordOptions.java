package dev.parley.sim.scenario;

import dev.parley.learning.record.Strictness;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where records are and which of them are used.
 *
 * @param data folder of records, for scenarios that do not draw their own
 * @param evaluation a second folder of the same form: then nothing of {@code data} is held out, and scores are taken here
 * @param sites how many sites take part; empty for all
 * @param seed decides what is drawn, split and sampled
 * @param folder drawn records are written below it
 * @param strictness what a row that breaks a rule does
 */
public record RecordOptions(
        Optional<Path> data,
        Optional<Path> evaluation,
        Optional<Integer> sites,
        long seed,
        Path folder,
        Strictness strictness) {}
