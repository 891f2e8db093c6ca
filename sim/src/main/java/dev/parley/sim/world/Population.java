package dev.parley.sim.world;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Who comes to a site, how often and with what: subjects with one to three visits each, 1.5 on average.
 *
 * @param modalities names in the manifest's order, as in {@link SiteProfile#missing}
 * @param effect as in {@link Condition#draw}
 */
record Population(List<String> modalities, double effect) {
    private static final Instant BEGIN = Instant.parse("2025-01-01T00:00:00Z");
    private static final int DAYS = 365;
    private static final String PURPOSE = "research";
    /** Share of the subjects who have withdrawn their consent. */
    static final double WITHDRAWN = 0.02;
    /** Probability that a later visit has the label of the visit before; otherwise it is drawn anew. */
    private static final double SAME_LABEL = 0.5;

    Population {
        modalities = List.copyOf(modalities);
    }

    /** The site's visits, by time. */
    List<Visit> visits(SiteProfile site, RandomStreams streams) {
        List<Visit> visits = new ArrayList<>();
        for (int subject = 0; visits.size() < site.records(); subject++) {
            String pseudonym = String.format(Locale.ROOT, "%s-s%04d", site.name(), subject);
            List<Visit> ofSubject = visitsOf(pseudonym, site, streams.at(pseudonym));
            visits.addAll(ofSubject.subList(0, Math.min(ofSubject.size(), site.records() - visits.size())));
        }
        visits.sort(Comparator.comparing(Visit::at).thenComparing(Visit::id));
        return visits;
    }

    private List<Visit> visitsOf(String subject, SiteProfile site, RandomStreams streams) {
        SplittableRandom random = streams.random("visits");
        int count = drawCount(random);
        String consent = drawConsent(random);
        boolean positive = random.nextDouble() < site.prevalence();
        int[] minutes = random.ints(count, 0, DAYS * 24 * 60).sorted().toArray();
        List<Visit> visits = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            if (i > 1 && random.nextDouble() >= SAME_LABEL) {
                positive = random.nextDouble() < site.prevalence();
            }
            RandomStreams own = streams.at("visit " + i);
            visits.add(new Visit(
                    subject + "-v" + i,
                    subject,
                    Condition.draw(positive, effect, own.random("condition")),
                    BEGIN.plus(minutes[i - 1], ChronoUnit.MINUTES),
                    consent,
                    drawPresent(site, own.random("present")),
                    own,
                    streams));
        }
        return visits;
    }

    private static int drawCount(SplittableRandom random) {
        double draw = random.nextDouble();
        return draw < 0.6 ? 1 : draw < 0.9 ? 2 : 3;
    }

    private static String drawConsent(SplittableRandom random) {
        if (random.nextDouble() < WITHDRAWN) {
            return random.nextBoolean() ? "withdrawn" : "withdrawn:2026-01-31T00:00:00Z";
        }
        return random.nextDouble() < 0.3 ? PURPOSE + ";quality-control" : PURPOSE;
    }

    /** Each modality is missing independently; a draw without any is drawn again. */
    private Set<String> drawPresent(SiteProfile site, SplittableRandom random) {
        Set<String> present = new LinkedHashSet<>();
        while (present.isEmpty()) {
            for (int i = 0; i < modalities.size(); i++) {
                if (random.nextDouble() >= site.missing().get(i)) {
                    present.add(modalities.get(i));
                }
            }
        }
        return present;
    }
}
