package dev.parley.sim.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorldStatisticsTest {
    /** Many seeds, so that chance is small against what is tested. */
    private static final long SEEDS = 8;
    /** Deviations of a binomial share; repeated visits of one subject agree, which widens it. */
    private static final double DEVIATIONS = 5;

    private static List<SiteProfile> profiles(String world) {
        return world.equals("hospital") ? HospitalWorld.PROFILES : PlantWorld.PROFILES;
    }

    private static List<Sight> sights(String world) {
        return world.equals("hospital") ? HospitalWorld.SIGHTS : PlantWorld.SIGHTS;
    }

    private static List<Visit> visits(String world, SiteProfile site) {
        BiFunction<SiteProfile, Long, List<Visit>> draw =
                world.equals("hospital") ? HospitalWorld::visits : PlantWorld::visits;
        List<Visit> visits = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            visits.addAll(draw.apply(site, seed));
        }
        return visits;
    }

    private static void assertShare(double expected, long count, long of, String what) {
        double bound = DEVIATIONS * Math.sqrt(expected * (1 - expected) / of) + 1e-9;
        assertEquals(expected, (double) count / of, bound, what + ", seeds 1 to " + SEEDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital", "plant"})
    void followsTheProfilesOfTheSites(String world) {
        long positive = 0;
        long records = 0;
        for (SiteProfile site : profiles(world)) {
            List<Visit> visits = visits(world, site);
            assertEquals(SEEDS * site.records(), visits.size(), site.name());
            long sick = visits.stream()
                    .filter(visit -> visit.condition().positive())
                    .count();
            assertShare(site.prevalence(), sick, visits.size(), site.name() + ": prevalence");
            assertMissing(site, sights(world), visits);
            long withdrawn = visits.stream()
                    .filter(visit -> visit.consent().startsWith("withdrawn"))
                    .count();
            assertShare(Population.WITHDRAWN, withdrawn, visits.size(), site.name() + ": withdrawn");
            positive += sick;
            records += visits.size();
        }
        assertEquals(0.35, (double) positive / records, 0.03, world + ": positive over all sites");
        assertEquals(1300, records / SEEDS, 50, world + ": records of all sites");
    }

    private static void assertMissing(SiteProfile site, List<Sight> sights, List<Visit> visits) {
        double none = site.missing().stream().reduce(1.0, (a, b) -> a * b);
        for (int i = 0; i < sights.size(); i++) {
            String modality = sights.get(i).modality();
            double expected = (site.missing().get(i) - none) / (1 - none);
            long missing = visits.stream()
                    .filter(visit -> !visit.present().contains(modality))
                    .count();
            assertShare(expected, missing, visits.size(), site.name() + ": missing " + modality);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital", "plant"})
    void hasAboutOneAndAHalfRecordsForASubjectAndNoneWithoutModalities(String world) {
        long records = 0;
        long subjects = 0;
        for (SiteProfile site : profiles(world)) {
            List<Visit> visits =
                    (world.equals("hospital") ? HospitalWorld.visits(site, 1) : PlantWorld.visits(site, 1));
            Set<String> of = new HashSet<>();
            for (Visit visit : visits) {
                of.add(visit.subject());
                assertTrue(!visit.present().isEmpty(), visit.id());
            }
            records += visits.size();
            subjects += of.size();
        }
        assertEquals(1.5, (double) records / subjects, 0.12, world + ", seed 1");
    }

    private static double auroc(List<Visit> visits, List<Sight> sights) {
        List<double[]> features = visits.stream()
                .map(visit -> sights.stream()
                        .flatMapToDouble(sight -> DoubleStream.of(sight.evidence(visit)))
                        .toArray())
                .toList();
        return LogisticProbe.auroc(
                features,
                visits.stream().map(visit -> visit.condition().positive()).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"hospital", "plant"})
    void tellsPartOfTheConditionByEachModalityAndMoreByAll(String world) {
        List<Visit> visits = new ArrayList<>();
        profiles(world).forEach(site -> visits.addAll(visits(world, site).subList(0, 2 * site.records())));
        double best = 0;
        for (Sight sight : sights(world)) {
            double alone = auroc(visits, List.of(sight));
            best = Math.max(best, alone);
            assertTrue(alone > 0.75 && alone < 0.96, sight.modality() + " alone: " + alone);
        }
        double joint = auroc(visits, sights(world));
        assertTrue(joint > best && joint > 0.93 && joint < 0.985, "all modalities: " + joint + ", best alone " + best);
    }

    @Test
    void showsInANoteWhatAReaderOfAllSynonymsWouldFind() {
        assertNoteTells(HospitalWorld.SIGHTS.get(1), "hospital");
        assertNoteTells(PlantWorld.SIGHTS.get(1), "plant");
    }

    private static void assertNoteTells(Sight note, String world) {
        List<double[]> features = new ArrayList<>();
        List<Boolean> labels = new ArrayList<>();
        for (SiteProfile site : profiles(world)) {
            NoteWriter writer = world.equals("hospital") ? HospitalWorld.noteWriter(site) : PlantWorld.noteWriter(site);
            for (Visit visit : visits(world, site).subList(0, 2 * site.records())) {
                boolean[] found =
                        writer.findings(note.evidence(visit), visit.streams().random("note"));
                double[] row = new double[found.length];
                for (int i = 0; i < found.length; i++) {
                    row[i] = found[i] ? 1 : 0;
                }
                features.add(row);
                labels.add(visit.condition().positive());
            }
        }
        double alone = LogisticProbe.auroc(features, labels);
        assertTrue(alone > 0.80 && alone < 0.90, world + ": findings of the note alone: " + alone);
    }
}
