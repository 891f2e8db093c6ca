package dev.parley.sim.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.learning.record.Strictness;
import dev.parley.sim.report.PrivacyClaim;
import dev.parley.sim.report.ReportJson;
import dev.parley.sim.scenario.RecordOptions;
import dev.parley.sim.scenario.ScenarioException;
import dev.parley.sim.scenario.ScenarioReader;
import dev.parley.sim.scenario.ScenarioRecords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scenario with a privacy section, from its settings to its report. */
class PrivateRunTest {
    private static final List<String> SMALL = List.of(
            "modalities=[vitals]",
            "learning.architecture={tier: xs}",
            "learning.augmentation=null",
            "federation.rounds=2",
            "baselines={local: false, central: false}");
    private static final List<String> PRIVATE =
            List.of("learning.privacy={clipNorm: 0.5, epsilon: 4, delta: 0.00001, samplingRate: 0.1, expectedBatch: 4,"
                    + " stepsPerRound: 2}");

    @TempDir
    Path folder;

    private PreparedRun prepared(int sites, List<String> more) throws Exception {
        List<String> overrides = new ArrayList<>(SMALL);
        overrides.addAll(more);
        var scenario = ScenarioReader.read("hospital", overrides);
        var records = ScenarioRecords.load(
                scenario,
                new RecordOptions(
                        Optional.empty(), Optional.empty(), Optional.of(sites), 1, folder, Strictness.QUARANTINE));
        return PreparedRun.of(scenario, records, 1);
    }

    private static Simulation.Outcome run(PreparedRun run) throws Exception {
        try (Workers workers = new Workers(2)) {
            return new Simulation(run, "test", workers, RunListener.NONE).run(System.nanoTime());
        }
    }

    @Test
    void everySiteReportsItsEpsilonAndWhatItDoesNotCover() throws Exception {
        Simulation.Outcome outcome = run(prepared(3, PRIVATE));
        PrivacyClaim claim = outcome.report().privacy().orElseThrow();
        assertEquals("record", claim.unit());
        assertTrue(
                claim.epsilon() <= 4 && claim.epsilon() > 3.95, "the target is met and not wasted: " + claim.epsilon());
        assertEquals(3, claim.sites().size());
        claim.sites().forEach(site -> assertEquals(new PrivacyClaim.Spent(2, claim.epsilon()), site.spent()));
        assertEquals(
                List.of(1, 2),
                claim.curve().stream().map(PrivacyClaim.Spent::rounds).toList());
        assertTrue(claim.curve().getFirst().epsilon() < claim.epsilon());
        assertTrue(claim.foreseeable());
        assertTrue(claim.unpaid().stream().anyMatch(item -> item.contains("normalisation statistics")));
        assertTrue(claim.unpaid().stream().anyMatch(item -> item.contains("counts of scores")));
        assertEquals(
                outcome.model().hash(), run(prepared(3, PRIVATE)).model().hash(), "a simulation repeats bit for bit");
    }

    private static final List<String> SITE_LEVEL = List.of(
            "learning.architecture={tier: xs, series: {vitals: {normalisation: none}}}",
            "federation.clipNorm=1",
            "federation.secureAggregation={colluding: 1, bits: 32}",
            "federation.privacy={siteLevel: {epsilon: 6, delta: 0.0001}}");

    @Test
    void sumsThatHideSitesAreReportedWithTheSiteAsUnitAndRepeat() throws Exception {
        PreparedRun prepared = prepared(5, SITE_LEVEL);
        Simulation.Outcome outcome = run(prepared);

        PrivacyClaim claim = outcome.report().privacy().orElseThrow();
        assertEquals("site", claim.unit());
        assertTrue(claim.epsilon() <= 6 && claim.epsilon() > 5.99, "epsilon " + claim.epsilon());
        var sums = (PrivacyClaim.Mechanism.NoisySums) claim.mechanism();
        assertEquals(4, sums.shares(), "of five sites one may collude");
        assertEquals(5, claim.sites().size());
        assertTrue(claim.unpaid().stream().anyMatch(item -> item.contains("how long a site trained")));
        assertTrue(
                outcome.report().rounds().stream()
                        .allMatch(round -> round.pooled().isPresent()),
                "scored here");
        assertEquals(
                outcome.model().hash(),
                run(prepared(5, SITE_LEVEL)).model().hash(),
                "a simulation repeats bit for bit");
        assertEquals(
                6,
                ReportJson.of(outcome.report())
                        .at("/settings/federation/privacy/siteLevel/epsilon")
                        .intValue());
    }

    @Test
    void whatCannotHideSitesIsRefused() {
        assertRefused("federation.clipNorm", List.of("federation.privacy={siteLevel: {epsilon: 6, delta: 0.0001}}"));
        assertRefused(
                "normalisation: none",
                List.of("federation.clipNorm=1", "federation.privacy={siteLevel: {epsilon: 6, delta: 0.0001}}"));
        List<String> both = new ArrayList<>(SITE_LEVEL);
        both.addAll(PRIVATE);
        assertRefused("expected one of them: a report makes one claim", both);
    }

    private void assertRefused(String reason, List<String> overrides) {
        ScenarioException refused = assertThrows(ScenarioException.class, () -> run(prepared(5, overrides)));
        assertTrue(String.valueOf(refused.getMessage()).contains(reason), refused.getMessage());
    }

    @Test
    void onePrivateSiteTrainsAloneAndNothingIsSummed() throws Exception {
        Simulation.Outcome outcome = run(prepared(1, PRIVATE));
        assertEquals(2, outcome.report().rounds().size());
        assertTrue(outcome.report().rounds().getFirst().pooled().isPresent(), "the site scores its own model");
        assertFalse(
                ReportJson.of(outcome.report()).at("/secureAggregation/enabled").booleanValue());
        ScenarioException refused = assertThrows(ScenarioException.class, () -> prepared(1, List.of()));
        assertTrue(String.valueOf(refused.getMessage()).contains("train that site alone under learning.privacy"));
    }

    @Test
    void theShippedHospitalsTellNothingUnpaidInTraining() throws Exception {
        var scenario = ScenarioReader.read(
                "hospital-private",
                List.of("modalities=[vitals]", "federation.rounds=2", "learning.privacy.epsilon=2"));
        var records = ScenarioRecords.load(
                scenario,
                new RecordOptions(
                        Optional.empty(), Optional.empty(), Optional.of(2), 1, folder, Strictness.QUARANTINE));
        PrivacyClaim claim =
                run(PreparedRun.of(scenario, records, 1)).report().privacy().orElseThrow();
        assertTrue(claim.epsilon() <= 2 && claim.epsilon() > 1.99, "the target is met: " + claim.epsilon());
        assertTrue(
                claim.unpaid().stream().noneMatch(item -> item.contains("normalisation statistics")),
                "scales are public constants: " + claim.unpaid());
    }

    @Test
    void withoutThePrivacySectionNothingIsClaimed() throws Exception {
        assertTrue(run(prepared(2, List.of())).report().privacy().isEmpty());
    }

    @Test
    void aWrongSectionIsRefusedInTheScenariosWords() {
        ScenarioException refused = assertThrows(
                ScenarioException.class, () -> prepared(2, List.of("learning.privacy={clipNorm: 1, epsilon: 2}")));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("scenario hospital: learning.privacy.samplingRate: got"),
                refused.getMessage());
    }
}
