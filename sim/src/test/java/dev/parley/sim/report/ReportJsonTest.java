package dev.parley.sim.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
    private static final List<String> METRICS = List.of("n", "auroc", "accuracy", "macroF1", "ece", "brier");
    private static final List<String> SCORED =
            with(List.of("on"), METRICS, List.of("intervals", "perSite", "perSubset"));

    /** What others read; a change here breaks them. */
    @Test
    void everyNameIsAsPromised() throws Exception {
        JsonNode json = new ObjectMapper().readTree(ReportJson.text(SampleReports.hospital()));

        assertEquals(
                List.of(
                        "scenario",
                        "seed",
                        "parameters",
                        "sites",
                        "rounds",
                        "final",
                        "eval",
                        "baselines",
                        "missing",
                        "privacy",
                        "secureAggregation",
                        "bytes",
                        "seconds",
                        "data",
                        "siteDetails",
                        "settings",
                        "command"),
                names(json));
        assertEquals(
                with(List.of("round", "task", "contributors", "smallestSum"), METRICS, List.of("seconds", "bytes")),
                names(json.at("/rounds/0")));
        assertEquals(List.of("up", "down"), names(json.at("/rounds/1/bytes")));
        for (String scored : List.of("/final", "/eval", "/baselines/central")) {
            assertEquals(SCORED, names(json.at(scored)), scored);
            assertEquals(List.of("auroc", "accuracy", "macroF1", "ece"), names(json.at(scored + "/intervals")));
            assertEquals(2, json.at(scored + "/intervals/auroc").size());
        }
        assertEquals(METRICS, names(json.at("/final/perSite/bern")));
        assertEquals(METRICS, names(json.at("/final/perSubset/scan+note+vitals")));
        assertEquals(List.of("local", "central"), names(json.at("/baselines")));
        assertEquals(with(METRICS, List.of("perSite")), names(json.at("/baselines/local")));
        assertEquals(METRICS, names(json.at("/baselines/local/perSite/bern")));
        assertEquals(List.of("modality", "masked", "zeroFilled"), names(json.at("/missing/0")));
        assertEquals(METRICS, names(json.at("/missing/0/zeroFilled")));
        assertEquals(
                "{\"unit\":null,\"epsilon\":null,\"delta\":null,\"accountant\":null}",
                json.get("privacy").toString());
        assertEquals(
                "{\"enabled\":true,\"bits\":24,\"colluding\":1,\"groups\":1,\"combination\":\"none\",\"smallestSum\":8}",
                json.get("secureAggregation").toString());
        assertEquals("{\"up\":612345678,\"down\":1234567890}", json.get("bytes").toString());
        assertEquals(
                "{\"total\":187.4,\"training\":341.25,\"aggregation\":1.375}",
                json.get("seconds").toString());
        assertEquals(List.of("classes", "modalities", "quarantined", "notes"), names(json.get("data")));
        assertEquals(
                List.of(
                        "site",
                        "training",
                        "heldOut",
                        "subjects",
                        "withheld",
                        "quarantined",
                        "perClass",
                        "modalityShare"),
                names(json.at("/siteDetails/0")));
        assertEquals(8, json.get("sites").intValue());
        assertEquals(
                "{\"modalities\":[\"scan\",\"note\",\"vitals\"],\"rounds\":20,\"training\":"
                        + "{\"batch\":16,\"clip\":\"Infinity\",\"learning-rate\":0.001}}",
                sorted(json.get("settings")));
    }

    @Test
    void privateTrainingTellsItsCostAndWhatItDoesNotCover() throws Exception {
        RunReport report = SampleReports.withPrivacy(SampleReports.hospital(), SampleReports.privacy());
        JsonNode privacy = new ObjectMapper().readTree(ReportJson.text(report)).get("privacy");

        assertEquals(
                List.of(
                        "unit",
                        "epsilon",
                        "delta",
                        "accountant",
                        "neighbours",
                        "noiseMultiplier",
                        "covers",
                        "foreseeableNoise",
                        "unpaid",
                        "sites",
                        "curve"),
                names(privacy));
        assertEquals(2.3451, privacy.get("epsilon").doubleValue(), "the site that has spent most");
        assertEquals("training", privacy.get("covers").textValue());
        assertEquals(
                "{\"site\":\"bern\",\"unit\":\"record\",\"epsilon\":1.9,\"delta\":1.0E-5,\"accountant\":\"pld\",\"rounds\":2}",
                privacy.at("/sites/1").toString());
        assertEquals("{\"round\":3,\"epsilon\":2.3451}", privacy.at("/curve/2").toString());
    }

    @Test
    void aPromiseThatIsNoneIsNullNotInfinite() throws Exception {
        PrivacyClaim sample = SampleReports.privacy();
        var unbounded = new PrivacyClaim.Spent(3, Double.POSITIVE_INFINITY);
        var claim = new PrivacyClaim(
                sample.unit(),
                sample.delta(),
                sample.mechanism(),
                List.of(new PrivacyClaim.Site("aachen", unbounded)),
                List.of(unbounded),
                sample.unpaid(),
                false);
        String text = ReportJson.text(SampleReports.withPrivacy(SampleReports.bare(), claim));

        assertTrue(new ObjectMapper().readTree(text).at("/privacy/epsilon").isNull());
        assertFalse(text.contains("Infinity"));
    }

    @Test
    void whatDoesNotExistIsNullAndNeverNotANumber() throws Exception {
        String text = ReportJson.text(SampleReports.bare());
        JsonNode json = new ObjectMapper().readTree(text);

        for (String absent : List.of(
                "/final/auroc",
                "/final/intervals/auroc",
                "/final/perSite/ward/auroc",
                "/eval",
                "/baselines/local",
                "/baselines/central",
                "/rounds/0/n",
                "/rounds/0/accuracy",
                "/rounds/0/brier")) {
            assertTrue(json.at(absent).isNull(), absent);
        }
        assertTrue(json.get("missing").isArray() && json.get("missing").isEmpty());
        assertFalse(text.contains("NaN"));
        assertEquals(1.0, json.at("/final/accuracy").doubleValue());
    }

    @Test
    void aSettingThatJsonDoesNotHaveIsRefused() {
        RunReport sample = SampleReports.bare();

        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new RunReport(
                        sample.scenario(),
                        sample.title(),
                        1,
                        1,
                        sample.sites(),
                        sample.rounds(),
                        sample.finalScores(),
                        sample.eval(),
                        sample.local(),
                        sample.central(),
                        sample.missing(),
                        sample.sums(),
                        sample.privacy(),
                        sample.bytes(),
                        sample.seconds(),
                        sample.data(),
                        sample.command(),
                        new TreeMap<>(Map.of("thread", new Thread()))));

        assertEquals("a setting is a string, number, boolean, list or map, got java.lang.Thread", refused.getMessage());
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Maps made with Map.of have no order of their own. */
    private static String sorted(JsonNode object) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        return mapper.configure(com.fasterxml.jackson.databind.SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true)
                .writeValueAsString(mapper.treeToValue(object, Object.class));
    }

    @SafeVarargs
    private static List<String> with(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
