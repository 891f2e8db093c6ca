package dev.parley.sim.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.privacy.secagg.mask.RingModulus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parley bench}: measurements with a baseline in the same run. */
@Command(
        name = "bench",
        description = "Measures a part of Parley against a baseline in the same run.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {
    @Command(
            name = "secagg",
            mixinStandardHelpOptions = true,
            description = "Masks at a site and at the coordinator, against the least they could cost on this machine.")
    int secureAggregation(
            @Option(names = "--sites", defaultValue = "100", description = "that begin the round (${DEFAULT-VALUE})")
                    int sites,
            @Option(names = "--parameters", defaultValue = "1000000", description = "model size (${DEFAULT-VALUE})")
                    int parameters,
            @Option(
                            names = "--lost",
                            defaultValue = "10",
                            description = "per cent of the sites that do not upload (${DEFAULT-VALUE})")
                    double lostPercent,
            @Option(
                            names = "--bits",
                            defaultValue = "20",
                            description = "of a ring element, 12 to 32 (${DEFAULT-VALUE})")
                    int bits,
            @Option(
                            names = "--graph",
                            defaultValue = "full",
                            description = "which sites share a seed: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
                    MaskingGraph graph,
            @Option(names = "--json", description = "print one JSON object and nothing else") boolean json)
            throws IOException {
        SecureAggregationBenchmark benchmark;
        try {
            MaskingCohort cohort = switch (graph) {
                case full -> MaskingCohort.fullGraph(sites, lostPercent);
                case k -> MaskingCohort.regularGraph(sites, lostPercent);
            };
            benchmark = new SecureAggregationBenchmark(cohort, parameters, new RingModulus(bits));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        SecureAggregationBenchmark.Result result = benchmark.run();
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? new ObjectMapper().writeValueAsString(result) : table(result));
        return 0;
    }

    @Command(
            name = "noise",
            mixinStandardHelpOptions = true,
            description = "One value of discrete noise, against Random.nextGaussian and the bytes that it is made of.")
    int noise(
            @Option(
                            names = "--values",
                            defaultValue = "1000000",
                            description = "drawn in one measurement (${DEFAULT-VALUE})")
                    int values,
            @Option(names = "--json", description = "print one JSON object and nothing else") boolean json)
            throws IOException {
        NoiseBenchmark benchmark;
        try {
            benchmark = new NoiseBenchmark(values);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        NoiseBenchmark.Result result = benchmark.run();
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? new ObjectMapper().writeValueAsString(result) : table(result));
        return 0;
    }

    @Command(
            name = "policy",
            mixinStandardHelpOptions = true,
            description = "A decision under many policies, against a decision under one.")
    int policy(
            @Option(
                            names = "--policies",
                            defaultValue = "200",
                            description = "in force at the same time, 1 to 450 (${DEFAULT-VALUE})")
                    int policies,
            @Option(names = "--json", description = "print one JSON object and nothing else") boolean json)
            throws IOException {
        PolicyBenchmark benchmark;
        try {
            benchmark = new PolicyBenchmark(policies);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PolicyBenchmark.Result result = benchmark.run();
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? new ObjectMapper().writeValueAsString(result) : result.table());
        return 0;
    }

    private static String table(NoiseBenchmark.Result result) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                """
                %,d values, medians of %d, one core
                Random.nextGaussian %.1f ns; 16 bytes of AES-256-CTR %.2f ns
                  %-32s %12s %10s %16s %10s %14s""",
                result.values(),
                result.repetitions(),
                result.nextGaussianNanos(),
                result.bytesNanos(),
                "sampler",
                "sigma",
                "ns a value",
                "of nextGaussian",
                "of bytes",
                "distance"));
        for (NoiseBenchmark.Row row : result.samplers()) {
            table.append(String.format(
                    Locale.ROOT,
                    "%n  %-32s %,12.1f %10.1f %16.2f %10.1f %14.1e",
                    row.sampler(),
                    row.sigma(),
                    row.nanos(),
                    row.ratioToNextGaussian(),
                    row.ratioToBytes(),
                    row.distance()));
        }
        return table.toString();
    }

    @Command(
            name = "dpsgd",
            mixinStandardHelpOptions = true,
            description = "A step of DP-SGD against the plain step of the same model, in turns, on one thread.")
    int privateTraining(@Option(names = "--json", description = "print one JSON object and nothing else") boolean json)
            throws IOException {
        List<DpSgdBenchmark.Result> results = DpSgdBenchmark.run();
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? new ObjectMapper().writeValueAsString(Map.of("models", results)) : table(results));
        return 0;
    }

    private static String table(List<DpSgdBenchmark.Result> results) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%-16s %10s %6s %7s %11s %8s %10s %10s %12s%n",
                "against plain",
                "parameters",
                "batch",
                "ratio",
                "with noise",
                "memory",
                "plain ms",
                "dp-sgd ms",
                "noise ns"));
        for (DpSgdBenchmark.Result result : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-16s %,10d %6d %7.2f %11.2f %8.2f %10.2f %10.2f %12.1f%n",
                    result.name(),
                    result.parameters(),
                    result.batch(),
                    result.ratio(),
                    result.noiseRatio(),
                    result.memoryRatio(),
                    result.plainSeconds() * 1e3,
                    result.privateSeconds() * 1e3,
                    result.noiseNanosPerValue()));
        }
        return table.append(
                        "processor time of one thread; noise for each value of the model; memory is the engine's peak")
                .toString();
    }

    @Command(
            name = "audit",
            mixinStandardHelpOptions = true,
            description = "The audit log: appends on this disk, and the verification of the whole log.")
    int audit(
            @Option(
                            names = "--entries",
                            defaultValue = "1000000",
                            description = "of the log that is verified (${DEFAULT-VALUE})")
                    int entries,
            @Option(names = "--json", description = "print one JSON object and nothing else") boolean json)
            throws IOException, InterruptedException {
        AuditBenchmark benchmark;
        try {
            benchmark = new AuditBenchmark(entries);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Path folder = Files.createTempDirectory("parley-bench-audit");
        AuditBenchmark.Result result;
        try {
            result = benchmark.run(folder);
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                json
                        ? new ObjectMapper().writeValueAsString(result)
                        : String.format(
                                Locale.ROOT,
                                """
                                %,d entries
                                  append, one caller          %10.3f ms each
                                  append, 4096 callers at once%10.4f ms each
                                  verify the whole log        %10.2f s (holds: %s)
                                  its hashes alone            %10.2f s""",
                                result.entries(),
                                result.aloneMillis(),
                                result.sharedMillis(),
                                result.verifySeconds(),
                                result.holds(),
                                result.hashSeconds()));
        return 0;
    }

    /** Named as they are typed. */
    enum MaskingGraph {
        full,
        k
    }

    private static String table(SecureAggregationBenchmark.Result result) {
        SecureAggregationBenchmark.Phases phases = result.phases();
        SecureAggregationBenchmark.Limits limits = result.limits();
        return String.format(
                Locale.ROOT,
                """
                %,d sites, %,d lost, %,d peers each; %,d parameters of %d bits; medians of %d, one core
                  against the limit               site   coordinator
                    ratio                    %9.2f     %9.2f
                  site
                    encode                                         %,12.2f ms
                    mask and pack            %,9d masks   %,12.2f ms
                    sent                     %,9d bytes, %.4f of the packed vector
                    messages beside it       deal %.2f ms, join %.2f ms, confirm and open %.2f ms; %,d bytes sent, %,d received
                  coordinator
                    messages                                       %,12.2f ms
                    add uploads              %,9d vectors %,12.2f ms
                    take off masks           %,9d masks   %,12.2f ms
                    peak heap above idle     %,9d bytes, %.2f sums
                  limits of one core, GB of int32 vector a second
                    expand and add           %9.1f
                    add                      %9.1f
                    copy                     %9.1f""",
                result.sites(),
                result.lost(),
                result.degree(),
                result.parameters(),
                result.bits(),
                result.repetitions(),
                result.ratioSite(),
                result.ratioCoordinator(),
                phases.siteEncode() * 1e3,
                result.masksAtSite(),
                phases.siteMaskAndPack() * 1e3,
                result.bytesPerSite(),
                result.expansion(),
                result.session().dealSeconds() * 1e3,
                result.session().joinSeconds() * 1e3,
                result.session().openSeconds() * 1e3,
                result.session().bytesSent(),
                result.session().bytesReceived(),
                result.session().coordinatorSeconds() * 1e3,
                result.sites() - result.lost(),
                phases.coordinatorAddUploads() * 1e3,
                result.masksAtCoordinator(),
                phases.coordinatorTakeOffMasks() * 1e3,
                result.coordinatorHeapBytes(),
                result.coordinatorHeapBytes() / (4.0 * result.parameters()),
                limits.maskGBps(),
                limits.addGBps(),
                limits.copyGBps());
    }

    @Spec
    private CommandSpec spec;

    /** For picocli, which fills the specification in. */
    public BenchCommand() {
        this.spec = CommandSpec.create();
    }
}
