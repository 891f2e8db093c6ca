package dev.parley.sim.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.sim.report.RunReport.LocalBaseline;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
    private static final String HOSTILE = "</title><script>alert('x')</script>\"&\u0000\u202E\uD800";

    private static Map<String, RunReport> samples() {
        RunReport hospital = SampleReports.hospital();
        return Map.of(
                "everything", hospital,
                "private training", SampleReports.withPrivacy(hospital, SampleReports.privacy()),
                "one site, one round, no AUROC, no baseline", SampleReports.bare(),
                "a hundred sites", SampleReports.of(SampleReports.siteNames(100), 50, true),
                "a hundred sites, own records", ownRecords(SampleReports.of(SampleReports.siteNames(100), 1, true)),
                "own models on their own records", ownRecords(hospital),
                "no baselines", SampleReports.of(List.of("a", "b"), 3, false),
                "a hostile site", SampleReports.of(List.of("bern", HOSTILE), 2, true));
    }

    /** Each site's own model scored on that site's held-out records only. */
    private static RunReport ownRecords(RunReport sample) {
        return SampleReports.withLocal(
                sample,
                new LocalBaseline(
                        sample.local().orElseThrow().mean(),
                        sample.finalScores().perSite()));
    }

    @TestFactory
    Stream<DynamicTest> everyPageStandsAlone() {
        return samples().entrySet().stream()
                .map(sample -> DynamicTest.dynamicTest(sample.getKey(), () -> {
                    String html = ReportPage.html(sample.getValue());
                    Document page = parsed(html);

                    assertFalse(html.contains("http://") || html.contains("https://"), "refers to the network");
                    assertFalse(html.contains("url(") || html.contains("@import"), "refers to a file");
                    assertFalse(html.contains("NaN") || html.contains("Infinity%"), "draws what is no number");
                    for (String loading : List.of("script", "link", "img", "iframe", "object", "a")) {
                        assertEquals(0, page.getElementsByTagName(loading).getLength(), loading);
                    }
                    Element policy = elements(page, "meta").stream()
                            .filter(meta -> meta.getAttribute("http-equiv").equals("Content-Security-Policy"))
                            .findFirst()
                            .orElseThrow();
                    assertEquals(
                            "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
                            policy.getAttribute("content"));
                    assertEveryPlotHasANameAWordAndATable(page);
                    assertEquals(html, ReportPage.html(sample.getValue()));
                }));
    }

    private static void assertEveryPlotHasANameAWordAndATable(Document page) {
        Set<String> ids = new HashSet<>();
        int plots = 0;
        for (Element figure : elements(page, "figure")) {
            Element plot = elements(figure, "svg").stream()
                    .filter(svg -> svg.getAttribute("role").equals("img"))
                    .findFirst()
                    .orElseThrow();
            plots++;
            Element title = elements(plot, "title").getFirst();
            Element description = elements(plot, "desc").getFirst();
            assertEquals(
                    title.getAttribute("id") + " " + description.getAttribute("id"),
                    plot.getAttribute("aria-labelledby"));
            assertTrue(ids.add(title.getAttribute("id")) && ids.add(description.getAttribute("id")));
            assertFalse(title.getTextContent().isBlank()
                    || description.getTextContent().isBlank());
            assertFalse(elements(figure, "td").isEmpty(), "no table under " + title.getTextContent());
        }
        assertTrue(plots > 0);
    }

    @Test
    void privateTrainingIsSaidWithItsLimits() throws Exception {
        String html = ReportPage.html(SampleReports.withPrivacy(SampleReports.hospital(), SampleReports.privacy()));

        for (String said : List.of(
                "at most epsilon 2.346",
                "one record more or less",
                "That covers training and nothing else",
                "the counts of scores",
                "can be computed again from the seed")) {
            assertTrue(html.contains(said), "does not say: " + said);
        }
        assertFalse(html.contains("no epsilon and no delta is claimed"));
    }

    @Test
    void aHostileNameIsTextAndNothingElse() throws Exception {
        String html = ReportPage.html(SampleReports.of(List.of("bern", HOSTILE), 2, true));
        Document page = parsed(html);

        assertFalse(html.contains("<script"));
        String shown = "</title><script>alert('x')</script>\"&\uFFFD\uFFFD\uFFFD";
        assertTrue(elements(page, "th").stream()
                .anyMatch(cell -> cell.getTextContent().equals(shown)));
    }

    @Test
    void theTablesHoldTheNumbersOfTheJson() throws Exception {
        RunReport report = SampleReports.hospital();
        Document page = parsed(ReportPage.html(report));
        JsonNode json = ReportJson.of(report);

        assertEquals(metrics(json.get("final")), row(page, "all measures", "federated"));
        assertEquals(metrics(json.at("/baselines/central")), row(page, "all measures", "pooled training"));
        assertEquals(
                metrics(json.at("/baselines/local")).subList(1, 6), row(page, "all measures", "mean of single sites"));
        JsonNode interval = json.at("/final/intervals/auroc");
        assertEquals(
                List.of(
                        json.at("/final/auroc").doubleValue(),
                        interval.get(0).doubleValue(),
                        interval.get(1).doubleValue()),
                row(page, "who learned from what, by AUROC", "federated"));
        json.at("/final/perSite")
                .properties()
                .forEach(site ->
                        assertEquals(metrics(site.getValue()), row(page, "federated model by site", site.getKey())));
        json.at("/baselines/local/perSite")
                .properties()
                .forEach(site ->
                        assertEquals(metrics(site.getValue()), row(page, "each site's own model", site.getKey())));
        json.at("/final/perSubset")
                .properties()
                .forEach(subset ->
                        assertEquals(metrics(subset.getValue()), row(page, "by modalities used", subset.getKey())));
        json.at("/rounds").forEach(round -> {
            List<Double> expected =
                    new ArrayList<>(List.of(round.get("contributors").doubleValue()));
            expected.addAll(metrics(round));
            expected.add(round.get("seconds").doubleValue());
            expected.add(round.at("/bytes/up").doubleValue());
            expected.add(round.at("/bytes/down").doubleValue());
            assertEquals(expected, row(page, "all rounds", round.get("round").asText()));
        });
        JsonNode modality = json.at("/missing/1");
        assertEquals(
                List.of(
                        modality.at("/masked/auroc").doubleValue(),
                        modality.at("/zeroFilled/auroc").doubleValue()),
                row(
                                page,
                                "cost of losing a modality, in AUROC",
                                modality.get("modality").asText())
                        .subList(0, 2));
    }

    @Test
    void whatWasNotMeasuredIsNotShown() throws Exception {
        String bare = ReportPage.html(SampleReports.bare());

        for (String absent : List.of(
                "id=\"missing\"", "id=\"elsewhere\"", "id=\"rounds\"", "pooled training", "mean of single sites")) {
            assertFalse(bare.contains(absent), absent);
        }
        assertTrue(bare.contains("no epsilon and no delta is claimed"));
        assertTrue(ReportPage.html(SampleReports.hospital()).contains("id=\"missing\""));
    }

    @Test
    void theSmallestSumIsNamedAndWhatGroupsCost() throws Exception {
        String one = ReportPage.html(SampleReports.hospital());
        String grouped = ReportPage.html(SampleReports.grouped());

        assertTrue(one.contains("the smallest sum that was opened had the updates of 8 sites, always over all"));
        assertTrue(one.contains("even if 1 site had worked together with the coordinator"));
        assertFalse(one.contains("Groups were summed"));
        assertTrue(grouped.contains("the smallest sum that was opened had the updates of 2 sites, combined by median"));
        assertTrue(grouped.contains("provided that no site works together with the coordinator"));
        assertTrue(grouped.contains("Groups were summed one by one"));
    }

    @Test
    void scalesHaveRoundEndsAroundTheirValues() {
        assertEquals(List.of("0.70", "0.75", "0.80", "0.85", "0.90"), labels(Scale.around(List.of(0.73, 0.87))));
        assertEquals("1.00", labels(Scale.around(List.of(0.998, 1.0))).getLast());
        assertEquals(Scale.whole(), Scale.around(List.of()));
        for (double low : new double[] {0, 0.003, 0.5, 0.991, 1}) {
            for (double high : new double[] {0, 0.003, 0.5, 0.991, 1}) {
                Scale scale = Scale.around(List.of(low, high));
                assertTrue(scale.low() < scale.high() && scale.ticks().size() <= 7, low + " " + high);
                assertNotEquals(Optional.empty(), scale.ticks().stream().findFirst());
                assertTrue(scale.low() <= Math.min(low, high) + 1e-9 && scale.high() >= Math.max(low, high) - 1e-9);
            }
        }
    }

    private static List<String> labels(Scale scale) {
        return scale.ticks().stream().map(scale::label).toList();
    }

    /** The numbers of an object with metrics, in the order of the tables; absent ones left out. */
    private static List<Double> metrics(JsonNode json) {
        return Stream.of("n", "auroc", "accuracy", "macroF1", "ece", "brier")
                .map(json::get)
                .filter(JsonNode::isNumber)
                .map(JsonNode::doubleValue)
                .toList();
    }

    /** Exact numbers of the row with that head in the first table of that caption; each also as it is shown. */
    private static List<Double> row(Document page, String caption, String head) {
        Element table = elements(page, "table").stream()
                .filter(t -> elements(t, "caption").getFirst().getTextContent().equals(caption))
                .findFirst()
                .orElseThrow();
        Element row = elements(table, "tr").stream()
                .filter(tr -> elements(tr, "th").getFirst().getTextContent().equals(head))
                .findFirst()
                .orElseThrow();
        return elements(row, "data").stream()
                .map(data -> {
                    double exact = Double.parseDouble(data.getAttribute("value"));
                    String shown = data.getTextContent();
                    if (shown.matches("0\\.\\d{3}")) {
                        assertEquals(exact, Double.parseDouble(shown), 0.0005 + 1e-12);
                    }
                    return exact;
                })
                .toList();
    }

    private static Document parsed(String html) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    }

    private static List<Element> elements(Document page, String tag) {
        return elements(page.getDocumentElement(), tag);
    }

    private static List<Element> elements(Element parent, String tag) {
        NodeList nodes = parent.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
