package dev.parley.learning.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Records to train on and records to score on.
 *
 * <p><b>Guarantees</b>: no subject on both sides; what happens at a site depends on the records of that site and on the
 * rule only, not on other sites nor on the order of records; at each site, subjects are drawn within each class (a
 * subject with several labels counts for its most frequent one, the lowest if several are), and the held-out records of
 * a class come as near to the share as whole subjects allow, going through them in an order that is drawn by SHA-256 of
 * seed and subject.
 * <b>Does not</b> hold out anything where a site or a class has one subject, or where one would be too many.
 *
 * @param training in the order of the input
 * @param heldOut in the order of the input
 */
public record SubjectSplit(List<SiteRecord> training, List<SiteRecord> heldOut) {
    public SubjectSplit {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
    }

    /** Divides the records of one or more sites. */
    public static SubjectSplit of(List<SiteRecord> records, SplitRule rule) {
        Map<String, Map<String, Subject>> sites = new HashMap<>();
        for (SiteRecord record : records) {
            sites.computeIfAbsent(record.siteId(), site -> new LinkedHashMap<>())
                    .computeIfAbsent(record.subjectId(), id -> new Subject(id, rule.seed()))
                    .add(record.label());
        }
        Map<String, Set<String>> held = new HashMap<>();
        sites.forEach((site, subjects) -> held.put(site, heldOut(subjects.values(), rule.heldOut())));
        List<SiteRecord> training = new ArrayList<>();
        List<SiteRecord> heldOut = new ArrayList<>();
        for (SiteRecord record : records) {
            boolean out = held.getOrDefault(record.siteId(), Set.of()).contains(record.subjectId());
            (out ? heldOut : training).add(record);
        }
        return new SubjectSplit(training, heldOut);
    }

    private static Set<String> heldOut(Iterable<Subject> subjects, double share) {
        TreeMap<Integer, List<Subject>> strata = new TreeMap<>();
        for (Subject subject : subjects) {
            strata.computeIfAbsent(subject.mainLabel(), label -> new ArrayList<>())
                    .add(subject);
        }
        Set<String> held = new HashSet<>();
        for (List<Subject> stratum : strata.values()) {
            stratum.sort(
                    Comparator.comparingLong((Subject subject) -> subject.order).thenComparing(subject -> subject.id));
            double wanted = share * stratum.stream().mapToInt(Subject::records).sum();
            int taken = 0;
            int left = stratum.size();
            for (Subject subject : stratum) {
                boolean nearer = Math.abs(taken + subject.records() - wanted) < Math.abs(taken - wanted);
                if (nearer && left > 1) {
                    held.add(subject.id);
                    taken += subject.records();
                    left--;
                }
            }
        }
        return held;
    }

    private static final class Subject {
        private final String id;
        private final long order;
        private final TreeMap<Integer, Integer> labels = new TreeMap<>();

        Subject(String id, long seed) {
            this.id = id;
            this.order = drawn(seed, id);
        }

        void add(int label) {
            labels.merge(label, 1, Integer::sum);
        }

        int records() {
            return labels.values().stream().mapToInt(Integer::intValue).sum();
        }

        int mainLabel() {
            int most =
                    labels.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            return labels.entrySet().stream()
                    .filter(entry -> entry.getValue() == most)
                    .mapToInt(Map.Entry::getKey)
                    .findFirst()
                    .orElse(0);
        }
    }

    private static long drawn(long seed, String subject) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, seed));
            return ByteBuffer.wrap(digest.digest(subject.getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
