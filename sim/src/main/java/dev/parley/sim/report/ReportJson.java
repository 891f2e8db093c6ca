package dev.parley.sim.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.learning.evaluation.MetricIntervals;
import dev.parley.learning.evaluation.MetricIntervals.Interval;
import dev.parley.learning.evaluation.Metrics;
import dev.parley.sim.report.RunReport.MissingModality;
import dev.parley.sim.report.RunReport.RoundEntry;
import dev.parley.sim.report.RunReport.Scored;
import dev.parley.sim.report.RunReport.SiteSummary;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * report.json. Names are promised to whoever reads them; a value that does not exist is null, and a number is never
 * NaN or infinite.
 */
public final class ReportJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ReportJson() {}

    /** The whole report, as one object. */
    public static ObjectNode of(RunReport report) {
        ObjectNode json = NODES.objectNode();
        json.put("scenario", report.scenario());
        json.put("seed", report.seed());
        json.put("parameters", report.parameters());
        json.put("sites", report.sites().size());
        ArrayNode rounds = json.putArray("rounds");
        report.rounds().forEach(round -> rounds.add(round(round)));
        json.set("final", scored(report.finalScores()));
        json.set("eval", orNull(report.eval().map(ReportJson::scored)));
        ObjectNode baselines = json.putObject("baselines");
        baselines.set("local", orNull(report.local().map(local -> {
            ObjectNode node = metrics(local.mean());
            node.set("perSite", each(local.perSite()));
            return node;
        })));
        baselines.set("central", orNull(report.central().map(ReportJson::scored)));
        ArrayNode missing = json.putArray("missing");
        report.missing().forEach(modality -> missing.add(missing(modality)));
        json.set("privacy", privacy(report.privacy()));
        secureAggregation(json, report);
        bytes(json, report.bytes().up(), report.bytes().down());
        json.putObject("seconds")
                .put("total", report.seconds().total())
                .put("training", report.seconds().training())
                .put("aggregation", report.seconds().aggregation());
        json.set("data", data(report.data()));
        ArrayNode sites = json.putArray("siteDetails");
        report.sites().forEach(site -> sites.add(site(site)));
        json.set("settings", setting(report.settings()));
        json.put("command", report.command());
        return json;
    }

    /** The same as indented text that ends in a line break. */
    public static String text(RunReport report) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(of(report)) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static JsonNode orNull(Optional<ObjectNode> node) {
        return node.<JsonNode>map(present -> present).orElse(NODES.nullNode());
    }

    private static ObjectNode privacy(Optional<PrivacyClaim> claim) {
        ObjectNode json = NODES.objectNode();
        if (claim.isEmpty()) {
            json.putNull("unit").putNull("epsilon").putNull("delta").putNull("accountant");
            return json;
        }
        PrivacyClaim privacy = claim.get();
        json.put("unit", privacy.unit());
        json.set("epsilon", finite(privacy.epsilon()));
        json.put("delta", privacy.delta())
                .put("accountant", PrivacyClaim.ACCOUNTANT)
                .put("neighbours", PrivacyClaim.NEIGHBOURS)
                .put("noiseMultiplier", privacy.mechanism().noiseMultiplier())
                .put("covers", "training")
                .put("foreseeableNoise", privacy.foreseeable());
        if (privacy.mechanism() instanceof PrivacyClaim.Mechanism.NoisySums sums) {
            json.put("clipNorm", sums.clipNorm()).put("noiseShares", sums.shares());
        }
        json.set("unpaid", strings(privacy.unpaid()));
        ArrayNode sites = json.putArray("sites");
        privacy.sites().forEach(site -> {
            ObjectNode node = sites.addObject().put("site", site.site()).put("unit", privacy.unit());
            node.set("epsilon", finite(site.spent().epsilon()));
            node.put("delta", privacy.delta())
                    .put("accountant", PrivacyClaim.ACCOUNTANT)
                    .put("rounds", site.spent().rounds());
        });
        ArrayNode curve = json.putArray("curve");
        privacy.curve()
                .forEach(spent ->
                        curve.addObject().put("round", spent.rounds()).set("epsilon", finite(spent.epsilon())));
        return json;
    }

    private static JsonNode finite(double value) {
        return Double.isFinite(value) ? number(value) : NODES.nullNode();
    }

    private static ObjectNode round(RoundEntry round) {
        ObjectNode json = NODES.objectNode();
        json.put("round", round.round())
                .put("task", round.task())
                .put("contributors", round.contributors())
                .put("smallestSum", round.smallestSum());
        if (round.pooled().isPresent()) {
            json.setAll(metrics(round.pooled().get()));
        } else {
            json.putNull("n");
            for (Measure measure : Measure.values()) {
                json.putNull(measure.json());
            }
        }
        json.put("seconds", round.seconds());
        bytes(json, round.upBytes(), round.downBytes());
        return json;
    }

    private static void secureAggregation(ObjectNode json, RunReport report) {
        ObjectNode sums = json.putObject("secureAggregation")
                .put("enabled", report.isSummed())
                .put("bits", report.sums().bits())
                .put("colluding", report.sums().colluding())
                .put("groups", report.sums().groups())
                .put("combination", report.sums().combination());
        report.smallestSum().ifPresentOrElse(size -> sums.put("smallestSum", size), () -> sums.putNull("smallestSum"));
    }

    private static void bytes(ObjectNode json, long up, long down) {
        json.putObject("bytes").put("up", up).put("down", down);
    }

    private static ObjectNode scored(Scored scored) {
        ObjectNode json = NODES.objectNode().put("on", scored.on());
        json.setAll(metrics(scored.overall()));
        json.set("intervals", intervals(scored.intervals()));
        json.set("perSite", each(scored.perSite()));
        json.set("perSubset", each(scored.perSubset()));
        return json;
    }

    private static ObjectNode metrics(Metrics metrics) {
        ObjectNode json = NODES.objectNode().put("n", metrics.n());
        for (Measure measure : Measure.values()) {
            OptionalDouble value = measure.of(metrics);
            json.set(measure.json(), value.isPresent() ? number(value.getAsDouble()) : NODES.nullNode());
        }
        return json;
    }

    private static ObjectNode intervals(MetricIntervals intervals) {
        ObjectNode json = NODES.objectNode();
        json.set(
                Measure.AUROC.json(),
                intervals.auroc().<JsonNode>map(ReportJson::interval).orElse(NODES.nullNode()));
        json.set(Measure.ACCURACY.json(), interval(intervals.accuracy()));
        json.set(Measure.MACRO_F1.json(), interval(intervals.macroF1()));
        json.set(Measure.ECE.json(), interval(intervals.ece()));
        return json;
    }

    private static ArrayNode interval(Interval interval) {
        return NODES.arrayNode().add(interval.low()).add(interval.high());
    }

    private static ObjectNode each(Map<String, Metrics> named) {
        ObjectNode json = NODES.objectNode();
        named.forEach((name, metrics) -> json.set(name, metrics(metrics)));
        return json;
    }

    private static ObjectNode missing(MissingModality missing) {
        ObjectNode json = NODES.objectNode().put("modality", missing.modality());
        json.set("masked", metrics(missing.masked()));
        json.set("zeroFilled", metrics(missing.zeroFilled()));
        return json;
    }

    private static ObjectNode data(RunReport.Data data) {
        ObjectNode json = NODES.objectNode();
        json.set("classes", strings(data.classes()));
        json.set("modalities", strings(data.modalities()));
        json.put("quarantined", data.quarantined());
        json.set("notes", strings(data.notes()));
        return json;
    }

    private static ArrayNode strings(Collection<String> values) {
        ArrayNode json = NODES.arrayNode();
        values.forEach(json::add);
        return json;
    }

    private static ObjectNode site(SiteSummary site) {
        ObjectNode json = NODES.objectNode();
        json.put("site", site.site())
                .put("training", site.training())
                .put("heldOut", site.heldOut())
                .put("subjects", site.subjects())
                .put("withheld", site.withheld())
                .put("quarantined", site.quarantined());
        ArrayNode perClass = json.putArray("perClass");
        site.perClass().forEach(count -> perClass.add(count.intValue()));
        ObjectNode share = json.putObject("modalityShare");
        site.modalityShare().forEach((modality, value) -> share.put(modality, value.doubleValue()));
        return json;
    }

    /** @throws IllegalArgumentException if a value is neither string, number, boolean, list nor map of these */
    static void requireSettings(Map<String, Object> settings) {
        setting(settings);
    }

    private static JsonNode setting(Object value) {
        return switch (value) {
            case String text -> NODES.textNode(text);
            case Boolean truth -> NODES.booleanNode(truth);
            case Integer whole -> NODES.numberNode(whole);
            case Long whole -> NODES.numberNode(whole);
            case BigInteger whole -> NODES.numberNode(whole);
            case BigDecimal decimal -> NODES.numberNode(decimal);
            case Float real -> setting(Double.parseDouble(real.toString()));
            case Double real -> Double.isFinite(real) ? NODES.numberNode(real) : NODES.textNode(real.toString());
            case Collection<?> values -> {
                ArrayNode json = NODES.arrayNode();
                values.forEach(element -> json.add(setting(element)));
                yield json;
            }
            case Map<?, ?> entries -> {
                ObjectNode json = NODES.objectNode();
                entries.forEach((name, element) -> json.set(String.valueOf(name), setting(element)));
                yield json;
            }
            default ->
                throw new IllegalArgumentException("a setting is a string, number, boolean, list or map, got "
                        + value.getClass().getName());
        };
    }

    private static JsonNode number(double value) {
        return NODES.numberNode(value);
    }
}
