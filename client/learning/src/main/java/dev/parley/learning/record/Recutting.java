package dev.parley.learning.record;

import dev.parley.learning.record.SiteRecord.Excerpt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cuts recordings anew at more places than their records were cut at, so that a model sees a change of class at every
 * place of a window and not at the few where the records happen to have it.
 *
 * <p>A record's class is that of most of its time, and its {@link Excerpt} says of how much. Where two successive records
 * of a recording, of length L and starting h apart, are of classes a and b, the share p of a in the first says that a
 * ends at p L, and the share q of b in the second says that b starts at h + (1 - q) L. A cut that starts at o is of class
 * a if a ends after o + L / 2, and else of class b. A share says this only if the rest of its record is of the other
 * class, which it is not where the neighbour on the other side has a third one: then the other share alone decides. Where
 * neither can, there is no cut. Between two records of one class every cut is of that class.
 *
 * <p><b>Guarantees</b>: a cut has the subject, the site, the consent and the values of two records that were given, and no
 * other; it has no value that neither of them has; records without an excerpt, and those with another modality of the
 * schema than series, are not cut. <b>Does not</b> know of a change of class within two records of one class.
 */
public final class Recutting {
    private final Map<String, Modality.Series> series = new HashMap<>();
    /** Modalities of the schema that cannot be cut. */
    private final Set<String> uncuttable = new HashSet<>();

    private final double everySeconds;

    /** @param everySeconds how far apart the cuts are, above 0; recordings where this is no whole step are not cut */
    public Recutting(RecordSchema schema, double everySeconds) {
        if (!(everySeconds > 0)) {
            throw new IllegalArgumentException("cuts are more than 0 seconds apart, got " + everySeconds);
        }
        this.everySeconds = everySeconds;
        for (Modality modality : schema.modalities()) {
            if (modality instanceof Modality.Series of) {
                series.put(of.name(), of);
            } else {
                uncuttable.add(modality.name());
            }
        }
    }

    /** The cuts between the records, without the records themselves; in an order that the order of the records decides. */
    public List<SiteRecord> cuts(List<SiteRecord> records) {
        Map<List<String>, TreeMap<Double, Part>> recordings = new LinkedHashMap<>();
        for (SiteRecord record : records) {
            Excerpt excerpt = record.excerpt();
            if (excerpt != null
                    && Collections.disjoint(uncuttable, record.values().keySet())) {
                recordings
                        .computeIfAbsent(
                                List.of(record.siteId(), record.subjectId(), excerpt.recording()),
                                recording -> new TreeMap<>())
                        .put(excerpt.startSeconds(), new Part(record, excerpt));
            }
        }
        List<SiteRecord> cuts = new ArrayList<>();
        for (TreeMap<Double, Part> recording : recordings.values()) {
            List<Part> parts = List.copyOf(recording.values());
            for (int i = 0; i + 1 < parts.size(); i++) {
                cutBetween(parts, i, cuts);
            }
        }
        return cuts;
    }

    private record Part(SiteRecord record, Excerpt excerpt) {
        int label() {
            return record.label();
        }
    }

    private void cutBetween(List<Part> parts, int i, List<SiteRecord> cuts) {
        Part first = parts.get(i);
        Part second = parts.get(i + 1);
        Set<String> names = seriesOf(first);
        if (names.isEmpty() || !names.equals(seriesOf(second))) {
            return;
        }
        double hop = second.excerpt().startSeconds() - first.excerpt().startSeconds();
        double length = Double.POSITIVE_INFINITY;
        for (String name : names) {
            Modality.Series of = Objects.requireNonNull(series.get(name));
            length = Math.min(length, of.steps() / of.rateHertz());
            if (!isSteps(hop * of.rateHertz()) || !isSteps(everySeconds * of.rateHertz())) {
                return;
            }
        }
        // Far more than rounding leaves, far less than a step.
        double rounding = 1e-6 * everySeconds;
        if (hop > length + rounding) {
            return;
        }
        OptionalDouble end = endOfFirstClass(parts, i, hop, length);
        for (int k = 1; k * everySeconds < hop - rounding; k++) {
            double start = k * everySeconds;
            if (first.label() == second.label()) {
                cuts.add(cut(first, second, start, hop, first.label(), k));
            } else if (end.isPresent()) {
                boolean stillFirst = end.getAsDouble() > start + length / 2;
                cuts.add(cut(first, second, start, hop, stillFirst ? first.label() : second.label(), k));
            }
        }
    }

    /** In seconds from the start of the first record: the mean of what the two records say, as far as they can. */
    private static OptionalDouble endOfFirstClass(List<Part> parts, int i, double hop, double length) {
        Part first = parts.get(i);
        Part second = parts.get(i + 1);
        boolean firstTells = i == 0 || parts.get(i - 1).label() == first.label();
        boolean secondTells = i + 2 == parts.size() || parts.get(i + 2).label() == second.label();
        double byFirst = first.excerpt().labelShare() * length;
        double bySecond = hop + (1 - second.excerpt().labelShare()) * length;
        if (firstTells && secondTells) {
            return OptionalDouble.of((byFirst + bySecond) / 2);
        }
        if (firstTells) {
            return OptionalDouble.of(byFirst);
        }
        return secondTells ? OptionalDouble.of(bySecond) : OptionalDouble.empty();
    }

    private Set<String> seriesOf(Part part) {
        Set<String> names = new HashSet<>(part.record().values().keySet());
        names.retainAll(series.keySet());
        return names;
    }

    /** A whole number of them, and not none: however close together cuts are asked for, there is one a step at most. */
    private static boolean isSteps(double steps) {
        return Math.rint(steps) >= 1 && Math.abs(steps - Math.rint(steps)) < 1e-3;
    }

    private SiteRecord cut(Part first, Part second, double start, double hop, int label, int number) {
        SiteRecord record = first.record();
        Map<String, ModalityValue> values = new HashMap<>();
        for (String name : seriesOf(first)) {
            Modality.Series of = Objects.requireNonNull(series.get(name));
            values.put(
                    name,
                    joined(
                            of,
                            (ModalityValue.Series)
                                    Objects.requireNonNull(record.values().get(name)),
                            (ModalityValue.Series) Objects.requireNonNull(
                                    second.record().values().get(name)),
                            (int) Math.rint(start * of.rateHertz()),
                            (int) Math.rint(hop * of.rateHertz())));
        }
        return new SiteRecord(
                record.recordId() + "+" + number,
                record.subjectId(),
                record.siteId(),
                record.clock(),
                values,
                label,
                record.consent(),
                record.provenance());
    }

    /** A window that starts {@code start} steps into {@code first}, behind whose end {@code second} goes on. */
    private static ModalityValue.Series joined(
            Modality.Series of, ModalityValue.Series first, ModalityValue.Series second, int start, int hop) {
        int steps = of.steps();
        float[] values = new float[first.values().length];
        boolean[] observed = new boolean[values.length];
        int kept = steps - start;
        for (int row = 0; row < values.length; row += steps) {
            System.arraycopy(first.values(), row + start, values, row, kept);
            System.arraycopy(first.observed(), row + start, observed, row, kept);
            System.arraycopy(second.values(), row + steps - hop, values, row + kept, start);
            System.arraycopy(second.observed(), row + steps - hop, observed, row + kept, start);
        }
        return new ModalityValue.Series(values, observed);
    }
}
